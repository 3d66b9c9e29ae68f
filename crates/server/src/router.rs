//! All routes, and what every request passes on its way to them.

mod guard;
mod honest;
mod refusals;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path},
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use serde_json::{Value, json};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;

use crate::{
    api,
    error::Failure,
    policy_report,
    state::Server,
    web::{PageError, Visitor, gate},
};

pub(crate) use refusals::Code;
pub use refusals::Refusals;

/// The largest body a request can have.
const BODY_LIMIT_BYTES: usize = 256 * 1024;

/// Where one asks whether the server serves.
const HEALTH: &str = "/healthz";

/// The whole server.
///
/// What every request passes stands around the router, not as a layer of each of its routes: a route
/// is cloned for each request with all of its layers, and each layer clones what is below it again.
pub fn router(server: Server) -> Router {
    let layers = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(server.clone(), guard::guard))
        .layer(middleware::map_response(honest::put_back))
        .layer(CompressionLayer::new())
        .layer(middleware::map_response(honest::remember))
        .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES));
    Router::new().fallback_service(layers.service(routes(server)))
}

fn routes(server: Server) -> Router {
    Router::new()
        .nest_service("/api/v1", api::router(&server))
        // What is asked for there is told to programs, of other versions too.
        .route("/api/", any(api::nothing_here))
        .route("/api/{*path}", any(api::nothing_here))
        .merge(pages(&server))
        .route("/assets/{hash}/{*path}", get(asset))
        .merge(crate::problems::routes())
        .merge(crate::ledger::public::routes())
        .route(HEALTH, get(healthz))
        .merge(policy_report::routes())
        .route(
            "/sign-in/provider/{place}/{id}/logout",
            post(crate::identity::web::provider::hear_logout),
        )
        .with_state(server)
}

/// Everything a person opens in a browser.
fn pages(server: &Server) -> Router<Server> {
    Router::new()
        .merge(crate::identity::web::routes())
        .merge(crate::timer::web::routes())
        .merge(crate::time_entry::web::routes())
        .merge(crate::client::web::routes())
        .merge(crate::member::web::routes())
        .merge(crate::profile::web::routes())
        .merge(crate::project::web::routes())
        .merge(crate::provider::web::routes())
        .merge(crate::report::web::routes())
        .merge(crate::security::web::routes())
        .merge(crate::role::web::routes())
        .merge(crate::sign_in_policy::web::routes())
        .merge(crate::support::web::routes())
        .merge(crate::joining::web::routes())
        .merge(crate::tag::web::routes())
        .merge(crate::task::web::routes())
        .merge(crate::team::web::routes())
        .merge(crate::token::of::routes())
        .merge(crate::token::web::routes())
        .merge(crate::trash::web::routes())
        .merge(crate::record::web::routes())
        .merge(crate::record::thing::routes())
        .merge(crate::record::proof::routes())
        .merge(crate::workspace::web::routes())
        .merge(crate::live::routes())
        .fallback(no_page)
        .method_not_allowed_fallback(no_method)
        .layer(middleware::from_fn_with_state(server.clone(), gate))
}

async fn no_page(Visitor(visit): Visitor) -> PageError {
    PageError::new(&visit, Failure::not_found())
}

/// The path is there, and `Allow` says for which methods; people read that there is no such page.
async fn no_method(Visitor(visit): Visitor) -> PageError {
    let title = "This page does not answer that method.";
    let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method.not_allowed", title);
    PageError::new(&visit, failure)
}

/// A file that pages load. Its address changes with its content, so browsers keep it for a year.
async fn asset(Path((_, path)): Path<(String, String)>) -> Response {
    let Some(asset) = crate::assets::find(&path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.bytes).into_response()
}

/// Answers whether the server serves; without detail, since anybody may ask.
async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}
