//! A copy of all databases, taken while others write.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

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
    /// The directory comes after the workspaces it knew before: whoever joins in the meantime is in its
    /// copy, and either in that of the workspace or still invited there. The other way round they would
    /// be members whom nobody finds. Workspaces made in the meantime come last, so that each one which
    /// the copied directory knows is there.
    ///
    /// Errors: [`Error::Store`]; [`Error::Bug`] when a workspace has lost its database. What was
    /// copied so far stays behind.
    pub async fn copy_databases_into(&self, target: PathBuf) -> Result<usize, Error> {
        let mut known = self.known_workspaces().await?;
        // Of one that is being made, the copied directory may say that it is ready.
        known.retain(|(_, state)| *state == WorkspaceState::Ready);
        let before = self.copy_workspaces_into(&target, &known).await?;
        self.passed("copy.workspaces").await;
        self.store().copy_directory_into(target.clone()).await?;
        let seen: BTreeSet<WorkspaceId> = known.into_iter().map(|(id, _)| id).collect();
        let mut known = self.known_workspaces().await?;
        known.retain(|(id, _)| !seen.contains(id));
        Ok(before + self.copy_workspaces_into(&target, &known).await?)
    }

    async fn known_workspaces(&self) -> Result<Vec<(WorkspaceId, WorkspaceState)>, Error> {
        self.read_directory(self.new_request(), list_workspaces).await
    }

    async fn copy_workspaces_into(
        &self,
        target: &Path,
        workspaces: &[(WorkspaceId, WorkspaceState)],
    ) -> Result<usize, Error> {
        let mut copied = 0;
        for (id, state) in workspaces {
            match self.store().copy_workspace_into(target.to_owned(), *id).await {
                Ok(()) => copied += 1,
                // One that is still being made, or whose making was undone, may have no database;
                // the restored server's sweeper settles what the directory says.
                Err(StoreError::NoSuchWorkspace) if *state == WorkspaceState::Creating => {}
                Err(StoreError::NoSuchWorkspace) => {
                    return Err(Error::bug(format!("the workspace {id} has no database")));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(copied)
    }
}
