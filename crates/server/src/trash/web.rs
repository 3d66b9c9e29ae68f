//! Restoring from the page of the trash.

use app::trash::{ThingId, restore};
use axum::{
    Router,
    extract::{Path, State},
    routing::post,
};

use crate::{
    error::Failure,
    state::Server,
    time_entry::{trash::show, web::told},
    web::{Flash, PageError, PageResult, SignedIn, Typed},
};

/// Routes of the things in the trash.
pub fn routes() -> Router<Server> {
    Router::new().route("/w/{workspace}/trash/{kind}/{id}/restore", post(put_back))
}

/// Out of the trash, back to its page; a refusal stands above what is still there.
async fn put_back(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, kind, id)): Path<(String, String, String)>,
    _form: Typed,
) -> PageResult {
    let thing = read(&member, &kind, &id)?;
    let restored = member.try_write(&server, move |op| restore(op, thing)).await;
    match restored {
        Ok(()) => Ok(member.back("trash", Some(Flash::Restored))),
        Err(error) => {
            let (status, notice) = told(&member, error)?;
            show(&server, &member, status, Some(notice), None).await
        }
    }
}

fn read(member: &SignedIn, kind: &str, id: &str) -> Result<ThingId, PageError> {
    Ok(match kind {
        "client" => ThingId::Client(member.id(id)?),
        "project" => ThingId::Project(member.id(id)?),
        "task" => ThingId::Task(member.id(id)?),
        "tag" => ThingId::Tag(member.id(id)?),
        _ => return Err(member.fail(Failure::not_found())),
    })
}
