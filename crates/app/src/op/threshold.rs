//! One operation in a workspace for somebody who is not a member yet: to found it, to look at an
//! invitation, to be let in.

use domain::ids::{EventId, WorkspaceId};
use store::{Statement, Tx, Value};
use vault::{KeyId, KeyKind};

use super::{Draws, Op, OpParts, Operation};
use crate::{Actor, Error, audit};

/// An operation at the threshold of a workspace.
pub(crate) type Threshold<'a, 't> = Operation<'a, 't, AtThreshold>;

/// What an operation has of the workspace whose threshold it is at.
pub(crate) struct AtThreshold {
    workspace: WorkspaceId,
    can_write: bool,
    events: usize,
    wrote: bool,
}

impl<'a, 't> Threshold<'a, 't> {
    pub(crate) fn new(
        tx: &'a mut Tx<'t>,
        OpParts { inner, workspace, now, can_write }: OpParts<'a>,
        draws: &'a mut Draws,
    ) -> Self {
        let here = AtThreshold { workspace, can_write, events: 0, wrote: false };
        Self { tx, inner, now, draws, sealed_in: workspace.as_bytes(), here }
    }

    /// Checks what every act owes that writes, as [`Op::finish`] does.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        if self.here.wrote && self.here.events == 0 {
            return Err(Error::bug("an act wrote without recording an event"));
        }
        Ok(())
    }

    /// Runs a statement that changes rows; how many it changed.
    pub(crate) fn execute(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<u64, Error> {
        let changed = self.tx.execute(statement, values)?;
        self.here.wrote |= changed > 0;
        Ok(changed)
    }

    /// Runs a statement that writes an event made elsewhere, unless it is there.
    pub(crate) fn execute_event(
        &mut self,
        statement: &Statement,
        values: &[Value],
        id: EventId,
    ) -> Result<(), Error> {
        if self.execute(statement, values)? > 0 {
            self.execute(&audit::AWAIT_LEAF, &[id.into()])?;
        }
        self.here.events += 1;
        Ok(())
    }

    pub(crate) fn workspace(&self) -> WorkspaceId {
        self.here.workspace
    }

    /// A key that was made before the transaction.
    pub(crate) fn key(&self, kind: KeyKind, owner: [u8; 16]) -> Result<KeyId, Error> {
        let key = self.vault().key_for(kind, owner);
        key.ok_or_else(|| Error::key_missing(kind))
    }

    /// Goes on as the member who has just been let in.
    pub(crate) fn enter<T>(
        &mut self,
        actor: Actor,
        act: impl FnOnce(&mut Op) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let AtThreshold { workspace, can_write, .. } = self.here;
        let parts = OpParts { inner: self.inner, workspace, now: self.now, can_write };
        let mut op = Op::begin(self.tx, parts, self.draws, actor)?;
        let value = act(&mut op)?;
        op.finish()?;
        self.here.events += op.events();
        Ok(value)
    }
}
