//! The request's id and where it came from, put there by the outermost middleware.

use std::{convert::Infallible, net::IpAddr};

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::ids::RequestId;

/// The request's id and where it came from.
#[derive(Debug, Clone, Copy)]
pub struct RequestInfo {
    /// Its id: in every problem, event and log line.
    pub id: RequestId,
    /// The client, as far as the proxies we believe say.
    pub peer: Option<IpAddr>,
}

impl<S: Send + Sync> FromRequestParts<S> for RequestInfo {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(of(parts))
    }
}

/// The information of a request. One that did not pass the middleware (a test of a bare handler)
/// has the nil id.
pub(crate) fn of(parts: &Parts) -> RequestInfo {
    parts
        .extensions
        .get::<RequestInfo>()
        .copied()
        .unwrap_or(RequestInfo { id: RequestId::from_bytes([0; 16]), peer: None })
}
