//! A copy of all databases, taken while others write.

use std::{collections::BTreeSet, path::PathBuf};

use domain::ids::WorkspaceId;
use store::StoreError;

use crate::{
    App, Error,
    identity::{WorkspaceState, list_workspaces},
};

impl App {
    /// Copies the directory and every workspace into a folder, as files that a server can start on;
    /// how many workspaces there are. Keys are the caller's to copy, *after* this: then every key
    /// that a copied row needs is among them.
    ///
    /// The list of workspaces is read again until nothing new is on it, so that each one which the
    /// copied directory knows is there, also when it was made in the meantime.
    ///
    /// Errors: [`Error::Store`]; [`Error::Bug`] when a workspace has lost its database. What was
    /// copied so far stays behind.
    pub async fn copy_databases_into(&self, target: PathBuf) -> Result<usize, Error> {
        self.store().copy_directory_into(target.clone()).await?;
        let mut seen: BTreeSet<WorkspaceId> = BTreeSet::new();
        let mut copied = 0;
        loop {
            let known = self.read_directory(self.new_request(), list_workspaces).await?;
            let fresh: Vec<_> = known.iter().filter(|(id, _)| !seen.contains(id)).collect();
            if fresh.is_empty() {
                return Ok(copied);
            }
            for (id, state) in fresh {
                seen.insert(*id);
                match self.store().copy_workspace_into(target.clone(), *id).await {
                    Ok(()) => copied += 1,
                    // One that is still being made, or whose making was undone, may have no
                    // database; the restored server's sweeper settles what the directory says.
                    Err(StoreError::NoSuchWorkspace) if *state == WorkspaceState::Creating => {}
                    Err(StoreError::NoSuchWorkspace) => {
                        return Err(Error::bug(format!("the workspace {id} has no database")));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
}
