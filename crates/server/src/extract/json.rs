//! JSON bodies.

use std::{error::Error, io};

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::request_id;
use crate::error::{ApiError, Failure};

/// A JSON body; its limits (size, time) are the router's.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let id = request_id::of(&parts).id;
        let fail = |failure| ApiError::new(failure, id);
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_json = kind.is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("application/json")
        });
        let request = Request::from_parts(parts, body);
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            fail(match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => too_large(),
                _ if is_late(&rejection) => Failure::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "body.too_slow",
                    "The body did not arrive in time.",
                ),
                _ => broken(),
            })
        })?;
        // An empty body stands for `{}` where every field can be left out.
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        if !is_json && !bytes.is_empty() {
            return Err(fail(Failure::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "body.not_json",
                "Send the body as application/json.",
            )));
        }
        read(text).map(Self).map_err(fail)
    }
}

/// Reads an object. An array is none, though it could be read as an object's values in their order.
fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Failure> {
    if text.trim_ascii_start().starts_with(b"{") {
        return serde_json::from_slice(text).map_err(|error| unreadable(&error));
    }
    match serde_json::from_slice::<IgnoredAny>(text) {
        Ok(_) => Err(other_shape("The body must be an object.")),
        Err(error) => Err(unreadable(&error)),
    }
}

fn other_shape(detail: impl Into<String>) -> Failure {
    let title = "The body has another shape.";
    Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "body.shape", title).with_detail(detail)
}

/// Whether a body was cut because it took too long, and not because it is none.
pub(crate) fn is_late(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let error_of_io = error.downcast_ref::<io::Error>();
        if error_of_io.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return true;
        }
        next = error.source();
    }
    false
}

/// A body that does not arrive as HTTP has it, such as one of chunks without their lengths.
pub(crate) fn broken() -> Failure {
    let title = "The body did not arrive whole.";
    Failure::new(StatusCode::BAD_REQUEST, "body.broken", title)
}

pub(crate) fn too_large() -> Failure {
    Failure::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body.too_large",
        "The body is larger than 256 KiB.",
    )
}

/// A body that is not JSON is 400; JSON of another shape is 422 and says where.
fn unreadable(error: &serde_json::Error) -> Failure {
    if error.is_data() {
        other_shape(error.to_string())
    } else {
        Failure::new(StatusCode::BAD_REQUEST, "body.not_json", "The body is not JSON.")
            .with_detail(error.to_string())
    }
}
