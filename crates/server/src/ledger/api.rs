//! The ledger of a workspace in the API: its signed head, the files of its tree, the proof of one event.
//! The texts and bytes are those of C2SP, so that tools of others read them; `docs/ledger.md` says how.

use app::ledger::{checkpoint, receipt, tile};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use domain::ids::EventId;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::problem::Problem;

use crate::{
    error::ApiError,
    extract::{Caller, PathIds},
    state::Server,
};

/// Routes of the ledger.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(get_checkpoint))
        .routes(routes!(get_tile))
        .routes(routes!(get_receipt))
}

/// The head of the workspace's ledger as a signed note (C2SP `tlog-checkpoint`): how many events it has, and
/// the root of their tree. Some seconds old at most; 404 for the first seconds of a workspace.
#[utoipa::path(get, path = "/workspaces/{workspace}/ledger/checkpoint",
    operation_id = "getLedgerCheckpoint", tag = "ledger", params(("workspace" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/plain"),
              (status = "default", body = Problem)))]
async fn get_checkpoint(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Response, ApiError> {
    Ok(text(caller.read(&server, checkpoint).await?))
}

/// A file of the workspace's ledger (C2SP `tlog-tiles`): hashes of a level of the tree, or with the level
/// `entries` the events' canonical bytes. An index is as there: `000`, `x001/234`, `000.p/17` for the first
/// 17 of a file that is not full.
#[utoipa::path(get, path = "/workspaces/{workspace}/ledger/tile/{level}/{*index}",
    operation_id = "getLedgerTile", tag = "ledger",
    params(("workspace" = Uuid, Path), ("level" = String, Path), ("index" = String, Path)),
    responses((status = 200, body = String, content_type = "application/octet-stream"),
              (status = "default", body = Problem)))]
async fn get_tile(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, level, index)): PathIds<(Uuid, String, String)>,
) -> Result<Response, ApiError> {
    let path = format!("tile/{level}/{index}");
    Ok(bytes(caller.read(&server, move |op| tile(op, &path)).await?))
}

/// The proof that an event is in the workspace's ledger (C2SP `tlog-proof`), with the event's canonical
/// bytes: a file that can be checked without this server. 404 for the first seconds of an event.
#[utoipa::path(get, path = "/workspaces/{workspace}/ledger/receipts/{id}",
    operation_id = "getLedgerReceipt", tag = "ledger",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/plain"),
              (status = "default", body = Problem)))]
async fn get_receipt(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let id = EventId::from_uuid(id);
    Ok(text(caller.read(&server, move |op| receipt(op, id)).await?))
}

/// A text of the formats, as it is.
pub(super) fn text(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// Bytes of the formats, as they are.
pub(super) fn bytes(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}
