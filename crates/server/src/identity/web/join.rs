//! Join a workspace by a link from a mail: an invitation's, or one for who may join by themselves.

use app::{
    Invitee, JoinWorkspace, Refusal,
    identity::{NewSession, SignIn, mark_browser},
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use domain::{ids::WorkspaceId, joining::MailDomain, preference::Locale};

use super::{
    enter, failed, field,
    link::{failed_with, not_valid},
    second::ask_for_second,
    sign_in::login_or_new,
};
use crate::{
    identity::view::JoinPage,
    joining::{role_words, view::OffersPage},
    page::{Field, WorkspaceLink},
    state::Server,
    web::{
        Cookie, PageError, PageResult, Typed, Visit, Visitor, collect, page, page_with, redirect,
        zones,
    },
};

/// What helps whose link to join does not work.
const INVITED: &str = "If you have joined by it already, sign in with your e-mail address. Otherwise ask who \
                       invited you to invite you again.";

pub(super) async fn show(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
) -> PageResult {
    // A link without a workspace was mailed to who may join by themselves.
    if !token.contains('.') {
        return offer(&server, &visit, &token).await;
    }
    let (mut empty, zone) = join_page(&server, &visit, &token, &Typed::default(), &[]).await?;
    (empty.zone, empty.is_zone_proposed) = (Field::new(zone), true);
    Ok(page(&empty))
}

/// Where the link lets join: the one workspace, or the choice among several.
async fn offer(server: &Server, visit: &Visit, token: &str) -> PageResult {
    let offered = server.app.list_offered(visit.info().id, token).await;
    let offered = offered.map_err(|error| failed_with(visit, error, INVITED))?;
    let link = |workspace: WorkspaceId| format!("/join/{}.{token}", workspace.uuid().as_simple());
    let offers: Vec<_> = offered
        .into_iter()
        .map(|found| {
            let href = link(found.workspace);
            WorkspaceLink { name: found.name, href, is_current: false }
        })
        .collect();
    match offers.as_slice() {
        [] => Err(failed(visit, Refusal::NoJoining.into())),
        [only] => Ok(redirect(&only.href, None)),
        _ => Ok(page(&OffersPage { layout: visit.plain("offers", "Join"), offers })),
    }
}

/// The page, and the zone that the workspace has for new members.
async fn join_page(
    server: &Server,
    visit: &Visit,
    token: &str,
    form: &Typed,
    wrong: &[app::FieldError],
) -> Result<(JoinPage, String), PageError> {
    let found = server.app.look_at_join_link(visit.info().id, token).await;
    let invitee = found.map_err(|error| failed_with(visit, error, INVITED))?;
    let page = JoinPage {
        layout: visit.plain("join", "Join"),
        action: format!("/join/{token}"),
        name: field(form, "name", wrong),
        zone: field(form, "zone", wrong),
        zones: zones(),
        ..JoinPage::of(&invitee)
    };
    Ok((page, invitee.zone.as_str().to_owned()))
}

impl JoinPage {
    /// What it says of the workspace and of who may join.
    pub(crate) fn of(invitee: &Invitee) -> Self {
        let role = role_words(invitee.role.role, &invitee.role_name);
        let text = if invitee.is_by_rule() {
            let domain = MailDomain::of(&invitee.address).shown();
            format!("Who has an address at {domain} may join as {role}.")
        } else {
            format!("You are invited as {role}.")
        };
        Self {
            text,
            workspace: invitee.workspace.clone(),
            email: invitee.address.as_str().to_owned(),
            ..Self::default()
        }
    }
}

pub(super) async fn carry_out(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
    form: Typed,
) -> PageResult {
    let mut wrong = Vec::new();
    let name = collect(&mut wrong, app::input::name("name", form.get("name")));
    let zone = collect(&mut wrong, app::input::zone("zone", form.get("zone").trim()));
    let (Some(name), Some(zone)) = (name, zone) else {
        let (again, _) = join_page(&server, &visit, &token, &form, &wrong).await?;
        return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again));
    };
    let (cookie_hash, secret) = login_or_new(&server, &visit)?;
    let origin = visit.origin().clone();
    let command = JoinWorkspace { token, name, zone, locale: Locale::EnGb, cookie_hash, origin };
    let joined = server.app.join(visit.info().id, command).await;
    let joined = joined.map_err(|error| failed_with(&visit, error, INVITED))?;
    let to = format!("/w/{}/today", joined.workspace);
    match joined.sign_in {
        Some(SignIn::Opened(session)) => {
            let mut response = enter(&server, &visit, &session, &to).await;
            mark(&server, &visit, session, response.headers_mut()).await;
            Ok(response)
        }
        Some(SignIn::SecondAsked) => Ok(ask_for_second(&visit, secret.as_deref(), &to)),
        // Who is signed in already goes on; everybody else signs in first.
        None => Ok(redirect(&to, None)),
        // Their address changed in this moment: the mailbox that has the link is nobody's now.
        Some(_) => Err(not_valid(&visit, INVITED)),
    }
}

/// Marks the browser as known: the link proved that the mailbox is theirs, and their next sign-in here
/// is no news.
async fn mark(server: &Server, visit: &Visit, session: NewSession, headers: &mut HeaderMap) {
    let (request, origin) = (visit.info().id, visit.origin().clone());
    let mark =
        server.app.read_directory(request, move |op| mark_browser(op, &session, &origin)).await;
    match mark {
        Ok(None) => {}
        Ok(Some(mark)) => {
            visit.set_cookie(headers, Cookie::Device, mark.expose(), Some(31_536_000));
        }
        Err(error) => {
            tracing::warn!(request_id = %request, %error, "a browser is not marked as known");
        }
    }
}
