//! ETags: a thing's version between quotation marks.

use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::request_id;
use crate::error::{ApiError, Failure};

/// The version a change was made against, from `If-Match`; none without the header or for `*`.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub Option<i64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Ok(Self(None));
        };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let version = version.and_then(|version| version.parse().ok());
        version.map(|version| Self(Some(version))).ok_or_else(|| {
            let failure = Failure::new(
                StatusCode::BAD_REQUEST,
                "if_match.invalid",
                "If-Match is not an ETag of ours, such as \"3\".",
            );
            ApiError::new(failure, request_id::of(parts).id)
        })
    }
}

/// Answers with a thing and the ETag of its version.
pub fn versioned<T: Serialize>(version: i64, thing: T) -> Response {
    ([(header::ETAG, etag(version))], Json(thing)).into_response()
}

/// The ETag of a version.
pub(super) fn etag(version: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// Answers 304 with nothing to whoever reads a thing that they have already, by `If-None-Match`.
pub async fn not_modified(request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let had = request.headers().get(header::IF_NONE_MATCH).filter(|_| is_read).cloned();
    let mut response = next.run(request).await;
    if let Some(had) = had
        && response.status() == StatusCode::OK
        && has(&had, response.headers())
    {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
            response.headers_mut().remove(name);
        }
    }
    response
}

/// Whether the ETag of an answer is among those of `If-None-Match`, which are compared weakly.
fn has(had: &HeaderValue, headers: &HeaderMap) -> bool {
    let now = headers.get(header::ETAG).and_then(|etag| etag.to_str().ok());
    let (Some(now), Ok(had)) = (now, had.to_str()) else { return false };
    let mut had = had.split(',').map(|etag| etag.trim().trim_start_matches("W/"));
    had.any(|etag| etag == "*" || etag == now)
}
