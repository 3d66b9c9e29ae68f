//! What somebody who reads the record takes along to prove it elsewhere: the receipt of an event, the log's
//! last head, and the key that both are checked with. The files are those of the API; `tp verify` reads them.

use app::ledger::{last_head, receipt, verifier_key};
use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::ids::EventId;

use crate::{
    state::Server,
    web::{PageError, SignedIn},
};

/// Routes of the files.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/record/receipts/{id}", get(receipt_of))
        .route("/w/{workspace}/record/head", get(head))
        .route("/w/{workspace}/record/key", get(key))
}

async fn receipt_of(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let id: EventId = member.id(&id)?;
    let file = member.read(&server, move |op| receipt(op, id)).await?;
    Ok(attachment(&format!("event-{id}.tlog-proof"), file))
}

async fn head(State(server): State<Server>, member: SignedIn) -> Result<Response, PageError> {
    let head = member.read(&server, |op| last_head(op)?.ok_or(app::Error::NotFound)).await?;
    Ok(attachment(&format!("checkpoint-{}.txt", head.size), head.note))
}

async fn key(State(server): State<Server>, member: SignedIn) -> Result<Response, PageError> {
    let key = member.read(&server, verifier_key).await?;
    Ok(attachment("ledger-keys.txt", key + "\n"))
}

/// A file to be stored under a name.
fn attachment(name: &str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, text).into_response()
}
