//! The check that every page of somebody signed in begins with: whose session a cookie is.
//!
//! What was found is remembered for a second, by the hash of the secret, so that a page with its parts
//! and a person who types fast ask the database once. A session that has ended is forgotten at once:
//! on this node after the commit that ended it, before that is answered; on others when they hear of
//! it, and in any case after that second. What ends by itself, by age or by idleness, is held against
//! the clock at each use.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::ids::RequestId;
use jiff::Timestamp;

use super::{Session, find_session};
use crate::{
    App, DirectoryOp, Error,
    identity::{form_token, person_mark},
    live::Change,
};

/// How long what was found is remembered.
const FOR_US: i64 = 1_000_000;

/// Sessions remembered at once.
const MOST: usize = 20_000;

/// A session that has not ended, and what the forms of its pages carry.
#[derive(Debug, Clone)]
pub struct CheckedSession {
    /// The session.
    pub session: Session,
    /// The token of its forms ([`session_token`]).
    pub form_token: String,
}

/// Sessions that were looked up within the last second.
#[derive(Default)]
pub(crate) struct SessionChecks(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    found: HashMap<[u8; 32], (Timestamp, CheckedSession)>,
    /// Counts what was forgotten: what was read before that is not put in after it.
    forgotten: u64,
}

impl SessionChecks {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, hash: &[u8; 32], now: Timestamp) -> Option<CheckedSession> {
        let kept = self.lock();
        let (read_at, found) = kept.found.get(hash)?;
        (is_young(*read_at, now) && found.session.is_open(now)).then(|| found.clone())
    }

    fn stamp(&self) -> u64 {
        self.lock().forgotten
    }

    fn put(&self, stamp: u64, hash: [u8; 32], read_at: Timestamp, found: CheckedSession) {
        let mut kept = self.lock();
        if kept.forgotten != stamp {
            return;
        }
        if kept.found.len() >= MOST {
            kept.found.retain(|_, (at, _)| is_young(*at, read_at));
        }
        if kept.found.len() < MOST {
            kept.found.insert(hash, (read_at, found));
        }
    }

    fn forget(&self, is_gone: impl Fn(&[u8; 32], &Session) -> bool) {
        let mut kept = self.lock();
        kept.forgotten += 1;
        kept.found.retain(|hash, (_, found)| !is_gone(hash, &found.session));
    }

    /// Forgets what a change is about.
    pub(crate) fn hear(&self, change: Change) {
        match change {
            Change::Sessions { user } => self.forget(|_, session| session.user == user),
            Change::Missed => self.forget(|_, _| true),
            Change::Workspace { .. }
            | Change::Recorded { .. }
            | Change::Signed { .. }
            | Change::Outbox => {}
        }
    }
}

fn is_young(read_at: Timestamp, now: Timestamp) -> bool {
    // A clock that was set back makes nothing young.
    (0..FOR_US).contains(&now.as_microsecond().saturating_sub(read_at.as_microsecond()))
}

impl App {
    /// The session whose secret has this hash ([`hash_secret`](crate::identity::hash_secret)), if it
    /// has not ended; from memory, where it was looked up within the last second.
    ///
    /// Errors: [`Error::Store`].
    pub async fn check_session(
        &self,
        request: RequestId,
        hash: [u8; 32],
    ) -> Result<Option<CheckedSession>, Error> {
        // Taken first: what is found is at least as old as this.
        let (now, stamp) = (self.clock().now(), self.checks().stamp());
        if let Some(found) = self.checks().get(&hash, now) {
            return Ok(Some(found));
        }
        let found = self.read_directory(request, move |op| look(op, &hash)).await?;
        if let Some(found) = &found {
            self.checks().put(stamp, hash, now, found.clone());
        }
        Ok(found)
    }

    /// Forgets what is remembered of a session, since its row has changed: it is looked up anew.
    pub fn forget_check(&self, hash: &[u8; 32]) {
        self.checks().forget(|of, _| of == hash);
    }
}

fn look(op: &mut DirectoryOp, hash: &[u8; 32]) -> Result<Option<CheckedSession>, Error> {
    let Some(session) = find_session(op, hash)? else {
        return Ok(None);
    };
    let form_token = session_token(op, &session)?;
    Ok(Some(CheckedSession { session, form_token }))
}

/// The token that the forms of somebody who is signed in carry: of their login, and the mark of the
/// person, by which what they typed is known as theirs in another session of theirs.
///
/// Errors: [`Error::Bug`] from the vault.
pub fn session_token(op: &mut DirectoryOp, session: &Session) -> Result<String, Error> {
    Ok(format!("{}.{}", form_token(op, session.login())?, person_mark(op, session.user)?))
}
