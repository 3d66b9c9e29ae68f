//! Keep out who does not come in as the policy asks.

use domain::{
    ids::WorkspaceId,
    sign_in_policy::{FirstFactor, SecondFactorRule, SignInPolicy, Unmet, Way},
};

use jiff::Timestamp;

use crate::{
    Actor, Credential, Error, Op,
    actor::{Came, CameBy},
    provider,
};

/// Refuses whom the provider of another workspace has let in, before anything is looked up: to them all
/// other workspaces are the same, those they belong to and those that are not there. Where it is not known
/// which provider it was, it was none of ours.
///
/// Errors: [`Error::KeptOut`].
pub(crate) fn check_provider(came: Came, workspace: WorkspaceId) -> Result<(), Error> {
    let is_by_provider = came.factors.is_some_and(|(first, _)| first == FirstFactor::Provider);
    match came.provider {
        _ if !is_by_provider => Ok(()),
        Some(CameBy::Instance) => Ok(()),
        Some(CameBy::Workspace(of, _)) if of == workspace => Ok(()),
        _ => Err(Error::KeptOut(Unmet::OtherProvider)),
    }
}

/// Whether the workspace still has the provider that opened the session.
fn check_live(op: &mut Op, came: Came) -> Result<(), Error> {
    match came.provider {
        Some(CameBy::Workspace(_, id)) if !provider::is_live(op, id)? => {
            Err(Error::KeptOut(Unmet::OtherProvider))
        }
        _ => Ok(()),
    }
}

/// Refuses an actor who does not meet the sign-in policy; what is missing, for one who stays at the
/// door. Programs are asked only from where they come: what made their token was asked when it was made.
///
/// Errors: [`Error::KeptOut`].
pub(crate) fn let_in(op: &mut Op, actor: Actor) -> Result<Option<Unmet>, Error> {
    check_live(op, actor.came)?;
    let stored = &op.settings().policy;
    if stored.is_open() {
        return Ok(None);
    }
    let met = match actor.credential {
        // The policy is about how members come in; an owner has let support in, by name and for minutes.
        Credential::System(_) | Credential::Approval(_) | Credential::Support(_) => Ok(()),
        Credential::Token(_) => stored.open(op)?.check_network(actor.came.from),
        Credential::Session(_) | Credential::UnprovenSession(_) => {
            check_session(&stored.open(op)?, actor.came, op.now())
        }
    };
    match met {
        Ok(()) => Ok(None),
        // From another address nothing about the account puts it right.
        Err(unmet) if actor.came.stays_at_door && unmet != Unmet::Network => Ok(Some(unmet)),
        Err(unmet) => Err(Error::KeptOut(unmet)),
    }
}

/// Whether a session meets a policy. Of one that is not known how it was opened, nothing is believed.
pub(super) fn check_session(
    policy: &SignInPolicy,
    came: Came,
    now: Timestamp,
) -> Result<(), Unmet> {
    check_factors(policy, came)?;
    policy.check_age(came.since.map(|since| since.shown(now)))
}

fn check_factors(policy: &SignInPolicy, came: Came) -> Result<(), Unmet> {
    let Some((first, second)) = came.factors else {
        policy.check_network(came.from)?;
        let forbidden = Way::ALL.iter().find(|way| !policy.ways.allows(**way));
        return match policy.second_factor {
            _ if forbidden.is_some() => forbidden.map_or(Ok(()), |way| Err(way.forbidden())),
            SecondFactorRule::Optional => Ok(()),
            SecondFactorRule::Required => Err(Unmet::SecondFactor),
            SecondFactorRule::Strong => Err(Unmet::StrongSecondFactor),
        };
    };
    policy.check(first, second, came.from)
}
