//! What every operation stands on, in a workspace, at its threshold and on the directory: the
//! transaction, the clock's time, ids, and the keys.

use std::sync::Arc;

use domain::ids::{Id, WorkspaceId, uuid_v7};
use jiff::Timestamp;
use store::{Row, Statement, Tx, Value};
use vault::{Field, KeyId, Place, Random, RelyingParty, Vault};

use crate::{Error, app::Inner, security::Happened};

/// An operation; `P` is what it has of the place where it is done: see [`crate::Op`] and
/// [`crate::DirectoryOp`].
pub struct Operation<'a, 't, P> {
    pub(super) tx: &'a mut Tx<'t>,
    pub(super) inner: &'a Arc<Inner>,
    pub(super) now: Timestamp,
    pub(super) draws: &'a mut Draws,
    /// Where its texts are sealed: the workspace's id; the directory counts as workspace zero.
    pub(super) sealed_in: [u8; 16],
    pub(super) here: P,
}

/// Random numbers of a request, drawn once and the same when the operation runs again; and what the
/// operation has to tell the log.
#[derive(Default)]
pub(crate) struct Draws {
    drawn: Vec<[u8; 10]>,
    next: usize,
    happened: Vec<Happened>,
}

impl Draws {
    pub(crate) fn rewind(&mut self) {
        self.next = 0;
        self.happened.clear();
    }

    /// Notes what is told once it is committed.
    pub(super) fn note(&mut self, happened: Happened) {
        self.happened.push(happened);
    }

    /// What is to be told, now that it is committed.
    pub(crate) fn take_happened(&mut self) -> Vec<Happened> {
        std::mem::take(&mut self.happened)
    }

    fn draw(&mut self, random: &dyn Random) -> [u8; 10] {
        let at = self.next;
        self.next += 1;
        if let Some(drawn) = self.drawn.get(at) {
            return *drawn;
        }
        let mut fresh = [0; 10];
        random.fill(&mut fresh);
        // The first twelve random bits of a UUIDv7 count within the request (RFC 9562, 6.2), so that
        // ids of one request are in the order in which they were drawn.
        let [high, low] = u16::try_from(at).unwrap_or(u16::MAX).to_be_bytes();
        fresh = [[high, low].as_slice(), &fresh].concat().first_chunk().copied().unwrap_or(fresh);
        self.drawn.push(fresh);
        fresh
    }
}

impl<'a, P> Operation<'a, '_, P> {
    /// For whom passkeys are made; none where browsers know none.
    pub(crate) fn relying_party(&self) -> Option<&'a RelyingParty> {
        self.inner.passkeys.get()
    }
}

impl<P> Operation<'_, '_, P> {
    /// The instant of the request, UTC.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A fresh id, the same when the operation runs again.
    pub fn new_id<I: Id>(&mut self) -> I {
        let random = self.draws.draw(&*self.inner.parts.random);
        I::from_uuid(uuid_v7(self.now, random))
    }

    /// Randomness for secrets and salts.
    pub fn random(&self) -> &dyn Random {
        &*self.inner.parts.random
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.inner.parts.vault
    }

    /// The key that signs the heads of logs.
    pub(crate) fn log_key(&self) -> Result<KeyId, Error> {
        let instance = self.inner.instance.get();
        Ok(instance.ok_or_else(|| Error::bug("the instance was never opened"))?.log)
    }

    /// Runs a statement of the ledger. It proves the history and is no part of it, so it owes no event.
    pub(crate) fn execute_of_ledger(
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

    /// Seals a text of this place.
    pub(crate) fn seal(
        &self,
        key: KeyId,
        field: Field,
        row: impl Id,
        sealed_rev: i64,
        text: &str,
    ) -> Result<Vec<u8>, Error> {
        let place = self.place(field, row, sealed_rev);
        Ok(self.vault().seal_text(key, &place, text)?)
    }

    /// Opens a sealed text of this place.
    pub(crate) fn open(
        &self,
        field: Field,
        row: impl Id,
        sealed_rev: i64,
        sealed: &[u8],
    ) -> Result<String, Error> {
        let place = self.place(field, row, sealed_rev);
        self.vault().open_text(&place, sealed).map_err(|error| Error::unopened(error, &place))
    }

    /// The workspace; none on the directory.
    pub(crate) fn workspace_or_none(&self) -> Option<WorkspaceId> {
        let id = uuid::Uuid::from_bytes(self.sealed_in);
        (!id.is_nil()).then(|| WorkspaceId::from_uuid(id))
    }

    /// Where a sealed text lies.
    pub(crate) fn place(&self, field: Field, row: impl Id, sealed_rev: i64) -> Place {
        Place { workspace: self.sealed_in, field, row: *row.uuid().as_bytes(), sealed_rev }
    }
}
