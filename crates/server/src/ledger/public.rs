//! The instance's own log, for everybody: its signed head, the hashes of its tree, and the key it is signed
//! with. Leaves are not here: they say who did what, and hashes of them say nothing.

use app::{
    DirectoryOp, Error,
    ledger::{instance_checkpoint, instance_tile, verifier_keys},
};
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    response::Response,
    routing::get,
};

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

async fn read<T: Send + 'static>(
    server: &Server,
    request: RequestInfo,
    operation: impl FnMut(&mut DirectoryOp) -> Result<T, Error> + Send + 'static,
) -> Result<T, ApiError> {
    let outcome = server.app.read_directory(request.id, operation).await;
    outcome.map_err(|error| ApiError::new(error, request.id))
}
