//! Add a project.

use domain::{
    ids::{ClientId, Id, ProjectId},
    permission::{Relation, Right},
    preference::Hue,
    text::Name,
};
use store::Statement;

use crate::{
    Error, Op,
    audit::{Event, Kind},
    named,
    names::Project,
    time_entry::Added,
};

/// Adds a project.
#[derive(Debug, Clone)]
pub struct AddProject {
    /// The project's id, where the caller chose it.
    pub id: Option<ProjectId>,
    /// Who pays; archived clients can get projects too.
    pub client: Option<ClientId>,
    /// Unique within its client.
    pub name: Name,
    /// The next colour of the palette when none.
    pub hue: Option<Hue>,
    /// Whether new entries are billable; yes when none.
    pub billable: Option<bool>,
    /// Whether everyone may book on it; yes when none.
    pub open: Option<bool>,
    /// A keyed hash of the request, to recognise it when it is sent again.
    pub body: Option<[u8; 32]>,
}

/// Adds a project.
///
/// Errors: [`Error::Forbidden`]; [`Error::Invalid`] for `client_id`; [`crate::Refusal::NameTaken`];
/// [`Error::IdTaken`]. Audit: `project.added`.
pub fn add_project(op: &mut Op, command: AddProject) -> Result<Added<Project>, Error> {
    op.require(Right::ManageProjects, Relation::Workspace)?;
    if let Some(before) = named::made_before(op, command.id, command.body)? {
        return Ok(Added::Before(before));
    }
    if let Some(client) = command.client {
        require_client(op, client)?;
    }
    let id = command.id.unwrap_or_else(|| op.new_id());
    let existing = u64::try_from(op.names()?.projects.len()).unwrap_or(0);
    let hue = command.hue.unwrap_or_else(|| Hue::for_nth(existing));
    let is_billable = command.billable.unwrap_or(true);
    let is_open = command.open.unwrap_or(true);
    let mut values = named::new_values::<Project>(op, id, parent(command.client), &command.name)?;
    values.extend([
        command.client.into(),
        i64::from(hue.get()).into(),
        is_billable.into(),
        is_open.into(),
    ]);
    let event = Event::new(Kind::ProjectAdded, "project", id)
        .text("name", None, Some(command.name.as_str()))
        .fact("client", None::<i64>, command.client.map(Id::uuid))
        .fact("hue", None::<i64>, i64::from(hue.get()))
        .fact("billable", None::<i64>, is_billable)
        .fact("open", None::<i64>, is_open)
        .made_from(command.body);
    named::insert(op, id, &INSERT, &values, event).map(Added::New)
}

/// What a project's name is unique within: its client, or all that have none.
pub(super) fn parent(client: Option<ClientId>) -> [u8; 16] {
    client.map_or(named::WORKSPACE, ClientId::as_bytes)
}

/// Refuses a client that is not there.
///
/// Errors: [`Error::Invalid`] for `client_id`.
pub(super) fn require_client(op: &mut Op, client: ClientId) -> Result<(), Error> {
    match crate::client::get_client(op, client) {
        Err(Error::NotFound) => {
            Err(Error::invalid("client_id", "not_found", "There is no such client."))
        }
        outcome => outcome.map(drop),
    }
}

/// The index `projects_one_name` refuses a second project of the same name and client.
const INSERT: Statement = Statement::new(
    "project.insert",
    "INSERT INTO projects (id, name_sealed, name_index, sealed_rev, created_at, client_id, hue,
                           is_billable, is_open, version)
     VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, 1) ON CONFLICT DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT];
