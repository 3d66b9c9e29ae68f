//! Make a team.

use domain::{
    ids::TeamId,
    permission::{Relation, Right},
    text::Name,
};
use store::Statement;

use crate::{
    Error, Op,
    audit::{Event, Kind},
    named,
    names::Team,
    time_entry::Added,
};

/// Makes a team without members.
///
/// Errors: [`Error::Forbidden`]; [`crate::Refusal::NameTaken`]; [`Error::IdTaken`]. Audit:
/// `team.added`.
pub fn add_team(
    op: &mut Op,
    id: Option<TeamId>,
    name: &Name,
    body: Option<[u8; 32]>,
) -> Result<Added<Team>, Error> {
    op.require(Right::ManageTeams, Relation::Workspace)?;
    if let Some(before) = named::made_before(op, id, body)? {
        return Ok(Added::Before(before));
    }
    let id = id.unwrap_or_else(|| op.new_id());
    let values = named::new_values::<Team>(op, id, named::WORKSPACE, name)?;
    let event = Event::new(Kind::TeamAdded, "team", id).text("name", None, Some(name.as_str()));
    named::insert(op, id, &INSERT, &values, event.made_from(body)).map(Added::New)
}

/// The index `teams_one_name` refuses a second team of the same name.
const INSERT: Statement = Statement::new(
    "team.insert",
    "INSERT INTO teams (id, name_sealed, name_index, sealed_rev, created_at, version)
     VALUES ($1, $2, $3, 1, $4, 1) ON CONFLICT DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT];
