//! What a person does only after they have shown anew who they are (step-up).
//!
//! A browser that is remembered, or that signed in a while ago, shows whose browser it is, not who
//! sits before it. What gives power away, takes it from others, or cannot be undone asks for a fresh
//! proof: a code from a mail, as long as there is no stronger factor. What lies in the trash for 30 days
//! can be undone. This is the list of what asks; each operation asks [`require`] with its own line of
//! it, in its own transaction. Programs with a token are not asked: their token is the proof.

use domain::permission::Standing;

use crate::{
    Error, Op,
    actor::{Scope, Via},
};

/// What gives power away, takes it from others, or cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grave {
    /// Another role, or an invitation as one.
    GiveRole {
        /// What they could do; none when they are invited.
        before: Option<Standing>,
        /// What they can do then.
        after: Standing,
    },
    /// What a role of the workspace's own gives.
    ChangeRole {
        /// What it gave; nothing when it is new.
        before: Option<Standing>,
        /// What it gives then.
        after: Standing,
    },
    /// Removing somebody else.
    RemoveMember,
    /// Saying who answers for the time of a team or a project.
    MakeManager,
    /// Deleting a team, which goes at once.
    DeleteTeam,
    /// Revoking a token of somebody else.
    RevokeToken,
    /// A token that outlives the session.
    MakeToken(Scope),
    /// The settings of the workspace.
    ChangeSettings,
    /// Who gets in, and how.
    ChangeSignIn,
    /// Taking somebody's second factors away.
    ResetFactors,
    /// Letting who runs the instance look into the workspace.
    GrantSupport,
}

impl Grave {
    fn is_grave(self) -> bool {
        match self {
            Self::GiveRole { before, after } | Self::ChangeRole { before, after } => {
                after.has_power() || before.is_some_and(Standing::has_power)
            }
            Self::MakeToken(scope) => scope == Scope::Full,
            Self::RemoveMember
            | Self::MakeManager
            | Self::DeleteTeam
            | Self::RevokeToken
            | Self::ChangeSettings
            | Self::ChangeSignIn
            | Self::ResetFactors
            | Self::GrantSupport => true,
        }
    }
}

/// Refuses what is on the list in a session that is not fresh.
///
/// Errors: [`Error::NeedsProof`]; [`Error::Forbidden`] for support.
pub(crate) fn require(op: &Op, what: Grave) -> Result<(), Error> {
    match op.me().via {
        _ if !what.is_grave() => Ok(()),
        Via::UnprovenSession => Err(Error::NeedsProof),
        // Support never shows who it is to the workspace, so it does none of this, whatever was given.
        Via::Support(..) => Err(Error::Forbidden),
        Via::Session | Via::Token(..) | Via::System => Ok(()),
    }
}
