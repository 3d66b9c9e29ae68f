//! The page of support access: owners decide there, and who sees the record looks. And the link by which
//! support comes in: a GET shows a button, and only its POST uses it up.

use app::{
    Error, Op, Refusal,
    actor::Via,
    support::{
        GrantSupport, State, Support, end_support, grant_support, list_support, refuse_support,
    },
};
use axum::{
    Router,
    extract::{Path, State as Extract},
    http::StatusCode,
    response::IntoResponse,
    routing::{get, post},
};
use domain::{
    ids::SupportId,
    permission::{Relation, Right},
};

use super::{
    access::{cookie_text, read_cookie},
    pages::first_page,
    present::row,
    view::SupportPage,
};
use crate::{
    error::Failure,
    identity::view::ConfirmLinkPage,
    page::{Notice, Place, Tone},
    state::Server,
    web::{
        Cookie, Flash, Frame, PageError, PageResult, Refused, SignedIn, Typed, Visit, Visitor,
        page, page_with, redirect,
    },
};

/// Routes of support access.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/support/ended", get(over))
        .route("/support/{token}", get(show_link).post(use_link))
        .route("/w/{workspace}/support", get(list))
        .route("/w/{workspace}/support/{id}/grant", post(give))
        .route("/w/{workspace}/support/{id}/refuse", post(refuse))
        .route("/w/{workspace}/support/{id}/end", post(end))
}

type One = Path<(String, String)>;

async fn list(Extract(server): Extract<Server>, member: SignedIn) -> PageResult {
    show(&server, &member, StatusCode::OK, None, None).await
}

/// The page, with what could not be done: beside its field, or above all.
async fn show(
    server: &Server,
    member: &SignedIn,
    status: StatusCode,
    notice: Option<Notice>,
    wrong: Option<(SupportId, Refused)>,
) -> PageResult {
    let (frame, mut body) = member.read(server, |op| Ok((Frame::read(op)?, body(op)?))).await?;
    if let Some((id, refused)) = wrong {
        for row in body.asked.iter_mut().filter(|row| row.id == id.to_string()) {
            row.minutes = refused.field("minutes");
        }
    }
    let frame = frame.with_notice(notice);
    let layout = frame.layout(server, member, Place::Support, "support", "Support access").await?;
    Ok(page_with(status, &SupportPage { layout, ..body }))
}

fn body(op: &mut Op) -> Result<SupportPage, Error> {
    let all = list_support(op)?;
    let mut page = SupportPage {
        decides: op.may(Right::GrantSupport, Relation::Workspace),
        ..SupportPage::default()
    };
    for support in &all {
        let row = row(op, support)?;
        match support.state(op.now()) {
            State::Asked | State::Waits(_) | State::Ready => page.asked.push(row),
            State::Open(_) => page.open.push(row),
            State::Refused | State::Lapsed | State::Ended => page.past.push(row),
        }
    }
    Ok(page)
}

async fn give(
    Extract(server): Extract<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: SupportId = member.id(&id)?;
    let minutes = form.get("minutes").trim().parse().unwrap_or(0);
    let grant = GrantSupport { id, minutes, may_write: form.is_ticked("may_write") };
    let given = member.try_write(&server, move |op| grant_support(op, grant)).await;
    decided(&server, &member, &form, id, given).await
}

async fn refuse(
    Extract(server): Extract<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: SupportId = member.id(&id)?;
    let refused = member.try_write(&server, move |op| refuse_support(op, id)).await;
    decided(&server, &member, &form, id, refused).await
}

async fn decided(
    server: &Server,
    member: &SignedIn,
    form: &Typed,
    id: SupportId,
    outcome: Result<Support, Error>,
) -> PageResult {
    match outcome {
        Ok(_) => Ok(member.back("support", Some(Flash::Saved))),
        Err(Error::NeedsProof) => Err(member.ask_for_proof(form)),
        Err(Error::Refused(refusal)) => {
            let notice = Notice { tone: Tone::Bad, text: refusal.sentence() };
            show(server, member, StatusCode::CONFLICT, Some(notice), None).await
        }
        Err(Error::Invalid(fields)) => {
            let refused = Refused::new(member, form.clone(), Error::Invalid(fields))?;
            show(server, member, StatusCode::UNPROCESSABLE_ENTITY, None, Some((id, refused))).await
        }
        Err(error) => Err(member.fail(error)),
    }
}

async fn end(
    Extract(server): Extract<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    let id: SupportId = member.id(&id)?;
    let ended = member
        .write(&server, move |op| {
            end_support(op, id)?;
            Ok(matches!(op.me().via, Via::Support(..)))
        })
        .await?;
    if !ended {
        return Ok(member.back("support", Some(Flash::SupportEnded)));
    }
    let mut response = redirect("/support/ended", None).into_response();
    member.visit.remove_cookie(response.headers_mut(), Cookie::Support);
    Ok(response)
}

/// What helps where the link does not work.
const PRINT_ANEW: &str = "A link for support works once, for ten minutes, while what was given is open. Have a \
                          new one printed with “timeproof support open”.";

fn not_valid(visit: &Visit) -> PageError {
    let failure = Failure::from(Error::from(Refusal::LinkNotValid));
    PageError::new(visit, failure.with_detail(PRINT_ANEW))
}

const LOOK: &str = "Look into a workspace as support";
const ENDED: &str = "Support access has ended";

fn button(visit: &Visit, token: String) -> ConfirmLinkPage {
    ConfirmLinkPage {
        layout: visit.plain("link", LOOK),
        heading: LOOK.to_owned(),
        text: "This link works once. Everything you look at will stand in the record of the workspace."
            .to_owned(),
        action: format!("/support/{token}"),
        token,
        button: "Begin".to_owned(),
    }
}

/// Where support goes that has ended itself.
async fn over(Visitor(visit): Visitor) -> PageResult {
    Ok(page(&ConfirmLinkPage {
        layout: visit.plain("link", ENDED),
        heading: ENDED.to_owned(),
        text: "What you have looked at stands in the record of the workspace.".to_owned(),
        ..ConfirmLinkPage::default()
    }))
}

async fn show_link(Visitor(visit): Visitor, Path(token): Path<String>) -> PageResult {
    read_cookie(&token).ok_or_else(|| not_valid(&visit))?;
    Ok(page(&button(&visit, token)))
}

async fn use_link(
    Extract(server): Extract<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
    _form: Typed,
) -> PageResult {
    let (workspace, secret) = read_cookie(&token).ok_or_else(|| not_valid(&visit))?;
    let entered = server.app.enter_support(visit.info().id, workspace, &secret).await;
    let session = entered.map_err(|error| match error {
        Error::Refused(Refusal::LinkNotValid) => not_valid(&visit),
        error => PageError::new(&visit, error),
    })?;
    let life_s = (session.ends_at.as_second() - visit.now().as_second()).max(0);
    let place = format!("/w/{workspace}/{}", first_page(session.areas));
    let mut response = redirect(&place, None).into_response();
    let cookie = cookie_text(workspace, session.secret.expose());
    visit.set_cookie(response.headers_mut(), Cookie::Support, &cookie, Some(life_s));
    Ok(response)
}
