//! The stream that tells open pages that something changed (server-sent events).
//!
//! A stream is a word, never content: the page asks again and gets what the member may see. It
//! neither keeps a session alive nor outlives it: the session is looked at every two seconds.

use std::{convert::Infallible, time::Duration};

use app::{Error, Op, Refusal, identity::is_session_open, live::Change, support::LiveSupport};
use axum::{
    Router,
    extract::{Query, State},
    response::sse::{Event, KeepAlive, Sse},
    routing::get,
};
use domain::{
    ids::WorkspaceId,
    permission::{Relation, Right},
};
use futures_util::Stream;
use serde::Deserialize;
use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        watch,
    },
    time::{Instant, timeout_at},
};

use crate::{
    state::Server,
    web::{PageError, SignedIn},
};

/// How often a stream looks whether its session still lives.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Keeps proxies from closing a quiet stream.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Routes of the stream.
pub fn routes() -> Router<Server> {
    Router::new().route("/w/{workspace}/live", get(stream))
}

/// What a page shows.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Shown {
    /// The record: it also hears of what is recorded elsewhere, and of new heads of the log.
    record: bool,
}

async fn stream(
    State(server): State<Server>,
    member: SignedIn,
    Query(Shown { record }): Query<Shown>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, PageError> {
    // Only for members, as every page.
    if record {
        let may = |op: &mut Op| op.require(Right::ReadRecord, Relation::Workspace);
        member.read(&server, may).await?;
    }
    let support = member.check(&server).await.map_err(|error| member.fail(error))?;
    let changes = server.app.live().listen();
    let next_look = Instant::now() + LOOK_EVERY;
    let stopping = server.memory.stopping.subscribe();
    // What was signed, or asked for, between the page and its stream is not told again.
    let is_behind = record || member.support.is_none() && !support.is_empty();
    let listening = Listening {
        server,
        member,
        record,
        is_behind,
        support,
        changes,
        stopping,
        next_look,
        has_ended: false,
    };
    let events = futures_util::stream::unfold(listening, Listening::next);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// What a stream finds when it looks.
enum Looked {
    /// Its page is shown no longer.
    Over,
    /// Who runs the server has asked for something, or may see something no more.
    Changed,
    /// Nothing has changed that nobody tells.
    Same,
}

struct Listening {
    server: Server,
    member: SignedIn,
    record: bool,
    /// Whether the page has to look once at the beginning.
    is_behind: bool,
    /// What the page says of support. It is asked for at the server, by another process, and its time runs
    /// out: nobody here is told of either.
    support: Vec<LiveSupport>,
    changes: Receiver<Change>,
    stopping: watch::Receiver<bool>,
    /// However much is going on: what ended a session may have told nobody here.
    next_look: Instant,
    has_ended: bool,
}

impl Listening {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.has_ended {
            return None;
        }
        if std::mem::take(&mut self.is_behind) {
            return Some(self.changed());
        }
        loop {
            if Instant::now() >= self.next_look {
                self.next_look = Instant::now() + LOOK_EVERY;
                match self.look().await {
                    Looked::Over => return Some(self.end()),
                    Looked::Changed => return Some(self.changed()),
                    Looked::Same => {}
                }
            }
            let heard = tokio::select! {
                biased;
                // The page comes back by itself, to the server that is started next.
                () = told_to_stop(&mut self.stopping) => return None,
                heard = timeout_at(self.next_look, self.changes.recv()) => heard,
            };
            match heard {
                Ok(Ok(Change::Workspace { workspace, .. })) if self.is_here(workspace) => {
                    return Some(self.changed());
                }
                Ok(Ok(Change::Recorded { workspace } | Change::Signed { workspace }))
                    if self.record && self.is_here(workspace) =>
                {
                    return Some(self.changed());
                }
                Ok(Ok(Change::Sessions { user })) if user == self.member.session.user => {
                    self.next_look = Instant::now();
                }
                // Too slow to hear everything, or cut off from another node: the page should look again.
                Ok(Ok(Change::Missed) | Err(RecvError::Lagged(_))) => {
                    return Some(self.changed());
                }
                Ok(Err(RecvError::Closed)) => return None,
                Ok(Ok(_)) | Err(_) => {}
            }
        }
    }

    fn is_here(&self, workspace: WorkspaceId) -> bool {
        workspace == self.member.workspace
    }

    fn changed(self) -> (Result<Event, Infallible>, Self) {
        (Ok(Event::default().event("change").data("1")), self)
    }

    fn end(mut self) -> (Result<Event, Infallible>, Self) {
        self.has_ended = true;
        (Ok(Event::default().event("ended").data("1")), self)
    }

    /// Whether the session lives, and its person is still a member whom the sign-in policy lets in; and
    /// whether there is news of support. When that cannot be learnt now, the stream goes on until it can.
    async fn look(&mut self) -> Looked {
        let found = self.member.check(&self.server).await;
        let is_over = matches!(
            found,
            Err(Error::Refused(Refusal::SupportNotOpen) | Error::NotFound | Error::KeptOut(_))
        );
        if is_over || !self.has_session().await {
            return Looked::Over;
        }
        match found {
            Ok(support) if support != self.support => {
                self.support = support;
                Looked::Changed
            }
            _ => Looked::Same,
        }
    }

    /// Support has none: what it was given is all there is, and it was looked at.
    async fn has_session(&self) -> bool {
        if self.member.support.is_some() {
            return true;
        }
        let (id, request) = (self.member.session.id, self.member.actor.request);
        let open = self.server.app.read_directory(request, move |op| is_session_open(op, id));
        open.await.unwrap_or(true)
    }
}

/// Waits until the server stops.
async fn told_to_stop(stopping: &mut watch::Receiver<bool>) {
    drop(stopping.wait_for(|is_stopping| *is_stopping).await);
}
