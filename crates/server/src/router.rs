//! All routes, and what every request passes on its way to them.

mod guard;

use axum::{Json, Router, extract::DefaultBodyLimit, middleware, routing::get};
use serde_json::{Value, json};
use tower_http::compression::CompressionLayer;

use crate::{api, state::Server};

/// The largest body a request can have.
const BODY_LIMIT_BYTES: usize = 256 * 1024;

/// The whole server.
pub fn router(server: Server) -> Router {
    Router::new()
        .nest("/api/v1", api::router(&server))
        .route("/healthz", get(healthz))
        .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(server.clone(), guard::guard))
        .with_state(server)
}

/// Answers whether the server serves; without detail, since anybody may ask.
async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}
