//! One operation: actor, rights, keys, clock, ids, and the transaction.

mod asking;
mod base;
mod column;
mod directory;
mod threshold;

use std::sync::Arc;

use domain::{
    ids::{Id, RequestId, WorkspaceId},
    permission::{Grants, Relation, Right, Standing},
    sign_in_policy::Unmet,
};
use jiff::{Timestamp, civil::Date};
use store::{Statement, Tx, Value};

pub use asking::{Me, Settings};
pub(crate) use base::Draws;
pub use base::Operation;
pub(crate) use column::{instant, instant_or_none, key, optional_word, to_instant, word, zone};
pub use directory::DirectoryOp;
pub(crate) use threshold::Threshold;

use crate::{
    Actor, Error, Names,
    actor::{MayWrite, Via},
    app::Inner,
    audit::{Event, Look},
    sign_in_policy, token,
};
use asking::find_actor;
pub(crate) use asking::policy_ways;

/// An operation in a workspace.
pub type Op<'a, 't> = Operation<'a, 't, InWorkspace>;

/// What an operation has of its workspace.
pub struct InWorkspace {
    request: RequestId,
    workspace: WorkspaceId,
    can_write: bool,
    me: Me,
    settings: Settings,
    names: SeenNames,
    events: usize,
    wrote: bool,
    looks: Vec<Look>,
    /// What the sign-in policy misses of somebody who stays at the door.
    missing: Option<Unmet>,
}

/// The names as the transaction sees them, once it has asked.
#[derive(Default)]
struct SeenNames {
    names: Option<Arc<Names>>,
    /// Whether they were read here, and not found in the cache.
    are_loaded: bool,
    have_changed: bool,
}

#[derive(Clone, Copy)]
pub(crate) struct OpParts<'a> {
    pub(crate) inner: &'a Arc<Inner>,
    pub(crate) workspace: WorkspaceId,
    pub(crate) now: Timestamp,
    pub(crate) can_write: bool,
}

impl<'a, 't> Op<'a, 't> {
    /// Looks the actor up in the workspace's database.
    pub(crate) fn begin(
        tx: &'a mut Tx<'t>,
        parts: OpParts<'a>,
        draws: &'a mut Draws,
        actor: Actor,
    ) -> Result<Self, Error> {
        let OpParts { inner, workspace, now, can_write } = parts;
        let (me, settings) = find_actor(tx, actor.credential, now)?;
        let here = InWorkspace {
            request: actor.request,
            workspace,
            can_write,
            me,
            settings,
            names: SeenNames::default(),
            events: 0,
            wrote: false,
            looks: Vec::new(),
            missing: None,
        };
        let sealed_in = workspace.as_bytes();
        let mut op = Self { tx, inner, now, draws, sealed_in, here };
        op.here.missing = sign_in_policy::let_in(&mut op, actor)?;
        if op.here.missing.is_some() {
            op.here.me.standing = Standing::of(Grants::default());
        }
        token::let_in(&op, actor)?;
        Ok(op)
    }

