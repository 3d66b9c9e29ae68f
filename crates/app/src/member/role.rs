//! Change a member's role.

use domain::{
    ids::MemberId,
    permission::{Relation, Right, Role, may_assign},
};
use store::Statement;

use super::{
    VisibleMember, get_member,
    list::{find, relation},
};
use crate::{
    Error, Op, Refusal,
    audit::{Event, Kind},
    named::check_version,
    proof::{self, Grave},
};

/// Gives a member another role.
///
/// An admin neither makes owners nor changes them; owners may also step down themselves, as long as
/// another one stays.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::NeedsProof`]; [`Error::Stale`];
/// [`Refusal::LastOwner`]. Audit: `member.role_changed`; nothing when it is so already.
pub fn change_role(
    op: &mut Op,
    member: MemberId,
    role: Role,
    expected_version: Option<i64>,
) -> Result<VisibleMember, Error> {
    let before = find(op, member)?;
    op.require(Right::ChangeRoles, relation(op, member))?;
    if !may_assign(op.me().role, Some(before.role), role) {
        return Err(Error::Forbidden);
    }
    proof::require(op, Grave::GiveRole { before: Some(before.role), after: role })?;
    if role == Role::Owner && before.role != Role::Owner {
        op.require(Right::TransferOwnership, Relation::Workspace)?;
    }
    check_version(expected_version, before.version)?;
    if role == before.role {
        return get_member(op, member);
    }
    if before.role == Role::Owner {
        require_another_owner(op, member)?;
    }
    let values = [member.into(), role.as_str().into(), before.version.into()];
    if op.execute(&UPDATE, &values)? == 0 {
        return Err(Error::Stale(before.version));
    }
    op.touch_names()?;
    let subject = op.names()?.subject(member)?;
    let event = Event::new(Kind::MemberRoleChanged, "member", member).about(subject).fact(
        "role",
        before.role.as_str(),
        role.as_str(),
    );
    op.record(event)?;
    // Who gave up the right to see members still sees themselves.
    get_member(op, member)
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
    "UPDATE members SET role = $2, version = version + 1
     WHERE id = $1 AND version = $3 AND removed_at IS NULL",
);

const FIND_ANOTHER_OWNER: Statement = Statement::new(
    "member.find_another_owner",
    "SELECT id FROM members WHERE role = 'owner' AND removed_at IS NULL AND id <> $1 LIMIT 1",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE, FIND_ANOTHER_OWNER];
