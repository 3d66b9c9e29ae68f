//! Disable a person: the operator's act, over the directory and every workspace they belong to.
//!
//! The directory comes first: from its commit on nobody signs in as them, their sessions are over, and
//! open pages hear of it. Their tokens are each workspace's own, and end there one after the other.
//! It has no intention: done again, it does what was left and changes nothing else, so an operator
//! whose command was cut short gives it once more.

use domain::ids::{RequestId, UserId};

use crate::{
    Actor, App, Credential, Error, Op,
    identity::{Membership, disable_person, list_memberships},
    invitation::revoke_sent_by,
    token,
};

/// What was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disabled {
    /// Sessions in browsers.
    pub sessions: u64,
    /// API tokens, over all workspaces.
    pub tokens: usize,
}

impl App {
    /// Keeps a person from signing in, ends their sessions and tokens, and takes back the invitations they
    /// have sent. Their memberships, roles and time stay for the day they are enabled again.
    ///
    /// Errors: [`Error::NotFound`]; [`Error::Store`], also when a workspace cannot be written: the
    /// others are done then. Audit: `person.disabled`, `session.ended`, `token.revoked`,
    /// `invitation.revoked`.
    pub async fn disable(&self, request: RequestId, user: UserId) -> Result<Disabled, Error> {
        let disabled = self.write_directory(request, move |op| {
            let sessions = disable_person(op, user)?;
            Ok((sessions, list_memberships(op, user)?))
        });
        let (sessions, memberships) = disabled.await?;
        let (mut tokens, mut outcome) = (0, Ok(()));
        for Membership { workspace, member } in memberships {
            let actor = Actor::new(Credential::System(member), request);
            let revoke = move |op: &mut Op| {
                revoke_sent_by(op, member, None)?;
                token::revoke_all_of(op, member)
            };
            match self.write(actor, workspace, revoke).await {
                Ok(count) => tokens += count,
                // They were removed, and their tokens with them.
                Err(Error::NotFound) => {}
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        outcome.map(|()| Disabled { sessions, tokens })
    }
}
