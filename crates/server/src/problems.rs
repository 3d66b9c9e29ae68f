//! What the `type` of a problem leads to: its code in words, out of `docs/errors.md`.
//!
//! The address is a path of this server (RFC 9457, 3.1.1 allows relative references), so that it
//! answers wherever the server stands, and no name that somebody else could take.

use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{
    error::{ApiError, Failure},
    extract::RequestInfo,
    state::Server,
};

/// Every code with what it means.
const DOCUMENT: &str = include_str!("../../../docs/errors.md");

/// Routes of the words for problems. Anybody may read them: they are the same everywhere.
pub(crate) fn routes() -> Router<Server> {
    Router::new().route("/errors", get(all)).route("/errors/{code}", get(one))
}

/// Where a code is described.
pub(crate) fn address(code: &str) -> String {
    format!("/errors/{code}")
}

async fn all() -> &'static str {
    DOCUMENT
}

async fn one(request: RequestInfo, Path(code): Path<String>) -> Response {
    match describe(&code) {
        Some(words) => words.into_response(),
        None => {
            let title = "There is no such code.";
            let failure = Failure::new(StatusCode::NOT_FOUND, "not_found", title);
            ApiError::new(failure, request.id).into_response()
        }
    }
}

/// A row of the table of problems: `timer.not_running (409)`, and what it means.
fn describe(code: &str) -> Option<String> {
    let wanted = format!("`{code}`");
    let rows = DOCUMENT.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let mut rows = rows.map(|row| row.splitn(3, " | ").collect::<Vec<_>>());
    rows.find_map(|row| match row.as_slice() {
        [status, codes, means] if codes.split(", ").any(|it| it == wanted) => {
            Some(format!("{code} ({status})\n\n{means}\n"))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_among_others_of_its_row() {
        let words = describe("task.archived").unwrap();
        assert!(words.starts_with("task.archived (409)\n\nIt takes no new time."), "{words}");
        for unknown in ["", "task", "code", "empty", "timer.", "`task.archived`, `client.deleted"] {
            assert_eq!(describe(unknown), None, "{unknown}");
        }
    }
}
