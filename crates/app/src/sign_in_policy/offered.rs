//! Which ways in a workspace allows, for a sign-in page that leads there.

use domain::{ids::WorkspaceId, sign_in_policy::Ways};
use store::Statement;

use crate::{App, Error, op::policy_ways};

impl App {
    /// The ways in that a workspace allows, for somebody of whom nothing is known yet; all of them where
    /// there is none of this id, so that the page is the one that leads nowhere.
    ///
    /// Errors: [`Error::Store`].
    pub async fn find_ways_in(&self, workspace: WorkspaceId) -> Result<Ways, Error> {
        let found = self.look_over_threshold(workspace, |threshold| {
            policy_ways(&threshold.one(&FIND_WAYS, &[])?, [0, 1, 2, 3])
        });
        match found.await {
            Err(Error::NotFound) => Ok(Ways::all()),
            found => found,
        }
    }
}

const FIND_WAYS: Statement = Statement::new(
    "sign_in_policy.find_ways",
    "SELECT allows_mail, allows_passwords, allows_passkeys, allows_providers FROM workspace",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_WAYS];
