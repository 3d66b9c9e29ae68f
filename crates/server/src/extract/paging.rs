//! Which page of a collection is asked for.

use app::paging::Asked;
use axum::{extract::FromRequestParts, http::request::Parts};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Parameters, request_id};
use crate::error::ApiError;

/// The parameters of a collection that has no others.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when left out.
    limit: Option<i64>,
}

/// The page of a collection that has no other parameters.
pub struct Paging(pub Asked);

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Parameters(query) = Parameters::<PageQuery>::from_request_parts(parts, state).await?;
        let asked = crate::api::asked(&parts.uri, query.cursor, query.limit);
        asked.map(Self).map_err(|failure| ApiError::new(failure, request_id::of(parts).id))
    }
}
