//! The JSON API: its router, its document, and answers for paths and methods that are not there.

mod document;

use axum::{
    Json, Router,
    http::{Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::get,
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    error::{ApiError, Failure},
    extract::RequestInfo,
    state::Server,
};

pub use document::document;

/// Every route of the API with its description, below `/api/v1`.
pub fn described() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .merge(crate::timer::api::routes())
        .merge(crate::time_entry::api::routes())
        .merge(crate::client::api::routes())
        .merge(crate::project::api::routes())
        .merge(crate::task::api::routes())
        .merge(crate::tag::api::routes())
}

/// The API's router, its document included.
pub fn router() -> Router<Server> {
    let (router, described) = described().split_for_parts();
    let document = document(described);
    router
        .route(
            "/openapi.json",
            get(move || {
                let document = document.clone();
                async move { Json(document) }
            }),
        )
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
}

async fn nothing_here(request: RequestInfo, uri: Uri) -> Response {
    let failure = Failure::new(
        StatusCode::NOT_FOUND,
        "path.unknown",
        "There is no such path.",
    );
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

/// How many items a page holds: 1 to 200, 50 when left out.
pub(crate) fn limit(asked: Option<i64>) -> Result<i64, Failure> {
    match asked {
        None => Ok(50),
        Some(limit @ 1..=200) => Ok(limit),
        Some(_) => Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "query.invalid",
            "limit must be between 1 and 200.",
        )),
    }
}

/// A cursor that we did not give.
pub(crate) fn bad_cursor() -> Failure {
    Failure::new(
        StatusCode::BAD_REQUEST,
        "cursor.invalid",
        "This cursor is not one of ours.",
    )
}
