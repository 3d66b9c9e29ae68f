//! Read the sign-in policy, and change it.

use domain::{
    permission::{Relation, Right},
    sign_in_policy::SignInPolicy,
};
use store::Statement;

use super::{
    ReadPolicy,
    enter::check_session,
    stored::{StoredPolicy, networks_text},
};
use crate::{
    Actor, Error, Op, Refusal,
    actor::Via,
    audit::{Event, Kind},
    named::check_version,
    proof::{self, Grave},
};

/// Another policy.
#[derive(Debug, Clone)]
pub struct ChangePolicy {
    /// All of it.
    pub policy: SignInPolicy,
    /// The version it was read at; refused when it has changed since.
    pub expected_version: Option<i64>,
    /// Who asks, as they came in: nobody shuts the door behind them.
    pub actor: Actor,
}

/// The policy.
///
/// Errors: [`Error::Forbidden`].
pub fn get_policy(op: &mut Op) -> Result<ReadPolicy, Error> {
    op.require(Right::ManageSignIn, Relation::Workspace)?;
    let stored = &op.settings().policy;
    Ok(ReadPolicy { policy: stored.open(op)?, version: stored.version })
}

/// Changes the policy; in force for everyone with the next request.
///
/// Errors: [`Error::Forbidden`]; [`Error::NeedsProof`]; [`Error::Stale`]; [`Error::Invalid`] where
/// nobody could come in any more; [`Refusal::PolicyKeepsYouOut`] where the one who asks could not.
/// Audit: `sign_in_policy.changed`; nothing when it is so already.
pub fn change_policy(op: &mut Op, change: ChangePolicy) -> Result<ReadPolicy, Error> {
    let before = check_change(op, &change)?;
    proof::require(op, Grave::ChangeSignIn)?;
    if change.policy == before.policy {
        return Ok(before);
    }
    let after = ReadPolicy { policy: change.policy, version: before.version + 1 };
    let stored = StoredPolicy::seal(op, &after.policy, after.version)?;
    update(op, &stored, before.version)?;
    op.replace_settings(crate::Settings { policy: stored, ..op.settings().clone() });
    let event = event(op, &before.policy, &after.policy);
    op.record(event)?;
    Ok(after)
}

/// Whether a policy could be changed so, without doing it: for who looks at what it would do. The
/// policy as it is.
///
/// Errors: those of [`change_policy`], but [`Error::NeedsProof`].
pub fn check_change(op: &mut Op, change: &ChangePolicy) -> Result<ReadPolicy, Error> {
    let before = get_policy(op)?;
    check_version(change.expected_version, before.version)?;
    check_door(op, &change.policy, change.actor)?;
    Ok(before)
}

/// Somebody has to be able to come in afterwards, and the one who asks among them.
fn check_door(op: &Op, policy: &SignInPolicy, actor: Actor) -> Result<(), Error> {
    if policy.locks_everybody_out() {
        let message = "Leave at least one way in: mail or passwords.";
        return Err(Error::invalid("allows_mail", "no_way_in", message));
    }
    let met = match op.me().via {
        Via::Session | Via::UnprovenSession => check_session(policy, actor.came),
        Via::Token(..) => policy.check_network(actor.came.from),
        Via::System => Ok(()),
    };
    met.map_err(|unmet| Refusal::PolicyKeepsYouOut(unmet).into())
}

fn event(op: &Op, before: &SignInPolicy, after: &SignInPolicy) -> Event {
    let [old, new] = [before, after].map(networks_text);
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    Event::new(Kind::SignInPolicyChanged, "workspace", op.workspace())
        .fact("allows_mail", before.allows_mail, after.allows_mail)
        .fact("allows_passwords", before.allows_passwords, after.allows_passwords)
        .fact("second_factor", before.second_factor.as_str(), after.second_factor.as_str())
        .text("networks", some(&old).as_deref(), some(&new).as_deref())
}

fn update(op: &mut Op, new: &StoredPolicy, before: i64) -> Result<(), Error> {
    let values = [
        new.allows_mail.into(),
        new.allows_passwords.into(),
        new.second_factor.as_str().into(),
        new.networks_sealed.clone().into(),
        new.version.into(),
        before.into(),
    ];
    if op.execute(&UPDATE, &values)? == 0 {
        return Err(Error::Stale(before));
    }
    Ok(())
}

const UPDATE: Statement = Statement::new(
    "sign_in_policy.update",
    "UPDATE workspace SET allows_mail = $1, allows_passwords = $2, second_factor = $3,
                          networks_sealed = $4, policy_version = $5
     WHERE policy_version = $6",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];
