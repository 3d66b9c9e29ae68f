//! One operation: actor, rights, keys, clock, ids, and the transaction.

mod asking;
mod column;
mod directory;

use std::sync::Arc;

use domain::{
    ids::{Id, RequestId, WorkspaceId, uuid_v7},
    permission::{Relation, Right, allowed},
};
use jiff::{Timestamp, civil::Date};
use store::{Row, Statement, Tx, Value};
use vault::{Field, KeyId, Place, Random};

pub use asking::{Me, Settings};
pub(crate) use column::{instant, instant_or_none, key, word, zone};
pub use directory::DirectoryOp;

use crate::{Actor, Error, Names, actor::Via, app::Inner, audit::Event};
use asking::find_actor;

/// An operation in a workspace.
pub struct Op<'a, 't> {
    tx: &'a mut Tx<'t>,
    parts: OpParts<'a>,
    draws: &'a mut Draws,
    request: RequestId,
    me: Me,
    settings: Settings,
    names: Option<Arc<Names>>,
    /// Whether the names were read here, and not found in the cache.
    names_loaded: bool,
    names_changed: bool,
    events: usize,
    wrote: bool,
}

#[derive(Clone, Copy)]
pub(crate) struct OpParts<'a> {
    pub(crate) inner: &'a Arc<Inner>,
    pub(crate) workspace: WorkspaceId,
    pub(crate) now: Timestamp,
    pub(crate) can_write: bool,
}

/// Random numbers of a request, drawn once and the same when the operation runs again.
#[derive(Default)]
pub(crate) struct Draws {
    drawn: Vec<[u8; 10]>,
    next: usize,
}

impl Draws {
    pub(crate) fn rewind(&mut self) {
        self.next = 0;
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

impl<'a, 't> Op<'a, 't> {
    /// Looks the actor up in the workspace's database.
    pub(crate) fn begin(
        tx: &'a mut Tx<'t>,
        parts: OpParts<'a>,
        draws: &'a mut Draws,
        actor: Actor,
    ) -> Result<Self, Error> {
        let (me, settings) = find_actor(tx, actor.credential, parts.now)?;
        Ok(Self {
            tx,
            parts,
            draws,
            request: actor.request,
            me,
            settings,
            names: None,
            names_loaded: false,
            names_changed: false,
            events: 0,
            wrote: false,
        })
    }

    /// Checks what every writing operation owes.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        if self.wrote && self.events == 0 {
            return Err(Error::bug("an operation wrote without recording an event"));
        }
        Ok(())
    }

    /// How many events were recorded.
    pub(crate) fn events(&self) -> usize {
        self.events
    }

    /// The asking member.
    pub fn me(&self) -> &Me {
        &self.me
    }

