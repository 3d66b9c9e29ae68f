//! Path ids and query parameters.

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

use super::request_id;
use crate::error::{ApiError, Failure};

/// Query parameters; unknown ones and wrong ones are a problem that names them.
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id = request_id::of(parts).id;
        Query::<T>::from_request_parts(parts, state).await.map(|Query(query)| Self(query)).map_err(
            |rejection| {
                let failure = Failure::new(
                    StatusCode::BAD_REQUEST,
                    "query.invalid",
                    "A query parameter is not right.",
                );
                ApiError::new(failure.with_detail(rejection.body_text()), id)
            },
        )
    }
}

/// Ids in the path. One that is not an id names nothing: 404.
pub struct PathIds<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathIds<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id = request_id::of(parts).id;
        Path::<T>::from_request_parts(parts, state)
            .await
            .map(|Path(ids)| Self(ids))
            .map_err(|_| ApiError::new(Failure::not_found(), id))
    }
}
