//! The instance's own log, for everybody: its signed head, the hashes of its tree, and the key it is signed
//! with. Leaves are not here: they say who did what, and hashes of them say nothing.

use app::{
    DirectoryOp, Error,
    ledger::{
        Halt, Witnessed, find_halt, instance_checkpoint, instance_tile, list_witnesses,
        verifier_keys,
    },
};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, header},
    response::Response,
    routing::get,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::api::{bytes, text};
use crate::{
    error::ApiError,
    extract::{PathIds, RequestInfo},
    state::Server,
};

/// A file is the same for ever.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Routes of the instance's log. They are read by programs, of people whom this server does not know.
pub(crate) fn routes() -> Router<Server> {
    Router::new()
        .route("/ledger/checkpoint", get(checkpoint))
        .route("/ledger/tile/{level}/{*index}", get(tile))
        .route("/ledger/keys", get(keys))
        .route("/ledger/witnesses", get(witnesses))
}

async fn checkpoint(
    State(server): State<Server>,
    request: RequestInfo,
) -> Result<Response, ApiError> {
    Ok(text(read(&server, request, instance_checkpoint).await?))
}

async fn tile(
    State(server): State<Server>,
    request: RequestInfo,
    PathIds((level, index)): PathIds<(String, String)>,
) -> Result<Response, ApiError> {
    let path = format!("tile/{level}/{index}");
    let tile = read(&server, request, move |op| instance_tile(op, &path)).await?;
    let mut response = bytes(tile);
    response.headers_mut().insert(header::CACHE_CONTROL, FOR_EVER);
    Ok(response)
}

/// A key a line, as C2SP `signed-note` writes them.
async fn keys(State(server): State<Server>, request: RequestInfo) -> Result<Response, ApiError> {
    let keys = read(&server, request, verifier_keys).await?;
    Ok(text(keys.into_iter().map(|key| key + "\n").collect()))
}

/// How it stands with the witnesses, and whether anything is signed at all.
async fn witnesses(
    State(server): State<Server>,
    request: RequestInfo,
) -> Result<Json<Value>, ApiError> {
    let find = |op: &mut DirectoryOp| Ok((find_halt(op)?, list_witnesses(op)?));
    let (halt, witnesses) = read(&server, request, find).await?;
    let state = if halt.is_some() { "stopped" } else { "going_on" };
    Ok(Json(json!({
        "state": state,
        "stopped": halt.as_ref().map(stopped),
        "witnesses": witnesses.iter().map(witnessed).collect::<Vec<_>>(),
    })))
}

fn stopped(halt: &Halt) -> Value {
    json!({
        "at": instant(halt.at),
        "by": halt.source.as_str(),
        "witness": (!halt.name.is_empty()).then_some(&halt.name),
        "known_size": halt.size,
        "head": halt.note,
    })
}

fn witnessed(one: &Witnessed) -> Value {
    let (cosigned, failure) = (one.cosigned, one.failure.as_ref());
    json!({
        "key": one.key,
        "cosigned_size": cosigned.map(|(size, _)| size),
        "cosigned_at": cosigned.and_then(|(_, at)| instant(at)),
        "failure": failure.map(|(why, _)| why),
        "failed_at": failure.and_then(|(_, at)| instant(*at)),
    })
}

fn instant(at: i64) -> Option<String> {
    Some(Timestamp::from_microsecond(at).ok()?.to_string())
}

async fn read<T: Send + 'static>(
    server: &Server,
    request: RequestInfo,
    operation: impl FnMut(&mut DirectoryOp) -> Result<T, Error> + Send + 'static,
) -> Result<T, ApiError> {
    let outcome = server.app.read_directory(request.id, operation).await;
    outcome.map_err(|error| ApiError::new(error, request.id))
}
