//! Empty the trash of every workspace, in the name of its first owner.

use domain::ids::{MemberId, WorkspaceId};
use store::Statement;

use crate::{
    Actor, App, Credential, Error,
    identity::{WorkspaceState, list_workspaces},
    trash,
};

impl App {
    /// Removes what has been in the trash of any workspace for 30 days; how many entries, clients,
    /// projects, tasks and tags.
    ///
    /// A workspace that cannot be opened does not keep the others waiting; its error is the answer
    /// once all the others are done.
    ///
    /// Errors: [`Error::Store`]. Audit: as [`trash::purge`].
    pub async fn purge_all_trash(&self) -> Result<usize, Error> {
        let known = self.read_directory(self.new_request(), list_workspaces).await?;
        let mut purged = 0;
        let mut outcome = Ok(());
        for (workspace, state) in known {
            if state != WorkspaceState::Ready {
                continue;
            }
            let was_open = self.store().is_open(workspace);
            match self.purge_trash_of(workspace).await {
                Ok(count) => purged += count,
                Err(error) => outcome = Err(error),
            }
            if !was_open && let Err(error) = self.close(workspace).await {
                outcome = Err(error);
            }
        }
        outcome.map(|()| purged)
    }

    async fn purge_trash_of(&self, workspace: WorkspaceId) -> Result<usize, Error> {
        let Some(owner) = self.find_first_owner(workspace).await? else {
            return Ok(0);
        };
        // Where nobody has looked since, nothing has said yet that it is over.
        self.expire_support(workspace).await?;
        let mut purged = 0;
        loop {
            let actor = Actor::new(Credential::System(owner), self.new_request());
            // Most have none; then nothing is written, and no disk is flushed.
            if !self.read(actor, workspace, trash::has_expired).await? {
                return Ok(purged);
            }
            purged += self.write(actor, workspace, trash::purge).await?;
        }
    }

    /// The owner in whose name the program acts where nobody asks: the one who joined first.
    ///
    /// Errors: [`Error::NotFound`] for a workspace that is not there; [`Error::Store`].
    pub async fn find_first_owner(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Option<MemberId>, Error> {
        self.look_over_threshold(workspace, |threshold| {
            let row = threshold.optional(&FIND_OWNER, &[])?;
            row.map_or(Ok(None), |row| Ok(Some(row.get(0)?)))
        })
        .await
    }
}

const FIND_OWNER: Statement = Statement::new(
    "trash.find_owner",
    "SELECT id FROM members WHERE role = 'owner' AND removed_at IS NULL
     ORDER BY joined_at, id LIMIT 1",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_OWNER];
