//! Note that a token is in use: after the answer, at most once an hour, delaying nobody.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use app::{
    Actor, App, Credential,
    actor::Came,
    token::{is_touch_due, parse_token, touch_token},
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use domain::ids::WorkspaceId;
use jiff::Timestamp;

use crate::{
    extract::{RequestInfo, bearer, network_words},
    state::Server,
};

/// Tokens remembered at once; all are forgotten then, and looked at once more.
const MOST_TOKENS: usize = 10_000;

/// How often a token is looked at.
const EVERY_S: i64 = 3_600;

/// When tokens were last looked at by this process, by the hash of their secret.
#[derive(Default)]
pub struct Touched(Mutex<HashMap<[u8; 32], i64>>);

impl Touched {
    /// Whether the token should be looked at now; says yes once an hour.
    fn is_due(&self, hash: [u8; 32], now: Timestamp) -> bool {
        let mut touched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.as_second();
        if touched.get(&hash).is_some_and(|last| now - last < EVERY_S) {
            return false;
        }
        if touched.len() >= MOST_TOKENS {
            touched.clear();
        }
        touched.insert(hash, now);
        true
    }
}

/// Lets the request through, and notes the use of its token when it was answered well.
pub(crate) async fn touch(
    State(server): State<Server>,
    info: RequestInfo,
    request: Request,
    next: Next,
) -> Response {
    let token = bearer(request.headers()).and_then(parse_token);
    let response = next.run(request).await;
    if let Some((workspace, hash)) = token
        && response.status().is_success()
        && server.memory.touched.is_due(hash, server.app.clock().now())
    {
        tokio::spawn(note(server.app.clone(), workspace, hash, info));
    }
    response
}

async fn note(app: App, workspace: WorkspaceId, hash: [u8; 32], info: RequestInfo) {
    let came = Came { from: info.peer, ..Came::default() };
    let actor = Actor { came, ..Actor::new(Credential::Token(hash), info.id) };
    let network = network_words(info.peer);
    let noted = match app.read(actor, workspace, is_touch_due).await {
        Ok(true) => {
            app.write(actor, workspace, move |op| touch_token(op, network.as_deref())).await
        }
        other => other.map(drop),
    };
    // Its next use will be noted.
    if let Err(error) = noted {
        tracing::debug!(%error, "the use of a token was not noted");
    }
}
