//! The page of one's security. Its sections have their forms in files of their own.

use app::member::get_me;
use axum::{Router, extract::State, routing::get};

use super::{password, second, sessions, view::SecurityPage};
use crate::{
    page::Place,
    state::Server,
    web::{Frame, PageError, PageResult, SignedIn, page},
};

/// Routes of the page and of its sections.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/security", get(show))
        .merge(password::routes())
        .merge(second::routes())
        .merge(sessions::routes())
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
