//! What a witness is asked over HTTP.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use ledger::{note::MOST_BYTES, witness::Declined};
use tokio::{task::spawn_blocking, time::timeout};

use super::{NotAdded, Witness};

/// A note, and the hashes of a proof before it.
const MOST_BODY_BYTES: usize = MOST_BYTES + 8 * 1024;

/// A body has this long to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How `tlog-witness` calls a size.
const SIZE: HeaderValue = HeaderValue::from_static("text/x.tlog.size");

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// All that a witness answers.
pub fn router(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add))
        .route("/checkpoint/{log}", get(last))
        .with_state(witness)
}

async fn add(State(witness): State<Arc<Witness>>, body: Body) -> Response {
    let read = match timeout(BODY_TIMEOUT, to_bytes(body, MOST_BODY_BYTES)).await {
        Ok(read) => read.ok().and_then(|bytes| String::from_utf8(bytes.into()).ok()),
        Err(_) => return say(StatusCode::REQUEST_TIMEOUT, "the request takes too long"),
    };
    let Some(body) = read else { return refuse(&Declined::BadRequest.into()) };
    match spawn_blocking(move || witness.add(&body)).await {
        Ok(Ok(line)) => ([(header::CONTENT_TYPE, TEXT)], line).into_response(),
        Ok(Err(why)) => refuse(&why),
        Err(_) => say(StatusCode::INTERNAL_SERVER_ERROR, "the witness is in trouble"),
    }
}

/// The last head of a log, cosigned: how far a log was seen, with its own signature.
async fn last(State(witness): State<Arc<Witness>>, Path(log): Path<String>) -> Response {
    match witness.last(&log) {
        Some(note) => ([(header::CONTENT_TYPE, TEXT)], note).into_response(),
        None => say(StatusCode::NOT_FOUND, "no head of such a log was seen here"),
    }
}

fn refuse(why: &NotAdded) -> Response {
    tracing::warn!(%why, "a head is not cosigned");
    match why {
        NotAdded::Declined(Declined::Conflict(size)) => {
            (StatusCode::CONFLICT, [(header::CONTENT_TYPE, SIZE)], format!("{size}\n"))
                .into_response()
        }
        NotAdded::Declined(declined) => say(status(*declined), &declined.to_string()),
        NotAdded::TooLong => say(StatusCode::BAD_REQUEST, &why.to_string()),
        // What the system says of our disk is for our log alone.
        NotAdded::NotKept(_) => say(StatusCode::SERVICE_UNAVAILABLE, "the head cannot be kept"),
        NotAdded::ClockBack(_) => say(StatusCode::SERVICE_UNAVAILABLE, &why.to_string()),
    }
}

fn status(declined: Declined) -> StatusCode {
    StatusCode::from_u16(declined.status()).unwrap_or(StatusCode::BAD_REQUEST)
}

fn say(status: StatusCode, what: &str) -> Response {
    (status, [(header::CONTENT_TYPE, TEXT)], format!("{what}\n")).into_response()
}
