//! Stop a reset of somebody's second factors, by the link that they and the owners were mailed.

use app::identity::{look_at_reset, stop_reset};
use axum::extract::{Path, State};

use super::{failed, link::not_valid};
use crate::{
    identity::view::ConfirmLinkPage,
    state::Server,
    web::{PageResult, Typed, Visitor, page},
};

/// What helps whose link to stop a reset does not work.
const STOPPED: &str = "The reset was stopped already, or is done. Sign in and look at “My security”, or ask who \
                       runs the server.";

/// Shows what the button does; mail scanners open links too.
pub(super) async fn show(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
) -> PageResult {
    let looked = token.clone();
    let found = server
        .app
        .read_directory(visit.info().id, move |op| look_at_reset(op, &looked))
        .await
        .map_err(|error| failed(&visit, error))?
        .ok_or_else(|| not_valid(&visit, STOPPED))?;
    let due_at = found.due_at.strftime("%Y-%m-%d %H:%M UTC");
    let heading = "Keep the second step of a sign-in";
    Ok(page(&ConfirmLinkPage {
        layout: visit.plain("stop-reset", heading),
        heading: heading.to_owned(),
        text: format!(
            "The second step of the sign-in of {} is about to be removed, at {due_at}, by who runs this \
             server or an owner of their workspaces. With this button it stays, and owners \
             cannot ask for it again for seven days.",
            found.address.as_str()
        ),
        action: format!("/stop-reset/{token}"),
        token,
        button: "Keep it".to_owned(),
    }))
}

pub(super) async fn stop(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
    _form: Typed,
) -> PageResult {
    let origin = visit.origin().clone();
    let stopped = server
        .app
        .write_directory(visit.info().id, move |op| stop_reset(op, &token, &origin))
        .await;
    match stopped {
        Ok(()) => {}
        Err(app::Error::Refused(_)) => return Err(not_valid(&visit, STOPPED)),
        Err(error) => return Err(failed(&visit, error)),
    }
    let heading = "The second step stays";
    Ok(page(&ConfirmLinkPage {
        layout: visit.plain("stop-reset", heading),
        heading: heading.to_owned(),
        text: "Nothing is removed. The person it is about is told by mail.".to_owned(),
        ..ConfirmLinkPage::default()
    }))
}
