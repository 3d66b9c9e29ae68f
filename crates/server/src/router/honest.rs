//! The status that a handler answered with, past the compression.
//!
//! Where a request refuses every form of an answer, the compression writes 406 over the status after
//! the handler has run: what was saved would be told as refused. It is told as it is, in the plain
//! form, as RFC 9110 (12.5.3) lets a server do.

use axum::{http::StatusCode, response::Response};

/// What the handler answered with.
#[derive(Debug, Clone, Copy)]
struct Answered(StatusCode);

/// Below the compression.
pub(super) async fn remember(mut response: Response) -> Response {
    let answered = Answered(response.status());
    response.extensions_mut().insert(answered);
    response
}

/// Above the compression.
pub(super) async fn put_back<B>(mut response: Response<B>) -> Response<B> {
    if let Some(Answered(status)) = response.extensions_mut().remove() {
        *response.status_mut() = status;
    }
    response
}
