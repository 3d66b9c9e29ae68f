//! Rename, archive and restore a team.

use domain::{
    ids::TeamId,
    permission::{Relation, Right},
};
use store::Statement;

use super::{get_team, members::require_all_of_managers};
use crate::{ChangeNamed, Error, Op, audit::Kind, named, names::Team};

/// Changes a team. Who archives one takes from its managers what they manage, and who restores it gives
/// that again.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`], where it is archived or restored also for who lacks
/// what its managers have over its members; [`Error::Stale`];
/// [`crate::Refusal::NameTaken`]. Audit: `team.changed`.
pub fn change_team(op: &mut Op, id: TeamId, change: ChangeNamed) -> Result<Team, Error> {
    let before = get_team(op, id)?;
    op.require(Right::ManageTeams, Relation::Workspace)?;
    if change.archived.is_some_and(|archived| archived != before.archived_at.is_some()) {
        require_all_of_managers(op, &before.members)?;
    }
    named::change(op, before, named::WORKSPACE, change, (Kind::TeamChanged, &UPDATE))
}

const UPDATE: Statement = Statement::new(
    "team.update",
    "UPDATE teams SET name_sealed = $2, name_index = $3, sealed_rev = $4, archived_at = $5,
                      version = version + 1
     WHERE id = $1 AND version = $6",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];
