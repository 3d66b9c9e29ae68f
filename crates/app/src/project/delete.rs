//! Delete a project without time, restore it, and remove it for good.

use domain::{
    ids::ProjectId,
    permission::{Relation, Right},
};
use store::Statement;

use super::get_project;
use crate::{
    Error, Op, Refusal,
    audit::Kind,
    named,
    named::{Trash, trash},
    names::Project,
};

/// Puts a project in the trash; its tasks and members stay with it.
///
/// Errors: [`Refusal::StillInUse`] while time is booked on it, in the trash too, since that can be
/// restored; [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`]. Audit: `project.deleted`.
pub fn delete_project(
    op: &mut Op,
    id: ProjectId,
    expected_version: Option<i64>,
) -> Result<(), Error> {
    let before = get_project(op, id)?;
    op.require(Right::ManageProjects, before.relation(op.me().member))?;
    named::delete(op, &before, expected_version, &TRASH)
}

/// Takes a project out of the trash.
///
/// Errors: [`Error::NotFound`] when it is not there; [`Refusal::NameTaken`];
/// [`Refusal::ClientDeleted`] while its client is in the trash; [`Error::Forbidden`]. Audit:
/// `project.restored`.
pub fn restore_project(op: &mut Op, id: ProjectId) -> Result<Project, Error> {
    op.require(Right::ManageProjects, Relation::Workspace)?;
    let names = op.names()?;
    let project = names.projects.get(&id).ok_or(Error::NotFound)?;
    let client = project.client.and_then(|id| names.clients.get(&id));
    if let Some(client) = client.filter(|client| client.deleted_at.is_some()) {
        return Err(Refusal::ClientDeleted(client.id).into());
    }
    named::restore(op, id, &TRASH)
}

/// Whether [`purge_projects`] would find anything.
pub(crate) fn has_expired_projects(op: &mut Op) -> Result<bool, Error> {
    named::has_expired(op, &TRASH)
}

/// Removes a project that has been in the trash for 30 days and that nothing refers to, with its
/// tasks and places. Audit: `task.purged`, `project.purged`.
pub(crate) fn purge_projects(op: &mut Op) -> Result<usize, Error> {
    named::purge::<Project>(op, &TRASH, purge_hanging)
}

/// Its tasks and who was on it.
fn purge_hanging(op: &mut Op, id: ProjectId) -> Result<(), Error> {
    crate::task::purge_tasks_of(op, id)?;
    op.execute(&PURGE_MEMBERS, &[id.into()])?;
    Ok(())
}

const TRASH: Trash = trash! {
    "project", "projects",
    // Index `time_entries_project_day`, then `time_entries_deleted` for the trash.
    find_use: Statement::new(
        "project.find_use",
        "SELECT id FROM time_entries WHERE project_id = $1 AND deleted_at IS NULL
         UNION ALL
         SELECT id FROM time_entries WHERE project_id = $1 AND deleted_at IS NOT NULL
         LIMIT 1",
    ),
    // Nothing can be booked on what is in the trash; were it so, the time would stay readable. One at
    // a time: the database looks through all entries before it lets a project go.
    list_expired: Statement::new(
        "project.list_expired",
        "SELECT id FROM projects
         WHERE deleted_at < $1
           AND NOT EXISTS (SELECT 1 FROM time_entries e
                           WHERE e.project_id = projects.id AND e.deleted_at IS NULL)
           AND NOT EXISTS (SELECT 1 FROM time_entries e
                           WHERE e.project_id = projects.id AND e.deleted_at IS NOT NULL)
         ORDER BY id LIMIT 1",
    ),
    deleted: Kind::ProjectDeleted,
    restored: Kind::ProjectRestored,
    purged: Kind::ProjectPurged,
};

const PURGE_MEMBERS: Statement =
    Statement::new("project.purge_members", "DELETE FROM project_members WHERE project_id = $1");

pub(super) fn statements() -> Vec<Statement> {
    let mut statements = TRASH.statements().to_vec();
    statements.push(PURGE_MEMBERS);
    statements
}
