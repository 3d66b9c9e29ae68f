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
                ApiError::new(failure.with_detail(sentence(&rejection.body_text())), id)
            },
        )
    }
}

/// What is wrong with a query, in our words rather than those of the library that reads it.
fn sentence(said: &str) -> String {
    let (_, said) = said.split_once("query string: ").unwrap_or(("", said));
    let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    for (about, words) in [
        ("unknown field", "There is no parameter of this name"),
        ("missing field", "A parameter is missing"),
        ("duplicate field", "A parameter is given twice"),
    ] {
        // What is wrong with one parameter stands behind its name and a colon.
        let told = said.split(": ").find(|part| part.starts_with(about));
        if let Some(told) = told {
            return format!("{words}: {}.", quoted(told));
        }
    }
    match said.split_once(": ") {
        Some((name, _)) => format!("The value of {name} is not of its kind."),
        None => "The query cannot be read.".to_owned(),
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

#[cfg(test)]
mod tests {
    use axum::http::Uri;
    use jiff::civil::Date;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        #[serde(rename = "first")]
        _first: Date,
        #[serde(rename = "limit")]
        _limit: Option<i64>,
    }

    /// The words of the library are read here; these tell when they change.
    #[test]
    fn what_is_wrong_is_said_in_our_words() {
        for (query, expected) in [
            ("first=2026-11-20&other=1", "There is no parameter of this name: other."),
            ("limit=1", "A parameter is missing: first."),
            ("first=2026-11-20&first=2026-11-20", "A parameter is given twice: first."),
            ("first=2026-11-31", "The value of first is not of its kind."),
            ("first=2026-11-20&limit=x", "The value of limit is not of its kind."),
        ] {
            let uri: Uri = format!("/?{query}").parse().unwrap();
            let rejection = Query::<Wanted>::try_from_uri(&uri).unwrap_err();
            assert_eq!(sentence(&rejection.body_text()), expected, "{query}");
        }
    }
}
