//! Delete a team. It is a list of people and no more, so it goes at once; time and people stay.

use domain::{
    ids::TeamId,
    permission::{Relation, Right},
};
use store::Statement;

use super::{get_team, members::require_all_of_managers};
use crate::{
    Error, Op,
    audit::{Event, Kind},
    named::check_version,
    proof::{self, Grave},
};

/// Deletes a team.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`], also for who lacks what its managers have over its
/// members; [`Error::NeedsProof`]; [`Error::Stale`]. Audit: `team.deleted`.
pub fn delete_team(op: &mut Op, id: TeamId, expected_version: Option<i64>) -> Result<(), Error> {
    let before = get_team(op, id)?;
    op.require(Right::ManageTeams, Relation::Workspace)?;
    require_all_of_managers(op, &before.members)?;
    proof::require(op, Grave::DeleteTeam)?;
    check_version(expected_version, before.version)?;
    op.execute(&DELETE_MEMBERS, &[id.into()])?;
    op.execute(&DELETE, &[id.into()])?;
    op.touch_names()?;
    let event = Event::new(Kind::TeamDeleted, "team", id)
        .text("name", Some(&before.name), None)
        .fact("deleted", false, true);
    op.record(event)
}

const DELETE_MEMBERS: Statement =
    Statement::new("team.delete_members", "DELETE FROM team_members WHERE team_id = $1");

const DELETE: Statement = Statement::new("team.delete", "DELETE FROM teams WHERE id = $1");

pub(super) const STATEMENTS: &[Statement] = &[DELETE_MEMBERS, DELETE];
