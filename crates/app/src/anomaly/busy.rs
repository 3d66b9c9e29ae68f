//! Workspaces whose logs have grown. It is in memory alone: what is lost with it is found again when all
//! workspaces are looked into, at the start and each hour.

use std::{
    collections::BTreeSet,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::ids::WorkspaceId;

/// See the module. Shared by all who write.
#[derive(Default)]
pub(crate) struct Busy(Mutex<BTreeSet<WorkspaceId>>);

impl Busy {
    /// The log of a workspace may have grown.
    pub(crate) fn tell(&self, workspace: WorkspaceId) {
        self.lock().insert(workspace);
    }

    /// Those that were told of; they are forgotten.
    pub(super) fn take(&self) -> BTreeSet<WorkspaceId> {
        mem::take(&mut *self.lock())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<WorkspaceId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
