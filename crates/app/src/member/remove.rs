//! Remove a member, or leave: the workspace's part of the act. The directory's part is `identity`'s.
//!
//! Their time stays, under their name. Their places on projects and in teams stay too, for the day they
//! come back; what they managed there, they then manage no more.

use domain::{
    duration::MAX_ENTRY_S,
    ids::{MemberId, UserId},
    permission::{Relation, Right, Role},
};
use jiff::{SignedDuration, Timestamp};
use store::Statement;

use super::role::require_another_owner;
use crate::{
    Error, Op,
    audit::{Event, Kind},
    invitation::revoke_sent_by,
    names::Member,
    proof::{self, Grave},
    timer, token,
};

/// What became of a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    /// The person, for the directory's part.
    pub user: UserId,
    /// Whether they were still here; done again, a removal changes nothing.
    pub is_new: bool,
}

/// Removes somebody else from the workspace: stops their timer now, revokes their tokens, and takes back
/// the invitations they have sent.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`], also for an admin who would remove an owner and
/// for oneself (see [`leave_here`]); [`Error::NeedsProof`]; [`crate::Refusal::LastOwner`]. Audit: `member.removed`,
/// `timer.stopped`, `token.revoked`, `invitation.revoked`.
pub fn remove_member_here(op: &mut Op, member: MemberId) -> Result<Removal, Error> {
    let names = op.names()?;
    let before = names.members.get(&member);
    let before = before
        .filter(|_| op.may(Right::ReadMembers, Relation::Workspace))
        .ok_or(Error::NotFound)?;
    op.require(Right::RemoveMembers, names.relation_of_members(op.me().member, member))?;
    // Nobody takes away what they lack: an admin removes no owner.
    if !op.me().standing.covers(names.standing(before.assignment())) {
        return Err(Error::Forbidden);
    }
    proof::require(op, Grave::RemoveMember)?;
    if before.removed_at.is_some() {
        return Ok(Removal { user: before.user, is_new: false });
    }
    remove(op, before)
}

/// Leaves the workspace.
///
/// Errors: [`crate::Refusal::LastOwner`]; [`Error::Forbidden`] for a token without that scope. Audit:
/// as [`remove_member_here`].
pub fn leave_here(op: &mut Op) -> Result<Removal, Error> {
    op.require(Right::LeaveWorkspace, Relation::Own)?;
    let names = op.names()?;
    let me = names.members.get(&op.me().member);
    remove(op, me.ok_or(Error::NotFound)?)
}

fn remove(op: &mut Op, member: &Member) -> Result<Removal, Error> {
    if member.role == Role::Owner {
        require_another_owner(op, member.id)?;
    }
    stop_timer_of(op, member.id)?;
    token::revoke_all_of(op, member.id)?;
    revoke_sent_by(op, member.id, None)?;
    let values = [member.id.into(), op.now().as_microsecond().into()];
    if op.execute(&REMOVE, &values)? == 0 {
        return Err(Error::Stale(member.version));
    }
    op.touch_names()?;
    let subject = op.names()?.subject(member.id)?;
    let event = Event::new(Kind::MemberRemoved, "member", member.id).about(subject).fact(
        "removed_at",
        None::<Timestamp>,
        op.now(),
    );
    op.record(event)?;
    Ok(Removal { user: member.user, is_new: true })
}

/// A timer that has run for longer than an entry can be is cut there: nobody is left to say when it
/// really ended. One that has grown into another entry ends all the same, and is shown to overlap.
pub(crate) fn stop_timer_of(op: &mut Op, member: MemberId) -> Result<(), Error> {
    let Some(running) = timer::running_entry_of(op, member)? else {
        return Ok(());
    };
    let start = running.start().unwrap_or(op.now_s());
    let longest = start.saturating_add(SignedDuration::from_secs(MAX_ENTRY_S));
    let longest = longest.map_err(|_| Error::bug("the end of a timer is out of range"))?;
    timer::stop_for_good(op, &running, op.now_s().clamp(start, longest)).map(drop)
}

const REMOVE: Statement = Statement::new(
    "member.remove",
    "UPDATE members SET removed_at = $2, version = version + 1
     WHERE id = $1 AND removed_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[REMOVE];
