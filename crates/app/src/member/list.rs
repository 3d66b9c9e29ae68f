//! Look members up.

use domain::{
    ids::{MemberId, UserId},
    permission::{Assignment, Relation, Right},
};
use jiff::Timestamp;

use crate::{
    Error, Names, Op,
    names::{Member, fold},
};

/// A member as the asking one may see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleMember {
    /// Their id.
    pub id: MemberId,
    /// The person.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their e-mail address; shown to those who may see it, and to themselves.
    pub address: Option<String>,
    /// Their role.
    pub role: Assignment,
    /// It in a word, or by its name.
    pub role_name: String,
    /// When they joined.
    pub joined_at: Timestamp,
    /// When they left or were removed; none for those who are here.
    pub removed_at: Option<Timestamp>,
    /// Raised by every change.
    pub version: i64,
}

/// Members, by name; without those who have left.
///
/// Errors: [`Error::Forbidden`].
pub fn list_members(op: &mut Op) -> Result<Vec<VisibleMember>, Error> {
    op.require(Right::ReadMembers, Relation::Workspace)?;
    let names = op.names()?;
    let mut members: Vec<_> = names
        .members
        .values()
        .filter(|member| member.removed_at.is_none())
        .map(|member| visible(op, &names, member))
        .collect();
    members.sort_by_cached_key(|member| (fold(&member.name), member.id));
    Ok(members)
}

/// Everybody whose time can be here, by name: also those who have left.
///
/// Errors: [`Error::Forbidden`].
pub fn list_all_members(op: &mut Op) -> Result<Vec<VisibleMember>, Error> {
    op.require(Right::ReadMembers, Relation::Workspace)?;
    let names = op.names()?;
    let mut members: Vec<_> =
        names.members.values().map(|member| visible(op, &names, member)).collect();
    members.sort_by_cached_key(|member| (fold(&member.name), member.id));
    Ok(members)
}

/// A member who has not left; oneself always.
///
/// Errors: [`Error::NotFound`].
pub fn get_member(op: &mut Op, id: MemberId) -> Result<VisibleMember, Error> {
    let member = find(op, id)?;
    let names = op.names()?;
    Ok(visible(op, &names, &member))
}

/// A member, also one who has left: whose time there is can be named.
///
/// Errors: [`Error::NotFound`].
pub fn get_any_member(op: &mut Op, id: MemberId) -> Result<VisibleMember, Error> {
    let member = find_any(op, id)?;
    let names = op.names()?;
    Ok(visible(op, &names, &member))
}

/// How a member stands to the asking one.
pub(super) fn relation(op: &mut Op, member: MemberId) -> Result<Relation, Error> {
    let me = op.me().member;
    Ok(op.names()?.relation_of_members(me, member))
}

/// A member who is here and whom the asking one may see.
///
/// Errors: [`Error::NotFound`].
pub(super) fn find(op: &mut Op, id: MemberId) -> Result<Member, Error> {
    let member = find_any(op, id)?;
    if member.removed_at.is_some() { Err(Error::NotFound) } else { Ok(member) }
}

fn find_any(op: &mut Op, id: MemberId) -> Result<Member, Error> {
    let names = op.names()?;
    let member = names.members.get(&id).ok_or(Error::NotFound)?;
    let relation = names.relation_of_members(op.me().member, id);
    if !op.may(Right::ReadMembers, relation) {
        return Err(Error::NotFound);
    }
    Ok(member.clone())
}

fn visible(op: &Op, names: &Names, member: &Member) -> VisibleMember {
    let relation = names.relation_of_members(op.me().member, member.id);
    let is_shown = op.may(Right::ReadAddresses, relation);
    VisibleMember {
        id: member.id,
        user: member.user,
        name: member.name.clone(),
        address: is_shown.then(|| member.address.clone()),
        role: member.assignment(),
        role_name: names.role_name(member.assignment()),
        joined_at: member.joined_at,
        removed_at: member.removed_at,
        version: member.version,
    }
}
