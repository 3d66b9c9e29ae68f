//! The entry points of a support session: what it shows is recorded in the transaction that reads it.

use std::sync::Arc;

use domain::ids::{SupportId, WorkspaceId};

use super::{App, to_the_end};
use crate::{
    Actor, Credential, Error, Op,
    actor::Via,
    live::Change,
    support::{OwnSupport, Seen, is_new_request, mark_seen, own_support},
};

impl App {
    /// Runs an operation that only reads, in a support session: what it shows is recorded in the same
    /// transaction, once for each request. Without the event there is no answer.
    ///
    /// Errors: as [`App::read`]; [`crate::Refusal::SupportNotOpen`]. Audit: `support.seen`.
    pub async fn read_as_support<T, F>(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        seen: Arc<Seen>,
        mut operation: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        let work = move |op: &mut Op| {
            look(op, Some(&seen))?;
            op.only_reading(&mut operation)
        };
        // Open pages look again at what has changed, and looking changes nothing.
        let tell = move |_| Change::Recorded { workspace };
        let app = self.clone();
        to_the_end(async move { app.write_and_tell(actor, workspace, work, tell).await }).await
    }

    /// Runs an operation that changes something, in a support session that may. `seen` is what the
    /// request shows besides; none where its own event says it all.
    ///
    /// Errors: as [`App::write`]; [`crate::Refusal::SupportNotOpen`]. Audit: `support.seen`, and that of
    /// the operation.
    pub async fn write_as_support<T, F>(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        seen: Option<Arc<Seen>>,
        mut operation: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        let work = move |op: &mut Op| {
            look(op, seen.as_deref())?;
            operation(op)
        };
        let tell = move |member| Change::Workspace { workspace, member };
        let app = self.clone();
        to_the_end(async move { app.write_and_tell(actor, workspace, work, tell).await }).await
    }

    /// What a support session has, if it is open, without showing anything of the workspace.
    ///
    /// Errors: [`crate::Refusal::SupportNotOpen`]; [`Error::NotFound`]; [`Error::Store`].
    pub async fn check_support(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
    ) -> Result<OwnSupport, Error> {
        let database = self.workspace_of(actor, workspace).await?;
        let mut tries = self.tries();
        let read = database.read(move |tx| {
            let (parts, draws) = tries.next_in(workspace, false);
            own_support(&mut Op::begin(tx, parts, draws, actor)?)
        });
        read.await
    }
}

/// Records what support looks at, once for each request; an operation that writes still owes its own event.
fn look(op: &mut Op, seen: Option<&Seen>) -> Result<(), Error> {
    let support = of_support(op)?;
    if let Some(seen) = seen {
        if is_new_request(op, support)? {
            mark_seen(op, support, seen)?;
        }
        op.owes_nothing_yet();
    }
    Ok(())
}

fn of_support(op: &Op) -> Result<SupportId, Error> {
    match op.me().via {
        Via::Support(support, ..) => Ok(support),
        _ => Err(Error::bug("no support session")),
    }
}

/// A support session reads nothing without saying what.
pub(super) fn refuse_support(actor: Actor) -> Result<(), Error> {
    match actor.credential {
        Credential::Support(_) => Err(Error::bug("support would look at something unrecorded")),
        _ => Ok(()),
    }
}
