//! The page of one's security. Its sections have their forms in files of their own.

use app::{identity::list_memberships, member::get_me};
use axum::{Router, extract::State, routing::get};

use super::{password, second, sessions, view::SecurityPage};
use crate::{
    page::Place,
    state::Server,
    web::{Frame, PageError, PageResult, SignedIn, page, redirect},
};

/// Routes of the page and of its sections.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/security", get(anywhere))
        .route("/w/{workspace}/security", get(show))
        .merge(password::routes())
        .merge(second::routes())
        .merge(sessions::routes())
}

/// Where letters lead, which know of no workspace: the page in the first one of the person.
async fn anywhere(State(server): State<Server>, member: SignedIn) -> PageResult {
    let user = member.session.user;
    let found = server
        .app
        .read_directory(member.actor.request, move |op| list_memberships(op, user))
        .await
        .map_err(|error| member.fail(error))?;
    let first = found.first().map(|found| format!("/w/{}/security", found.workspace));
    Ok(redirect(first.as_deref().unwrap_or("/"), None))
}

async fn show(State(server): State<Server>, member: SignedIn) -> PageResult {
    Ok(page(&read(&server, &member).await?))
}

/// The page as it is now. A section that refuses a form puts what was typed into its own view, and
/// shows the page with the status of the refusal.
pub(super) async fn read(server: &Server, member: &SignedIn) -> Result<SecurityPage, PageError> {
    let found = sessions::find(server, member).await?;
    let own_password = password::find(server, member).await?;
    let factors = second::find(server, member).await?;
    let current = member.session.id;
    let (frame, page) = member
        .read(server, move |op| {
            let page = SecurityPage {
                email: get_me(op)?.address,
                password: password::section(op, &own_password),
                second: second::section(op, &factors),
                sessions: sessions::section(op, &found, current),
                ..SecurityPage::default()
            };
            Ok((Frame::read(op)?, page))
        })
        .await?;
    let layout = frame.layout(server, member, Place::Security, "security", "My security").await?;
    Ok(SecurityPage { layout, ..page })
}
