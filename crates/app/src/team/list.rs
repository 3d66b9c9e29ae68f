//! Look teams up.

use domain::{
    ids::TeamId,
    permission::{Relation, Right},
};

use crate::{
    Error, Op,
    names::{Team, fold},
};

/// All teams, by name; archived ones too.
///
/// Errors: [`Error::Forbidden`].
pub fn list_teams(op: &mut Op) -> Result<Vec<Team>, Error> {
    op.require(Right::ReadTeams, Relation::Workspace)?;
    let names = op.names()?;
    let mut teams: Vec<Team> = names.teams.values().cloned().collect();
    teams.sort_by_cached_key(|team| (fold(&team.name), team.id));
    Ok(teams)
}

/// A team.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`].
pub fn get_team(op: &mut Op, id: TeamId) -> Result<Team, Error> {
    op.require(Right::ReadTeams, Relation::Workspace)?;
    op.names()?.teams.get(&id).cloned().ok_or(Error::NotFound)
}
