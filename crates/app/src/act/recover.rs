//! Announce a reset of somebody's second factors: the operator's act, or an owner's, over every workspace they belong
//! to, whose owners are told, and the directory.
//!
//! It reads the workspaces first and writes the directory once, so a command that was cut short has
//! done nothing. An owner who came or went in between is told, or not, as of when it was read.

use std::collections::BTreeSet;

use domain::ids::{RequestId, UserId};

use crate::{
    Actor, App, Credential, Error,
    identity::{
        Membership, list_memberships,
        second::{OpenReset, reset::announce},
    },
    member::list_owners,
};

impl App {
    /// Announces a reset of somebody's second factors to them and to all owners of their workspaces. It
    /// takes force in a day ([`App::run_due_resets`]) unless one of them stops it.
    ///
    /// Errors: [`crate::Refusal::NoSecondFactor`] for somebody without a second factor;
    /// [`Error::Store`]. Audit: `factor_reset.announced`.
    pub async fn announce_factor_reset(
        &self,
        request: RequestId,
        user: UserId,
        base_url: String,
    ) -> Result<OpenReset, Error> {
        let owners = self.owners_of_all(request, user).await?;
        self.announce_reset(request, user, None, owners, base_url).await
    }

    /// The same to owners that were read, in the name of the one who asks for it; of the operator, where
    /// there is none.
    pub(super) async fn announce_reset(
        &self,
        request: RequestId,
        user: UserId,
        by: Option<UserId>,
        owners: Vec<Vec<UserId>>,
        base_url: String,
    ) -> Result<OpenReset, Error> {
        let owners: BTreeSet<UserId> = owners.into_iter().flatten().collect();
        self.write_directory(request, move |op| announce(op, user, by, &owners, &base_url)).await
    }

    /// The owners of each workspace that somebody belongs to; nothing for who belongs to none.
    pub(super) async fn owners_of_all(
        &self,
        request: RequestId,
        user: UserId,
    ) -> Result<Vec<Vec<UserId>>, Error> {
        let theirs = self.read_directory(request, move |op| list_memberships(op, user)).await?;
        let mut owners = Vec::with_capacity(theirs.len());
        for Membership { workspace, member } in theirs {
            let actor = Actor::new(Credential::System(member), request);
            match self.read(actor, workspace, list_owners).await {
                Ok(found) => owners.push(found),
                // They were removed meanwhile.
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(owners)
    }
}
