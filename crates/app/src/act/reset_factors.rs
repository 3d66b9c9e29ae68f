//! A second owner's way back for the first: an owner announces a reset of somebody's second factors, as
//! the operator does ([`App::announce_factor_reset`]).
//!
//! A person's second factors guard every workspace of theirs. So an owner can ask for it only where all
//! of these are their own: else whoever makes a workspace and gets somebody to join weakens the others.

use domain::ids::{MemberId, WorkspaceId};

use crate::{Actor, App, Error, Refusal, identity::second::OpenReset, member::require_reset};

impl App {
    /// Announces a reset of a member's second factors, in the name of the owner who asks. It takes force
    /// in a day unless the person or any owner stops it.
    ///
    /// Errors: [`Error::NotFound`]; [`Error::Forbidden`] for who is no owner, and for one's own;
    /// [`Error::NeedsProof`]; [`Refusal::NotAllTheirs`] where the person belongs to a workspace that the
    /// asking owner does not own; [`Refusal::NoSecondFactor`]. Audit: `factor_reset.announced`.
    pub async fn reset_factors_of(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        member: MemberId,
        base_url: String,
    ) -> Result<OpenReset, Error> {
        let asked = self.read(actor, workspace, move |op| require_reset(op, member)).await?;
        let owners = self.owners_of_all(actor.request, asked.of).await?;
        // Of nobody's: they have left meanwhile, or have not come all the way in yet.
        if owners.is_empty() || !owners.iter().all(|owners| owners.contains(&asked.by)) {
            return Err(Refusal::NotAllTheirs.into());
        }
        let by = Some(asked.by);
        self.announce_reset(actor.request, asked.of, by, owners, base_url).await
    }
}
