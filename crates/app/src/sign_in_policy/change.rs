//! Read the sign-in policy, and change it.

use domain::{
    permission::{Relation, Right},
    sign_in_policy::{FirstFactor, SignInPolicy, Way},
};
use jiff::Timestamp;
use store::Statement;

use super::{
    ReadPolicy,
    enter::check_session,
    stored::{StoredPolicy, networks_text},
};
use crate::{
    Actor, Credential, Error, Op, Refusal,
    actor::Via,
    audit::{Event, Kind},
    named::check_version,
    op::instant,
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
/// nobody could come in any more; [`Refusal::PolicyKeepsYouOut`] where the one who asks could not;
/// [`Refusal::OwnersNarrow`] for who is no owner, and [`Refusal::NarrowsInSession`] for an API token, where
/// it keeps out anybody whom it lets in now.
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
    // Whatever keeps somebody out could keep an owner out. So owners alone do that, of whom the one who
    // does it still comes in. A program shows nothing of how its person would come in.
    if change.policy.is_stricter_than(&before.policy) {
        if !op.may(Right::NarrowSignIn, Relation::Workspace) {
            return Err(Refusal::OwnersNarrow.into());
        }
        if matches!(op.me().via, Via::Token(..)) {
            return Err(Refusal::NarrowsInSession.into());
        }
    }
    check_door(op, &change.policy, change.actor)?;
    Ok(before)
}

/// Somebody has to be able to come in afterwards, and the one who asks among them.
fn check_door(op: &Op, policy: &SignInPolicy, actor: Actor) -> Result<(), Error> {
    if policy.locks_everybody_out() {
        let message = "Leave at least one way in.";
        return Err(Error::invalid("ways", "no_way_in", message));
    }
    let met = match op.me().via {
        // It comes in past every rule about ways, and shows none by which its person comes again. A second
        // factor they set up at the door.
        Via::Session | Via::UnprovenSession if is_by_printed_link(actor) => {
            if !policy.ways.allows(Way::Mail) {
                return Err(Refusal::LinkShowsNoWay.into());
            }
            let shown = actor.came.since.map(|since| since.shown(op.now()));
            policy.check_network(actor.came.from).and_then(|()| policy.check_age(shown))
        }
        Via::Session | Via::UnprovenSession => check_session(policy, actor.came, op.now()),
        Via::Token(..) => policy.check_network(actor.came.from),
        // They manage no sign-ins.
        Via::Support(..) | Via::System => Ok(()),
    };
    met.map_err(|unmet| Refusal::PolicyKeepsYouOut(unmet).into())
}

fn is_by_printed_link(actor: Actor) -> bool {
    matches!(actor.came.factors, Some((FirstFactor::PrintedLink, _)))
}

/// Whether the policy lets everybody in, however they come.
pub(crate) fn is_policy_open(op: &Op) -> bool {
    op.settings().policy.is_open()
}

/// Lets everybody in again, however they come: the operator's act, for a workspace whose owners are kept
/// out.
///
/// Errors: [`Error::Store`]. Audit: `sign_in_policy.changed`; nothing when it is so already.
pub(crate) fn open_policy(op: &mut Op) -> Result<(), Error> {
    op.require(Right::NarrowSignIn, Relation::Workspace)?;
    let change = ChangePolicy {
        policy: SignInPolicy::default(),
        expected_version: None,
        actor: Actor::new(Credential::System(op.me().member), op.request()),
    };
    change_policy(op, change).map(drop)
}

/// When the policy was last changed; at the beginning of time where it never was.
///
/// Errors: [`Error::Store`].
pub(crate) fn changed_at(op: &mut Op) -> Result<Timestamp, Error> {
    let row = op.one(&FIND_CHANGED, &[])?;
    instant(&row, 0)
}

fn event(op: &Op, before: &SignInPolicy, after: &SignInPolicy) -> Event {
    let [old, new] = [before, after].map(networks_text);
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let event = Event::new(Kind::SignInPolicyChanged, "workspace", op.workspace());
    let with_ways = Way::ALL.iter().fold(event, |event, way| {
        event.fact(fact_of(*way), before.ways.allows(*way), after.ways.allows(*way))
    });
    with_ways
        .fact("second_factor", before.second_factor.as_str(), after.second_factor.as_str())
        .fact("allows_remembering", before.allows_remembering, after.allows_remembering)
        .fact("longest_session", before.longest_session.as_str(), after.longest_session.as_str())
        .text("networks", some(&old).as_deref(), some(&new).as_deref())
}

/// As the record and the columns name it.
const fn fact_of(way: Way) -> &'static str {
    match way {
        Way::Mail => "allows_mail",
        Way::Passwords => "allows_passwords",
        Way::Passkeys => "allows_passkeys",
        Way::Providers => "allows_providers",
    }
}

fn update(op: &mut Op, new: &StoredPolicy, before: i64) -> Result<(), Error> {
    let values = [
        new.ways.allows(Way::Mail).into(),
        new.ways.allows(Way::Passwords).into(),
        new.ways.allows(Way::Passkeys).into(),
        new.ways.allows(Way::Providers).into(),
        new.second_factor.as_str().into(),
        new.networks_sealed.clone().into(),
        new.version.into(),
        before.into(),
        op.now().as_microsecond().into(),
        new.allows_remembering.into(),
        new.longest_session.as_str().into(),
    ];
    if op.execute(&UPDATE, &values)? == 0 {
        return Err(Error::Stale(before));
    }
    Ok(())
}

const UPDATE: Statement = Statement::new(
    "sign_in_policy.update",
    "UPDATE workspace SET allows_mail = $1, allows_passwords = $2, allows_passkeys = $3,
                          allows_providers = $4, second_factor = $5, networks_sealed = $6,
                          policy_version = $7, policy_changed_at = $9,
                          allows_remembering = $10, longest_session = $11
     WHERE policy_version = $8",
);

const FIND_CHANGED: Statement =
    Statement::new("sign_in_policy.find_changed", "SELECT policy_changed_at FROM workspace");

pub(super) const STATEMENTS: &[Statement] = &[UPDATE, FIND_CHANGED];
