//! Who is in a team, and who answers for it.

use std::collections::HashMap;

use domain::{
    ids::{MemberId, TeamId},
    permission::{Relation, Right},
};
use store::Statement;

use super::get_team;
use crate::{
    Error, Op,
    audit::{Event, Kind},
    names::fold,
    proof::{self, Grave},
};

/// A member's place in a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TeamMember {
    /// Who.
    pub member: MemberId,
    /// Whether they answer for its time.
    pub is_manager: bool,
}

/// Puts a member in a team, or changes their place.
///
/// Errors: [`Error::NotFound`] for a team or member that is not there; [`Error::Forbidden`], also for
/// who lacks what its managers have over its members; [`Error::Invalid`] for `manager`, where
/// the member's role gives no right to manage one; [`Error::NeedsProof`] for another manager. Audit:
/// `team.member_put`; nothing when it is so already.
pub fn put_team_member(
    op: &mut Op,
    team: TeamId,
    member: MemberId,
    is_manager: bool,
) -> Result<TeamMember, Error> {
    let before = get_team(op, team)?;
    op.require(Right::ManageTeams, Relation::Workspace)?;
    let names = op.names()?;
    let subject = names.subject(member)?;
    let found = names.members.get(&member).filter(|found| found.removed_at.is_none());
    let standing = names.standing(found.ok_or(Error::NotFound)?.assignment());
    let was_manager = before.members.get(&member).copied();
    if is_manager && !standing.can_manage_teams() {
        let message = "Who manages a team needs the role of a manager. Change their role first.";
        return Err(Error::invalid("manager", "forbidden", message));
    }
    if was_manager != Some(is_manager) {
        // Who manages it no longer has something taken away.
        require_all_of_managers(op, &before.members)?;
        let mut after = before.members;
        after.insert(member, is_manager);
        require_all_of_managers(op, &after)?;
        if is_manager {
            proof::require(op, Grave::MakeManager)?;
        }
        op.execute(&PUT, &[team.into(), member.into(), is_manager.into()])?;
        op.touch_names()?;
        let event = Event::new(Kind::TeamMemberPut, "team", team)
            .about(subject)
            .fact("member", None::<i64>, member.uuid())
            .fact("manager", was_manager, is_manager);
        op.record(event)?;
    }
    Ok(TeamMember { member, is_manager })
}

/// Refuses who lacks, over everybody, what the managers of a team get over its members: nobody gives a
/// right they lack, themselves included, and nobody takes one away that they lack.
pub(super) fn require_all_of_managers(
    op: &mut Op,
    members: &HashMap<MemberId, bool>,
) -> Result<(), Error> {
    let names = op.names()?;
    for (member, _) in members.iter().filter(|(_, is_manager)| **is_manager) {
        let manager = names.members.get(member).filter(|manager| manager.removed_at.is_none());
        let Some(manager) = manager else {
            continue;
        };
        let mut gained = names.standing(manager.assignment()).gained_by_team();
        gained.try_for_each(|right| op.require(right, Relation::Other))?;
    }
    Ok(())
}

/// Leaves a member in their teams, and makes them manage none. Audit: `team.member_put`.
pub(crate) fn end_managing(op: &mut Op, member: MemberId) -> Result<(), Error> {
    let names = op.names()?;
    let managed = names.teams.values().filter(|team| team.members.get(&member) == Some(&true));
    let mut managed: Vec<TeamId> = managed.map(|team| team.id).collect();
    managed.sort();
    for team in managed {
        op.execute(&PUT, &[team.into(), member.into(), false.into()])?;
        op.touch_names()?;
        let event = Event::new(Kind::TeamMemberPut, "team", team)
            .about(names.subject(member)?)
            .fact("member", None::<i64>, member.uuid())
            .fact("manager", true, false);
        op.record(event)?;
    }
    Ok(())
}

/// Takes a member out of a team. Their time stays.
///
/// Errors: [`Error::NotFound`], also when the member is not in it; [`Error::Forbidden`], also for who
/// lacks what its managers have over its members. Audit: `team.member_removed`.
pub fn remove_team_member(op: &mut Op, team: TeamId, member: MemberId) -> Result<(), Error> {
    let before = get_team(op, team)?;
    op.require(Right::ManageTeams, Relation::Workspace)?;
    let was_manager = *before.members.get(&member).ok_or(Error::NotFound)?;
    require_all_of_managers(op, &before.members)?;
    let subject = op.names()?.subject(member)?;
    op.execute(&REMOVE, &[team.into(), member.into()])?;
    op.touch_names()?;
    let event = Event::new(Kind::TeamMemberRemoved, "team", team)
        .about(subject)
        .fact("member", member.uuid(), None::<i64>)
        .fact("manager", was_manager, None::<i64>);
    op.record(event)
}

/// Who is in a team, by name; without those who have left the workspace.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub fn list_team_members(op: &mut Op, team: TeamId) -> Result<Vec<TeamMember>, Error> {
    let team = get_team(op, team)?;
    let names = op.names()?;
    let mut places: Vec<_> = team
        .members
        .iter()
        .filter_map(|(id, is_manager)| Some((names.members.get(id)?, *is_manager)))
        .filter(|(member, _)| member.removed_at.is_none())
        .collect();
    places.sort_by_cached_key(|(member, _)| (fold(&member.name), member.id));
    Ok(places
        .into_iter()
        .map(|(member, is_manager)| TeamMember { member: member.id, is_manager })
        .collect())
}

const PUT: Statement = Statement::new(
    "team_member.put",
    "INSERT INTO team_members (team_id, member_id, is_manager) VALUES ($1, $2, $3)
     ON CONFLICT (team_id, member_id) DO UPDATE SET is_manager = excluded.is_manager",
);

const REMOVE: Statement = Statement::new(
    "team_member.remove",
    "DELETE FROM team_members WHERE team_id = $1 AND member_id = $2",
);

pub(super) const STATEMENTS: &[Statement] = &[PUT, REMOVE];
