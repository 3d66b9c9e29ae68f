//! A second owner's way back for the first: an owner announces a reset of somebody's second factors, as
//! the operator does ([`App::announce_factor_reset`]).
//!
//! A person's second factors guard every workspace of theirs. So an owner can ask for it only where all
//! of these are their own: else whoever makes a workspace and gets somebody to join weakens the others.
//! That is looked at again when it is due: who was shown the door since takes nothing away any more.

use std::collections::BTreeMap;

use domain::ids::{MemberId, RequestId, UserId, WorkspaceId};
use jiff::Timestamp;

use crate::{
    Actor, App, Error, Refusal,
    identity::{
        Origin, is_disabled,
        second::{
            OpenReset,
            due_reset::{DueReset, carry_out, drop_due, list_due_resets},
            reset::{list_open_resets, stop_reset_of},
        },
    },
    member::{list_resettable, require_reset, require_stop},
};

impl App {
    /// Announces a reset of a member's second factors, in the name of the owner who asks. It takes force
    /// in a day unless the person or any owner stops it.
    ///
    /// Errors: [`Error::NotFound`]; [`Error::Forbidden`] for who is no owner, and for one's own;
    /// [`Error::NeedsProof`]; [`Refusal::NotAllTheirs`] where the person belongs to a workspace that the
    /// asking owner does not own; [`Refusal::NoSecondFactor`]; [`Refusal::ResetWasStopped`]. Audit:
    /// `factor_reset.announced`.
    pub async fn reset_factors_of(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        member: MemberId,
        base_url: String,
    ) -> Result<OpenReset, Error> {
        let asked = self.read(actor, workspace, move |op| require_reset(op, member)).await?;
        let owners = self.owners_of_all(actor.request, asked.of).await?;
        if !are_all_of(&owners, asked.by) {
            return Err(Refusal::NotAllTheirs.into());
        }
        let by = Some(asked.by);
        self.announce_reset(actor.request, asked.of, by, owners, base_url).await
    }

    /// The resets that are open, of members whom the asking owner may have one announced of: when each takes
    /// force.
    ///
    /// Errors: [`Error::NotFound`]; [`Error::Store`].
    pub async fn open_resets(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
    ) -> Result<BTreeMap<MemberId, Timestamp>, Error> {
        let members = self.read(actor, workspace, list_resettable).await?;
        if members.is_empty() {
            return Ok(BTreeMap::new());
        }
        let open = self.read_directory(actor.request, list_open_resets).await?;
        let due = members.into_iter().filter_map(|(id, user)| Some((id, *open.get(&user)?)));
        Ok(due.collect())
    }

    /// Stops the open reset of a member, in the name of the owner who asks; does nothing when there is none.
    ///
    /// Errors: [`Error::NotFound`]; [`Error::Forbidden`] for who is no owner, and for one's own. Audit:
    /// `factor_reset.stopped`.
    pub async fn stop_reset_of_member(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        member: MemberId,
        origin: Origin,
    ) -> Result<(), Error> {
        let asked = self.read(actor, workspace, move |op| require_stop(op, member)).await?;
        self.write_directory(actor.request, move |op| {
            stop_reset_of(op, asked.of, asked.by, &origin)
        })
        .await
    }

    /// Carries out the resets whose day is over, each once: the factors go, and all sessions end. One that an
    /// owner asked for is dropped where they could ask for it no longer. How many there were. Run it about
    /// once a minute, on any node.
    ///
    /// Errors: [`Error::Store`], also when a workspace cannot be read: its reset waits, and the others are
    /// done. Audit: `factor_reset.done`, `session.ended`; `factor_reset.dropped`.
    pub async fn run_due_resets(&self, base_url: &str) -> Result<usize, Error> {
        let (request, origin) = (self.new_request(), Origin::of_server(base_url));
        let due = self.read_directory(request, list_due_resets).await?;
        let (count, mut outcome) = (due.len(), Ok(()));
        for reset in due {
            if let Err(error) = self.run_due_reset(request, reset, origin.clone()).await {
                outcome = outcome.and(Err(error));
            }
        }
        outcome.map(|()| count)
    }

    async fn run_due_reset(
        &self,
        request: RequestId,
        due: DueReset,
        origin: Origin,
    ) -> Result<(), Error> {
        let is_theirs = match due.asked_by {
            Some(by) => are_all_of(&self.owners_of_all(request, due.user).await?, by),
            None => true,
        };
        self.write_directory(request, move |op| match due.asked_by {
            Some(by) if !is_theirs || is_disabled(op, by)? => drop_due(op, due, by, &origin),
            _ => carry_out(op, due, &origin),
        })
        .await
    }
}

/// Whether somebody is an owner of each workspace. Of none: then the person has left meanwhile, or has not
/// come all the way in yet.
fn are_all_of(owners: &[Vec<UserId>], who: UserId) -> bool {
    !owners.is_empty() && owners.iter().all(|owners| owners.contains(&who))
}
