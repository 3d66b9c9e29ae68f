//! Join a workspace by an invitation's link.

use app::{
    JoinWorkspace,
    identity::{SignIn, mark_browser},
    invitation::InvitationFound,
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use domain::{ids::UserId, permission::Role, preference::Locale};

use super::{enter, failed, field, second::ask_for_second, sign_in::login_or_new};
use crate::{
    identity::view::JoinPage,
    page::Field,
    state::Server,
    web::{Cookie, PageError, PageResult, Typed, Visit, Visitor, collect, page, page_with, zones},
};

pub(super) async fn show(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
) -> PageResult {
    let (mut empty, zone) = join_page(&server, &visit, &token, &Typed::default(), &[]).await?;
    (empty.zone, empty.is_zone_proposed) = (Field::new(zone), true);
    Ok(page(&empty))
}

/// The page, and the zone that the workspace has for new members.
async fn join_page(
    server: &Server,
    visit: &Visit,
    token: &str,
    form: &Typed,
    wrong: &[app::FieldError],
) -> Result<(JoinPage, String), PageError> {
    let found = server.app.look_at_invitation_link(visit.info().id, token).await;
    let invitation = found.map_err(|error| failed(visit, error))?;
    let page = JoinPage {
        layout: visit.plain("join", "Join"),
        action: format!("/join/{token}"),
        token: token.to_owned(),
        text: format!("You are invited as {}.", role_in_words(&invitation)),
        workspace: invitation.workspace,
        email: invitation.address.as_str().to_owned(),
        name: field(form, "name", wrong),
        zone: field(form, "zone", wrong),
        is_zone_proposed: false,
        zones: zones(),
    };
    Ok((page, invitation.zone.as_str().to_owned()))
}

fn role_in_words(invitation: &InvitationFound) -> String {
    let name = &invitation.role_name;
    match invitation.role.role {
        Role::Own => format!("“{name}”"),
        Role::Client => "a guest, to see a client’s reports".to_owned(),
        Role::Accountant | Role::Admin | Role::Auditor | Role::Owner => format!("an {name}"),
        Role::Manager | Role::Member => format!("a {name}"),
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
    let joined = joined.map_err(|error| failed(&visit, error))?;
    let to = format!("/w/{}/today", joined.workspace);
    match joined.sign_in {
        SignIn::Opened(session) => {
            let mut response = enter(&server, &visit, &session, &to).await;
            mark(&server, &visit, session.user, response.headers_mut()).await;
            Ok(response)
        }
        _ => Ok(ask_for_second(&visit, secret.as_deref(), &to)),
    }
}

/// Marks the browser as known: the link proved that the mailbox is theirs, and their next sign-in here
/// is no news.
async fn mark(server: &Server, visit: &Visit, user: UserId, headers: &mut HeaderMap) {
    let (request, origin) = (visit.info().id, visit.origin().clone());
    let mark = server.app.read_directory(request, move |op| mark_browser(op, user, &origin)).await;
    match mark {
        Ok(mark) => visit.set_cookie(headers, Cookie::Device, mark.expose(), Some(31_536_000)),
        Err(error) => {
            tracing::warn!(request_id = %request, %error, "a browser is not marked as known");
        }
    }
}
