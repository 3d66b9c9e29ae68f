//! One operation on the directory: sign-in, sessions, placement.

use std::sync::Arc;

use domain::ids::{EventId, Id, RequestId, UserId, uuid_v7};
use jiff::Timestamp;
use store::{Row, Statement, Tx, Value};
use vault::{Field, KeyId, Place, Random};

use super::Draws;
use crate::{Error, app::Inner, identity::Instance, live::Change};

/// An operation on the directory.
pub struct DirectoryOp<'a, 't> {
    tx: &'a mut Tx<'t>,
    inner: &'a Arc<Inner>,
    now: Timestamp,
    draws: &'a mut Draws,
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
        Self {
            tx,
            inner,
            now,
            draws,
            request,
            instance: inner.instance.get().copied(),
            changes: Vec::new(),
        }
    }

    /// What is to be told once the transaction is committed.
    pub(crate) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    /// Tells open pages and jobs, once the transaction is committed.
    pub(crate) fn tell(&mut self, change: Change) {
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }

    /// The keys of the instance.
    ///
    /// Errors: [`Error::Bug`] when [`crate::App::open_instance`] has never run.
    pub(crate) fn instance(&mut self) -> Result<Instance, Error> {
        let instance = match self.instance {
            Some(instance) => instance,
            None => crate::identity::get_instance(self)?,
        };
        self.instance = Some(instance);
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

    pub(crate) fn query(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<Vec<Row>, Error> {
        Ok(self.tx.query(statement, values)?)
    }

    pub(crate) fn optional(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<Option<Row>, Error> {
        Ok(self.tx.optional(statement, values)?)
    }

    pub(crate) fn one(&mut self, statement: &Statement, values: &[Value]) -> Result<Row, Error> {
        Ok(self.tx.one(statement, values)?)
    }

    /// Seals a text of the directory.
    pub(crate) fn seal(
        &self,
        key: KeyId,
        field: Field,
        row: impl Id,
        sealed_rev: i64,
        text: &str,
    ) -> Result<Vec<u8>, Error> {
        let place = Self::place(field, row, sealed_rev);
        Ok(self.vault().seal_text(key, &place, text)?)
    }

    /// Opens a sealed text of the directory.
    pub(crate) fn open(
        &self,
        field: Field,
        row: impl Id,
        sealed_rev: i64,
        sealed: &[u8],
    ) -> Result<String, Error> {
        let place = Self::place(field, row, sealed_rev);
        Ok(self.vault().open_text(&place, sealed)?)
    }

    /// The instant of the request, UTC.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The instant of the request in microseconds, as stored.
    pub(crate) fn now_us(&self) -> i64 {
        self.now.as_microsecond()
    }

    /// The request.
    pub fn request(&self) -> RequestId {
        self.request
    }

    /// A fresh id, the same when the operation runs again.
    pub fn new_id<I: Id>(&mut self) -> I {
        let random = self.draws.draw(&*self.inner.parts.random);
        I::from_uuid(uuid_v7(self.now, random))
    }

    /// Randomness for secrets.
    pub fn random(&self) -> &dyn Random {
        &*self.inner.parts.random
    }

    pub(crate) fn vault(&self) -> &vault::Vault {
        &self.inner.parts.vault
    }

    /// Where a sealed text of the directory lies: the directory counts as workspace zero.
    pub(crate) fn place(field: Field, row: impl Id, sealed_rev: i64) -> Place {
        Place { workspace: [0; 16], field, row: *row.uuid().as_bytes(), sealed_rev }
    }

    /// Records an event of the directory.
    ///
    /// Errors: [`Error::Store`].
    pub(crate) fn record(
        &mut self,
        kind: &'static str,
        user: Option<UserId>,
        facts: Vec<u8>,
    ) -> Result<(), Error> {
        let id: EventId = self.new_id();
        self.tx.execute(
            &INSERT_DIRECTORY_EVENT,
            &[
                id.into(),
                self.now_us().into(),
                kind.into(),
                user.into(),
                self.request.into(),
                facts.into(),
            ],
        )?;
        Ok(())
    }
}

const INSERT_DIRECTORY_EVENT: Statement = Statement::new(
    "directory.insert_event",
    "INSERT INTO directory_events (id, at, kind, user_id, request_id, facts)
     VALUES ($1, $2, $3, $4, $5, $6)",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT_DIRECTORY_EVENT];