    /// The workspace's settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the settings have become in this transaction.
    pub(crate) fn replace_settings(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// The workspace.
    pub fn workspace(&self) -> WorkspaceId {
        self.parts.workspace
    }

    /// The instant of the request, UTC.
    pub fn now(&self) -> Timestamp {
        self.parts.now
    }

    /// The instant of the request, cut to whole seconds.
    pub fn now_s(&self) -> Timestamp {
        domain::interval::truncate_to_second(self.parts.now)
    }

    /// The civil day of the request in the asking member's zone.
    pub fn today(&self) -> Date {
        domain::day::local_day(self.parts.now, &self.me.zone)
    }

    /// The request.
    pub fn request(&self) -> RequestId {
        self.request
    }

    /// A fresh id, the same when the operation runs again.
    pub fn new_id<I: Id>(&mut self) -> I {
        let random = self.draws.draw(&*self.parts.inner.parts.random);
        I::from_uuid(uuid_v7(self.parts.now, random))
    }

    /// Randomness for secrets and salts.
    pub fn random(&self) -> &dyn Random {
        &*self.parts.inner.parts.random
    }

    /// Whether the asking member has a right over a target that stands in this relation to them,
    /// and their token's scope covers it.
    pub fn may(&self, right: Right, relation: Relation) -> bool {
        let is_in_scope = match self.me.via {
            Via::Session | Via::UnprovenSession | Via::System => true,
            Via::Token(_, scope) => scope.covers(right),
        };
        is_in_scope && allowed(self.me.role, right, relation)
    }

    /// Refuses unless the asking member has the right.
    ///
    /// Errors: [`Error::Forbidden`]. Where the member may not even see the target, operations answer
    /// [`Error::NotFound`] before they ask this.
    pub fn require(&self, right: Right, relation: Relation) -> Result<(), Error> {
        if self.may(right, relation) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Records an event in the same transaction.
    ///
    /// Errors: [`Error::Store`].
    pub fn record(&mut self, event: Event) -> Result<(), Error> {
        self.events += 1;
        crate::audit::insert(self, event)
    }

    /// Runs a statement that changes rows; how many it changed.
    pub(crate) fn execute(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<u64, Error> {
        if !self.parts.can_write {
            return Err(Error::bug(format!("{} in a read", statement.name)));
        }
        self.wrote = true;
        Ok(self.tx.execute(statement, values)?)
    }

    /// Runs a statement that changes what no history shows, such as a token's last use, and so owes
    /// no event.
    pub(crate) fn execute_unrecorded(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<(), Error> {
        let wrote = self.wrote;
        self.execute(statement, values)?;
        self.wrote = wrote;
        Ok(())
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

    /// Seals a text of this workspace.
    pub(crate) fn seal(
        &self,
        key: KeyId,
        field: Field,
        row: impl Id,
        sealed_rev: i64,
        text: &str,
    ) -> Result<Vec<u8>, Error> {
        let place = self.place(field, row, sealed_rev);
        Ok(self.parts.inner.parts.vault.seal_text(key, &place, text)?)
    }

    /// Opens a sealed text of this workspace.
    pub(crate) fn open(
        &self,
        field: Field,
        row: impl Id,
        sealed_rev: i64,
        sealed: &[u8],
    ) -> Result<String, Error> {
        let place = self.place(field, row, sealed_rev);
        Ok(self.parts.inner.parts.vault.open_text(&place, sealed)?)
    }

    pub(crate) fn place(&self, field: Field, row: impl Id, sealed_rev: i64) -> Place {
        Place {
            workspace: self.parts.workspace.as_bytes(),
            field,
            row: *row.uuid().as_bytes(),
            sealed_rev,
        }
    }

    pub(crate) fn vault(&self) -> &vault::Vault {
        &self.parts.inner.parts.vault
    }

    /// The keyed index that makes a name unique within its parent; the parent's id is all zero for
    /// names that are unique in the workspace.
    pub(crate) fn name_index(
        &self,
        kind: &str,
        parent: [u8; 16],
        name: &domain::text::Name,
    ) -> Result<[u8; 32], Error> {
        let key = self.vault().mac_key(self.settings.names_key)?;
        let folded = name.folded();
        Ok(key.mac(&format!("name:{kind}"), &[parent.as_slice(), folded.as_bytes()].concat()))
    }

    /// A keyed hash of a request that makes something, to recognise it when it is sent again. Keyed,
    /// so that short texts in it cannot be guessed from the database.
    ///
    /// Errors: [`Error::Bug`] from the vault.
    pub fn body_mac(&self, operation: &str, body: &[u8]) -> Result<[u8; 32], Error> {
        let key = self.vault().mac_key(self.settings.names_key)?;
        Ok(key.mac(&format!("body:{operation}"), body))
    }

    /// The id that an idempotency key of the asking member stands for: the same each time. A
    /// UUIDv8 (RFC 9562), since it says nothing about time.
    ///
    /// Errors: [`Error::Bug`] from the vault.
    pub fn derived_id<I: Id>(&self, operation: &str, idempotency_key: &str) -> Result<I, Error> {
        let key = self.vault().mac_key(self.settings.names_key)?;
        let member = self.me.member.as_bytes();
        let text = [member.as_slice(), idempotency_key.as_bytes()].concat();
        let [bytes @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            key.mac(&format!("idempotency:{operation}"), &text);
        Ok(I::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid()))
    }

    /// Clients, projects, tasks, tags and members with their opened names, as of this transaction.
    ///
    /// Errors: [`Error::Store`].
    pub fn names(&mut self) -> Result<Arc<Names>, Error> {
        if let Some(names) = &self.names {
            return Ok(Arc::clone(names));
        }
        let cache = &self.parts.inner.names;
        let revision = self.settings.names_revision;
        let found = if self.names_changed { None } else { cache.find(self.workspace(), revision) };
        let names = match found {
            Some(names) => names,
            None => {
                let names = Arc::new(Names::load(self)?);
                self.names_loaded = true;
                names
            }
        };
        self.names = Some(Arc::clone(&names));
        Ok(names)
    }

    /// Names that were read here, with their revision, for the cache. What a writer reads may still
    /// be rolled back, by itself or with its group: it fills the cache once it is committed.
    pub(crate) fn fresh_names(&self) -> Option<(i64, Arc<Names>)> {
        let names = self.names.as_ref()?;
        let is_fresh = self.names_loaded && !self.names_changed;
        is_fresh.then(|| (self.settings.names_revision, Arc::clone(names)))
    }

    /// Tells that names (or what is kept with them) have changed in this transaction.
    ///
    /// Errors: [`Error::Store`].
    pub(crate) fn touch_names(&mut self) -> Result<(), Error> {
        self.names = None;
        self.names_changed = true;
        self.execute(&RAISE_NAMES_REVISION, &[])?;
        Ok(())
    }
}

const RAISE_NAMES_REVISION: Statement = Statement::new(
    "workspace.raise_names_revision",
    "UPDATE workspace SET names_revision = names_revision + 1",
);

/// All statements of operations as such.
pub(crate) fn statements() -> Vec<Statement> {
    [&[RAISE_NAMES_REVISION], asking::STATEMENTS, directory::STATEMENTS].concat()
}

#[cfg(test)]
mod tests;
