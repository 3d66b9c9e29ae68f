//! Change a project: its client, name, colour, what new time on it is, who may book; archive it.

use domain::{
    ids::{ClientId, Id, ProjectId},
    permission::{Relation, Right, Role, may_assign},
    preference::Hue,
    text::Name,
};
use store::Statement;

use super::{
    add::{parent, require_client},
    get_project,
};
use crate::{
    Error, Op,
    audit::Kind,
    client::has_guests,
    named,
    named::{Rename, check_version},
    names::Project,
};

/// Changes a project; what is `None` stays. Time that is booked already stays as it is.
#[derive(Debug, Clone, Default)]
pub struct ChangeProject {
    /// Another client, or none.
    pub client: Option<Option<ClientId>>,
    /// A new name.
    pub name: Option<Name>,
    /// A new colour.
    pub hue: Option<Hue>,
    /// Whether new entries are billable.
    pub billable: Option<bool>,
    /// Whether everyone may book on it.
    pub open: Option<bool>,
    /// Archived, or restored.
    pub archived: Option<bool>,
    /// The version it was read at; refused when it has changed since.
    pub expected_version: Option<i64>,
}

/// Changes a project.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`]; [`Error::Invalid`] for
/// `client_id`, also for who may not show the project to that client’s guests;
/// [`crate::Refusal::NameTaken`]. Audit: `project.changed`.
pub fn change_project(op: &mut Op, id: ProjectId, change: ChangeProject) -> Result<Project, Error> {
    let before = get_project(op, id)?;
    op.require(Right::ManageProjects, before.relation(op.me().member))?;
    check_version(change.expected_version, before.version)?;
    let client = change.client.unwrap_or(before.client);
    if let Some(client) = client.filter(|_| client != before.client) {
        require_client(op, client)?;
        require_may_show(op, client)?;
    }
    let hue = change.hue.map_or(before.hue, |hue| i64::from(hue.get()));
    let is_billable = change.billable.unwrap_or(before.is_billable);
    let is_open = change.open.unwrap_or(before.is_open);
    let rename = Rename {
        kind: Kind::ProjectChanged,
        parent: parent(client),
        name: change.name,
        archived: change.archived,
    };
    let (event, mut values) = named::changed_values(op, &before, rename)?;
    let event = event
        .fact("client", before.client.map(Id::uuid), client.map(Id::uuid))
        .fact("hue", before.hue, hue)
        .fact("billable", before.is_billable, is_billable)
        .fact("open", before.is_open, is_open);
    values.extend([client.into(), hue.into(), is_billable.into(), is_open.into()]);
    named::update(op, before, &UPDATE, &values, event)
}

/// Guests of a client see all time on its projects. So whoever moves a project to a client with guests
/// shows it to them, which is what inviting one does, and has that right.
fn require_may_show(op: &mut Op, client: ClientId) -> Result<(), Error> {
    let may_invite = op.may(Right::InviteMembers, Relation::Workspace)
        && may_assign(op.me().standing, None, Role::Client.into());
    if may_invite || !has_guests(op, client)? {
        return Ok(());
    }
    let message = "Guests of this client would see the project’s time. Ask somebody who may invite \
                   guests.";
    Err(Error::invalid("client_id", "forbidden", message))
}

const UPDATE: Statement = Statement::new(
    "project.update",
    "UPDATE projects SET name_sealed = $2, name_index = $3, sealed_rev = $4, archived_at = $5,
                         client_id = $7, hue = $8, is_billable = $9, is_open = $10,
                         version = version + 1
     WHERE id = $1 AND version = $6 AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];
