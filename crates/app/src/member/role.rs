//! Change a member's role.

use domain::{
    ids::{ClientId, MemberId, RoleId},
    permission::{Assignment, Incomplete, Relation, Right, Role, Standing, may_assign},
};
use store::Statement;

use super::{
    VisibleMember, get_member,
    list::{find, relation},
    managing::settle_managing,
    remove::stop_timer_of,
};
use crate::{
    Error, Op, Refusal,
    audit::{Event, Kind},
    invitation::revoke_sent_by,
    named::check_version,
    proof::{self, Grave},
};

/// Gives a member another role.
///
/// Nobody gives, or takes away, a right they lack: an admin neither makes owners nor changes them.
/// Owners may also step down themselves, as long as another one stays.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::NeedsProof`]; [`Error::Stale`];
/// [`Error::Invalid`] for a role or client that is not there; [`Refusal::LastOwner`]. Audit:
/// `member.role_changed`, and those of what hangs on it (timers, invitations, what they manage); nothing
/// when it is so already.
pub fn change_role(
    op: &mut Op,
    member: MemberId,
    role: impl Into<Assignment>,
    expected_version: Option<i64>,
) -> Result<VisibleMember, Error> {
    let before = find(op, member)?;
    let relation = relation(op, member)?;
    op.require(Right::ChangeRoles, relation)?;
    let role = role.into();
    let was = before.assignment();
    let standings = (op.names()?.standing(was), checked_standing(op, role)?);
    if !may_assign(op.me().standing, Some(standings.0), standings.1) {
        return Err(Error::Forbidden);
    }
    proof::require(op, Grave::GiveRole { before: Some(standings.0), after: standings.1 })?;
    if role.role == Role::Owner && was.role != Role::Owner {
        op.require(Right::TransferOwnership, Relation::Workspace)?;
    }
    check_version(expected_version, before.version)?;
    if role == was {
        return get_member(op, member);
    }
    if was.role == Role::Owner && role.role != Role::Owner {
        require_another_owner(op, member)?;
    }
    settle(op, member, standings.0, standings.1)?;
    let values = [
        member.into(),
        role.role.as_str().into(),
        role.own.into(),
        role.client.into(),
        before.version.into(),
    ];
    if op.execute(&UPDATE, &values)? == 0 {
        return Err(Error::Stale(before.version));
    }
    op.touch_names()?;
    let subject = op.names()?.subject(member)?;
    let event = Event::new(Kind::MemberRoleChanged, "member", member)
        .about(subject)
        .fact("role", was.role.as_str(), role.role.as_str())
        .fact("own_role", was.own.map(RoleId::uuid), role.own.map(RoleId::uuid))
        .fact("client", was.client.map(ClientId::uuid), role.client.map(ClientId::uuid));
    op.record(event)?;
    // Who gave up the right to see members still sees themselves.
    get_member(op, member)
}

/// Settles what hangs on what a member may, when that changes: no timer goes on that nobody can stop, no
/// invitation is open that they may not send, and what they manage is worth no more than the one who
/// changes it may give.
///
/// Errors: [`Error::Forbidden`]. Audit: `timer.stopped`, `invitation.revoked`, `team.member_put`,
/// `project.member_put`.
pub(crate) fn settle(
    op: &mut Op,
    member: MemberId,
    before: Standing,
    after: Standing,
) -> Result<(), Error> {
    settle_managing(op, member, before, after)?;
    revoke_sent_by(op, member, Some(after))?;
    if !after.allows(Right::TrackTime, Relation::Own) {
        stop_timer_of(op, member)?;
    }
    Ok(())
}

/// What a role gives, once it is checked that what it names is there.
///
/// Errors: [`Error::Invalid`] for `role_id` and `client_id`.
pub(crate) fn checked_standing(op: &mut Op, given: Assignment) -> Result<Standing, Error> {
    let names = op.names()?;
    let role = given.own.and_then(|id| names.roles.get(&id)).filter(|it| it.deleted_at.is_none());
    let client = given.client.and_then(|id| names.clients.get(&id));
    let client = client.filter(|client| client.deleted_at.is_none());
    let there = Assignment {
        role: given.role,
        own: role.map(|role| role.id),
        client: client.map(|client| client.id),
    };
    match Assignment::new(there.role, there.own, there.client) {
        Ok(there) if there == given => Ok(names.standing(given)),
        Err(Incomplete::Client) => {
            let message = "Choose the client whose projects they see.";
            Err(Error::invalid("client_id", "not_found", message))
        }
        Ok(_) | Err(Incomplete::Own) => {
            let message = "Choose one of the roles made here.";
            Err(Error::invalid("role_id", "not_found", message))
        }
    }
}

/// Refuses when nobody else owns the workspace.
///
/// Errors: [`Refusal::LastOwner`].
pub(super) fn require_another_owner(op: &mut Op, member: MemberId) -> Result<(), Error> {
    match op.optional(&FIND_ANOTHER_OWNER, &[member.into()])? {
        Some(_) => Ok(()),
        None => Err(Refusal::LastOwner.into()),
    }
}

const UPDATE: Statement = Statement::new(
    "member.update_role",
    "UPDATE members SET role = $2, role_id = $3, client_id = $4, version = version + 1
     WHERE id = $1 AND version = $5 AND removed_at IS NULL",
);

const FIND_ANOTHER_OWNER: Statement = Statement::new(
    "member.find_another_owner",
    "SELECT id FROM members WHERE role = 'owner' AND removed_at IS NULL AND id <> $1 LIMIT 1",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE, FIND_ANOTHER_OWNER];
