//! The JSON API: its router, its document, and answers for paths and methods that are not there.

mod document;
mod examples;
mod limits;

use std::sync::Arc;

use app::paging::{self, Asked, Paged};
use axum::{
    Json, Router,
    extract::State,
    http::{Method, StatusCode, Uri},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use tower::ServiceBuilder;
use utoipa_axum::router::OpenApiRouter;
use wire::page::Page;

use crate::{
    error::{ApiError, Failure},
    extract::{RequestInfo, not_modified},
    state::Server,
    token::touch::touch,
};

pub use document::document;
pub use examples::with_examples;

/// Every route of the API with its description, below `/api/v1`.
pub fn described() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .merge(crate::timer::api::routes())
        .merge(crate::time_entry::api::routes())
        .merge(crate::client::api::routes())
        .merge(crate::project::api::routes())
        .merge(crate::task::api::routes())
        .merge(crate::tag::api::routes())
        .merge(crate::report::api::routes())
        .merge(crate::workspace::api::routes())
        .merge(crate::sign_in_policy::api::routes())
        .merge(crate::joining::api::routes())
        .merge(crate::provider::api::routes())
        .merge(crate::profile::api::routes())
        .merge(crate::member::api::routes())
        .merge(crate::invitation::api::routes())
        .merge(crate::role::api::routes())
        .merge(crate::team::api::routes())
        .merge(crate::token::api::routes())
        .merge(crate::trash::api::routes())
        .merge(crate::record::api::routes())
        .merge(crate::ledger::api::routes())
        .merge(crate::identity::api::routes())
}

/// The API's router, its document included.
pub fn router(server: &Server) -> Router {
    let (router, described) = described().split_for_parts();
    let document = Arc::new(document(described));
    let router = router
        .route(
            "/openapi.json",
            get(async move |State(server): State<Server>| {
                let now = server.app.clock().now();
                Json(with_examples((*document).clone(), now))
            }),
        )
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .with_state(server.clone());
    let layers = ServiceBuilder::new()
        .layer(middleware::from_fn(not_modified))
        .layer(middleware::from_fn_with_state(server.clone(), touch));
    Router::new().fallback_service(layers.service(router))
}

/// A path that is not there.
pub(crate) async fn nothing_here(request: RequestInfo, uri: Uri) -> Response {
    let failure = Failure::new(StatusCode::NOT_FOUND, "path.unknown", "There is no such path.");
    ApiError::new(failure.with_detail(uri.path()), request.id).into_response()
}

async fn wrong_method(request: RequestInfo, method: Method) -> Response {
    let failure = Failure::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method.not_allowed",
        format!("This path does not answer {method}."),
    );
    ApiError::new(failure, request.id).into_response()
}

/// A query parameter that is not right.
pub(crate) fn bad_query(detail: impl Into<String>) -> Failure {
    let title = "A query parameter is not right.";
    Failure::new(StatusCode::BAD_REQUEST, "query.invalid", title).with_detail(detail)
}

/// How many things a page has when nobody says.
const USUAL_PAGE: usize = 50;

/// Which page of a collection is asked for: 1 to 200 things, 50 when left out. The cursor is good for
/// the same address only, but for itself and the limit.
pub(crate) fn asked(
    uri: &Uri,
    cursor: Option<String>,
    limit: Option<i64>,
) -> Result<Asked, Failure> {
    let limit = match limit {
        None => USUAL_PAGE,
        Some(limit @ 1..=200) => usize::try_from(limit).unwrap_or(paging::MOST),
        Some(_) => return Err(bad_query("limit must be between 1 and 200.")),
    };
    let query = uri.query().unwrap_or_default();
    let mut filters: Vec<(String, String)> =
        serde_urlencoded::from_str(query).map_err(|_| bad_query("The query cannot be read."))?;
    filters.retain(|(name, _)| name != "cursor" && name != "limit");
    filters.sort();
    Ok(Asked::new(format!("{} {filters:?}", uri.path()), cursor, limit))
}

/// A page on the wire.
pub(crate) fn page<T, W>(paged: Paged<T>, to_wire: impl FnMut(T) -> W) -> Json<Page<W>> {
    let items = paged.items.into_iter().map(to_wire).collect();
    Json(Page { items, next_cursor: paged.next })
}
