//! A copy of all databases, taken while others write.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use domain::ids::WorkspaceId;
use store::StoreError;

use crate::{
    App, Error,
    identity::{WorkspaceState, is_workspace_ready, list_workspaces},
};

/// What a copy holds, and what it lacks.
#[derive(Debug, Default)]
pub struct Copied {
    /// How many workspaces were copied.
    pub workspaces: usize,
    /// The workspaces that could not be, and why.
    pub missing: Vec<(WorkspaceId, Error)>,
}

impl App {
    /// Copies the directory and every workspace into a folder, as files that a server can start on.
    /// Keys are the caller's to copy, *after* this: then every key that a copied row needs is among
    /// them.
    ///
    /// A workspace that cannot be read keeps no other from being copied.
    ///
    /// The directory comes after the workspaces it knew before: whoever joins in the meantime is in its
    /// copy, and either in that of the workspace or still invited there. The other way round they would
    /// be members whom nobody finds. Workspaces made in the meantime come last, so that each one which
    /// the copied directory knows is there.
    ///
    /// Errors: [`Error::Store`] of the directory, or of a disk that is full. What was copied so far
    /// stays behind.
    pub async fn copy_databases_into(&self, target: PathBuf) -> Result<Copied, Error> {
        let mut copied = Copied::default();
        let mut known = self.known_workspaces().await?;
        // Of one that is being made, the copied directory may say that it is ready.
        known.retain(|(_, state)| *state == WorkspaceState::Ready);
        self.copy_workspaces_into(&target, &known, &mut copied).await?;
        self.passed("copy.workspaces").await;
        self.store().copy_directory_into(target.clone()).await?;
        let seen: BTreeSet<WorkspaceId> = known.into_iter().map(|(id, _)| id).collect();
        let mut known = self.known_workspaces().await?;
        known.retain(|(id, _)| !seen.contains(id));
        self.copy_workspaces_into(&target, &known, &mut copied).await?;
        Ok(copied)
    }

    async fn known_workspaces(&self) -> Result<Vec<(WorkspaceId, WorkspaceState)>, Error> {
        self.read_directory(self.new_request(), list_workspaces).await
    }

    async fn copy_workspaces_into(
        &self,
        target: &Path,
        workspaces: &[(WorkspaceId, WorkspaceState)],
        copied: &mut Copied,
    ) -> Result<(), Error> {
        for (id, state) in workspaces {
            match self.store().copy_workspace_into(target.to_owned(), *id).await {
                Ok(()) => copied.workspaces += 1,
                // One that is still being made, or whose making was undone, may have no database;
                // the restored server's sweeper settles what the directory says.
                Err(StoreError::NoSuchWorkspace) if *state == WorkspaceState::Creating => {}
                Err(StoreError::NoSuchWorkspace) => {
                    let missing = StoreError::Unavailable("its database is missing".to_owned());
                    copied.missing.push((*id, missing.into()));
                }
                Err(error @ StoreError::Full(_)) => return Err(error.into()),
                Err(error) => {
                    // Where nothing answers any more, it is not this workspace that is damaged.
                    let id = *id;
                    self.read_directory(self.new_request(), move |op| is_workspace_ready(op, id))
                        .await?;
                    copied.missing.push((id, error.into()));
                }
            }
        }
        Ok(())
    }
}
