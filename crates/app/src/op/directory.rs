//! One operation on the directory: sign-in, sessions, placement.

use std::sync::Arc;

use domain::ids::{EventId, RequestId, UserId};
use jiff::Timestamp;
use store::{Statement, Tx, Value};

use super::{Draws, Operation};
use crate::{Error, app::Inner, identity::Instance, live::Change, security::Happened};

/// An operation on the directory.
pub type DirectoryOp<'a, 't> = Operation<'a, 't, InDirectory>;

/// What an operation has of the directory.
pub struct InDirectory {
    request: RequestId,
    instance: Option<Instance>,
    changes: Vec<Change>,
}

impl<'a, 't> DirectoryOp<'a, 't> {
    pub(crate) fn new(
        tx: &'a mut Tx<'t>,
        inner: &'a Arc<Inner>,
        now: Timestamp,
        draws: &'a mut Draws,
        request: RequestId,
    ) -> Self {
        let instance = inner.instance.get().copied();
        let here = InDirectory { request, instance, changes: Vec::new() };
        Self { tx, inner, now, draws, sealed_in: [0; 16], here }
    }

    /// What is to be told once the transaction is committed.
    pub(crate) fn into_changes(self) -> Vec<Change> {
        self.here.changes
    }

    /// Tells open pages and jobs, once the transaction is committed.
    pub(crate) fn tell(&mut self, change: Change) {
        if !self.here.changes.contains(&change) {
            self.here.changes.push(change);
        }
    }

    /// The keys of the instance.
    ///
    /// Errors: [`Error::Bug`] when [`crate::App::open_instance`] has never run.
    pub(crate) fn instance(&mut self) -> Result<Instance, Error> {
        let instance = match self.here.instance {
            Some(instance) => instance,
            None => crate::identity::get_instance(self)?,
        };
        self.here.instance = Some(instance);
        Ok(instance)
    }

    /// Runs a statement that changes rows; how many it changed.
    pub(crate) fn execute(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<u64, Error> {
        Ok(self.tx.execute(statement, values)?)
    }

    /// The request.
    pub fn request(&self) -> RequestId {
        self.here.request
    }

    /// The instant of the request in microseconds, as stored.
    pub(crate) fn now_us(&self) -> i64 {
        self.now.as_microsecond()
    }

    /// Tells the log of security, once the transaction is committed, what is no event.
    pub(crate) fn note_refusal(&mut self, what: &'static str, user: Option<UserId>) {
        self.draws.note(Happened::to(what, self.here.request, user));
    }

    /// Records an event of the directory; `words` say in the log what its facts are. Its id.
    ///
    /// Errors: [`Error::Store`].
    pub(crate) fn record(
        &mut self,
        kind: &'static str,
        user: Option<UserId>,
        facts: Vec<u8>,
        words: String,
    ) -> Result<EventId, Error> {
        let happened = Happened::to(kind, self.here.request, user);
        self.draws.note(Happened { facts: words, ..happened });
        let id: EventId = self.new_id();
        self.tx.execute(
            &INSERT_DIRECTORY_EVENT,
            &[
                id.into(),
                self.now_us().into(),
                kind.into(),
                user.into(),
                self.here.request.into(),
                facts.into(),
            ],
        )?;
        self.tx.execute(&crate::audit::AWAIT_LEAF, &[id.into()])?;
        Ok(id)
    }
}

const INSERT_DIRECTORY_EVENT: Statement = Statement::new(
    "directory.insert_event",
    "INSERT INTO directory_events (id, at, kind, user_id, request_id, facts)
     VALUES ($1, $2, $3, $4, $5, $6)",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT_DIRECTORY_EVENT];
