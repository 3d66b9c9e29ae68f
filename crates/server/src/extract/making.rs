//! Requests that make something, recognised when they are sent again.
//!
//! The thing's id is the client's own (in the body), or is derived from its `Idempotency-Key`. The
//! same body again is answered with the thing (200), another body with 409.

use std::str::FromStr;

use app::{App, Error, Op, time_entry::Added};
use axum::{
    Json,
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::ids::Id;
use serde::Serialize;
use uuid::Uuid;

use super::{Caller, etag::etag, request_id};
use crate::error::{ApiError, Failure};

/// The longest `Idempotency-Key`, in characters.
pub(crate) const LONGEST_KEY: usize = 200;

/// What the headers say about a request that makes something.
#[derive(Debug, Clone)]
pub struct Making {
    key: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Making {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self { key: None });
        };
        let is_key = |key: &&str| {
            (1..=LONGEST_KEY).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let key = value.to_str().ok().filter(is_key);
        key.map(|key| Self { key: Some(key.to_owned()) }).ok_or_else(|| {
            let failure = Failure::new(
                StatusCode::BAD_REQUEST,
                "idempotency_key.invalid",
                "Idempotency-Key must be 1 to 200 visible characters.",
            );
            ApiError::new(failure, request_id::of(parts).id)
        })
    }
}

impl Making {
    /// The id to make the thing under, and the keyed hash of the request.
    ///
    /// Errors: [`Error::Bug`].
    pub fn identify<I: Id, B: Serialize>(
        &self,
        op: &Op,
        operation: &'static str,
        id: Option<Uuid>,
        body: &B,
    ) -> Result<(Option<I>, Option<[u8; 32]>), Error> {
        let body = serde_json::to_vec(body).map_err(|error| Error::bug(error.to_string()))?;
        let id = match (id, &self.key) {
            (Some(id), _) => Some(chosen(id)?),
            (None, Some(key)) => Some(op.derived_id(operation, key)?),
            (None, None) => None,
        };
        Ok((id, Some(op.body_mac(operation, &body)?)))
    }

    /// The id to make the thing under, for acts that need it before their transaction.
    ///
    /// Errors: as [`App::read`].
    pub async fn identify_ahead<I: Id + Send + 'static>(
        &self,
        app: &App,
        caller: &Caller,
        operation: &'static str,
        id: Option<Uuid>,
    ) -> Result<Option<I>, Error> {
        match (id, self.key.clone()) {
            (Some(id), _) => chosen(id).map(Some),
            (None, None) => Ok(None),
            (None, Some(key)) => {
                let derive = move |op: &mut Op| op.derived_id(operation, &key);
                app.read(caller.actor, caller.workspace, derive).await.map(Some)
            }
        }
    }
}

/// An id that the caller chose. The nil and the max UUID (RFC 9562, 5.9 and 5.10) name nothing: pages
/// of rows begin after the one and before the other.
fn chosen<I: Id>(id: Uuid) -> Result<I, Error> {
    if id.is_nil() || id.is_max() {
        return Err(no_id());
    }
    Ok(I::from_uuid(id))
}

/// An id that a form chose.
///
/// Errors: [`Error::Invalid`].
pub(crate) fn typed_id<I: Id + FromStr>(text: &str) -> Result<I, Error> {
    let id: I = text.parse().map_err(|_| no_id())?;
    chosen(id.uuid())
}

fn no_id() -> Error {
    Error::invalid("id", "invalid", "Choose a random id, such as a UUIDv7.")
}

/// A thing that was made now (201, with its place) or before (200).
pub struct Made<T> {
    /// The thing.
    pub thing: T,
    /// Where it can be read.
    pub location: String,
    /// Its version.
    pub version: i64,
    /// Whether it was made now.
    pub is_new: bool,
}

impl<T> Made<T> {
    /// Turns what an operation added into an answer.
    pub fn from_added<A>(
        added: Added<A>,
        convert: impl FnOnce(A) -> T,
        place: impl FnOnce(&T) -> (String, i64),
    ) -> Self {
        let is_new = matches!(added, Added::New(_));
        let thing = convert(added.into_inner());
        let (location, version) = place(&thing);
        Self { thing, location, version, is_new }
    }
}

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        let status = if self.is_new { StatusCode::CREATED } else { StatusCode::OK };
        let headers = [(header::LOCATION, self.location)];
        let etag = [(header::ETAG, etag(self.version))];
        (status, headers, etag, Json(self.thing)).into_response()
    }
}