    /// Checks what every writing operation owes.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        if self.here.wrote && self.here.events == 0 {
            return Err(Error::bug("an operation wrote without recording an event"));
        }
        Ok(())
    }

    /// The asking member is shown this; of their own time nothing is noted, and nothing of what the
    /// program does by itself.
    pub(crate) fn looks(&mut self, look: Look) {
        let is_own = look == Look::TimeOf(self.here.me.member);
        let is_somebody = !matches!(self.here.me.via, Via::System | Via::Support(..));
        if is_somebody && !is_own && !self.here.looks.contains(&look) {
            self.here.looks.push(look);
        }
    }

    /// What was shown.
    pub(crate) fn take_looks(&mut self) -> Vec<Look> {
        std::mem::take(&mut self.here.looks)
    }

    /// What was recorded before an operation begins is none of its events: it still owes one for what
    /// it writes.
    pub(crate) fn owes_nothing_yet(&mut self) {
        (self.here.events, self.here.wrote) = (0, false);
    }

    /// Runs an operation that may not write, in a transaction that does.
    pub(crate) fn only_reading<T>(
        &mut self,
        operation: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.here.can_write = false;
        let value = operation(self);
        self.here.can_write = true;
        value
    }

    /// How many events were recorded.
    pub(crate) fn events(&self) -> usize {
        self.here.events
    }

    /// The asking member.
    pub fn me(&self) -> &Me {
        &self.here.me
    }

    /// What the sign-in policy misses of them: then they stand at the door, with no rights here.
    pub fn missing(&self) -> Option<Unmet> {
        self.here.missing
    }

    /// The workspace's settings.
    pub fn settings(&self) -> &Settings {
        &self.here.settings
    }

    /// What the settings have become in this transaction.
    pub(crate) fn replace_settings(&mut self, settings: Settings) {
        self.here.settings = settings;
    }

    /// The workspace.
    pub fn workspace(&self) -> WorkspaceId {
        self.here.workspace
    }

    /// The request.
    pub fn request(&self) -> RequestId {
        self.here.request
    }

    /// The instant of the request, cut to whole seconds.
    pub fn now_s(&self) -> Timestamp {
        domain::interval::truncate_to_second(self.now)
    }

    /// The civil day of the request in the asking member's zone.
    pub fn today(&self) -> Date {
        domain::day::local_day(self.now, &self.here.me.zone)
    }

    /// Whether the asking member has a right over a target that stands in this relation to them,
    /// and their token's scope covers it.
    pub fn may(&self, right: Right, relation: Relation) -> bool {
        self.is_in_scope(right) && self.here.me.standing.allows(right, relation)
    }

    /// Whether the asking member has a right over anything at all: what they then see is chosen by
    /// how it stands to them.
    pub fn may_somewhere(&self, right: Right) -> bool {
        self.is_in_scope(right) && self.here.me.standing.allows_somewhere(right)
    }

    fn is_in_scope(&self, right: Right) -> bool {
        match self.here.me.via {
            Via::Session | Via::UnprovenSession | Via::System => true,
            Via::Token(_, scope) => scope.covers(right),
            Via::Support(_, areas, MayWrite(may_write)) => areas.cover(right, may_write),
        }
    }

    /// Refuses unless the asking member has the right.
    ///
    /// Errors: [`Error::Forbidden`]. Where the member may not even see the target, operations answer
    /// [`Error::NotFound`] before they ask this.
    pub fn require(&self, right: Right, relation: Relation) -> Result<(), Error> {
        if self.may(right, relation) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Refuses unless the asking member has the right over anything at all.
    ///
    /// Errors: [`Error::Forbidden`].
    pub fn require_somewhere(&self, right: Right) -> Result<(), Error> {
        if self.may_somewhere(right) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Records an event in the same transaction.
    ///
    /// Errors: [`Error::Store`].
    pub fn record(&mut self, event: Event) -> Result<(), Error> {
        self.here.events += 1;
        if let Some(happened) = event.of_security(self) {
            self.draws.note(happened);
        }
        crate::audit::insert(self, event)
    }

    /// Runs a statement that changes rows; how many it changed.
    pub(crate) fn execute(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<u64, Error> {
        if !self.here.can_write {
            return Err(Error::bug(format!("{} in a read", statement.name)));
        }
        self.here.wrote = true;
        Ok(self.tx.execute(statement, values)?)
    }

    /// Runs a statement that changes what no history shows, such as a token's last use, and so owes
    /// no event.
    pub(crate) fn execute_unrecorded(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<(), Error> {
        let wrote = self.here.wrote;
        self.execute(statement, values)?;
        self.here.wrote = wrote;
        Ok(())
    }

    /// The keyed index that makes a name unique within its parent; the parent's id is all zero for
    /// names that are unique in the workspace.
    pub(crate) fn name_index(
        &self,
        kind: &str,
        parent: [u8; 16],
        name: &domain::text::Name,
    ) -> Result<[u8; 32], Error> {
        let key = self.vault().mac_key(self.here.settings.names_key)?;
        let folded = name.folded();
        Ok(key.mac(&format!("name:{kind}"), &[parent.as_slice(), folded.as_bytes()].concat()))
    }

    /// A keyed hash of a request that makes something, to recognise it when it is sent again. Keyed,
    /// so that short texts in it cannot be guessed from the database.
    ///
    /// Errors: [`Error::Bug`] from the vault.
    pub fn body_mac(&self, operation: &str, body: &[u8]) -> Result<[u8; 32], Error> {
        let key = self.vault().mac_key(self.here.settings.names_key)?;
        Ok(key.mac(&format!("body:{operation}"), body))
    }

    /// The id that an idempotency key of the asking member stands for: the same each time. A
    /// UUIDv8 (RFC 9562), since it says nothing about time.
    ///
    /// Errors: [`Error::Bug`] from the vault.
    pub fn derived_id<I: Id>(&self, operation: &str, idempotency_key: &str) -> Result<I, Error> {
        let key = self.vault().mac_key(self.here.settings.names_key)?;
        let member = self.here.me.member.as_bytes();
        let text = [member.as_slice(), idempotency_key.as_bytes()].concat();
        let [bytes @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            key.mac(&format!("idempotency:{operation}"), &text);
        Ok(I::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid()))
    }

    /// Clients, projects, tasks, tags and members with their opened names, as of this transaction.
    ///
    /// Errors: [`Error::Store`].
    pub fn names(&mut self) -> Result<Arc<Names>, Error> {
        let seen = &self.here.names;
        if let Some(names) = &seen.names {
            return Ok(Arc::clone(names));
        }
        let revision = self.here.settings.names_revision;
        let cache = &self.inner.names;
        let found = if seen.have_changed { None } else { cache.find(self.workspace(), revision) };
        let names = match found {
            Some(names) => names,
            None => {
                let names = Arc::new(Names::load(self)?);
                self.here.names.are_loaded = true;
                names
            }
        };
        self.here.names.names = Some(Arc::clone(&names));
        Ok(names)
    }

    /// Names that were read here, with their revision, for the cache. What a writer reads may still
    /// be rolled back, by itself or with its group: it fills the cache once it is committed.
    pub(crate) fn fresh_names(&self) -> Option<(i64, Arc<Names>)> {
        let seen = &self.here.names;
        let names = seen.names.as_ref().filter(|_| seen.are_loaded && !seen.have_changed)?;
        Some((self.here.settings.names_revision, Arc::clone(names)))
    }

    /// Tells that names (or what is kept with them) have changed in this transaction.
    ///
    /// Errors: [`Error::Store`].
    pub(crate) fn touch_names(&mut self) -> Result<(), Error> {
        self.here.names.names = None;
        self.here.names.have_changed = true;
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
