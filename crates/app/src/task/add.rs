//! Add a task.

use domain::{
    ids::{ProjectId, TaskId},
    permission::Right,
    text::Name,
};
use store::Statement;

use crate::{
    Error, Op,
    audit::{Event, Kind},
    named,
    names::Task,
    time_entry::Added,
};

/// Adds a task to a project, archived or not.
///
/// Errors: [`Error::Invalid`] for `project_id`; [`Error::Forbidden`]; [`crate::Refusal::NameTaken`];
/// [`Error::IdTaken`]. Audit: `task.added`.
pub fn add_task(
    op: &mut Op,
    id: Option<TaskId>,
    project: ProjectId,
    name: &Name,
    body: Option<[u8; 32]>,
) -> Result<Added<Task>, Error> {
    let names = op.names()?;
    let Ok(target) = names.visible_project(op, project) else {
        let message = "There is no such project.";
        return Err(Error::invalid("project_id", "not_found", message));
    };
    let relation = target.relation(op.me().member);
    op.require(Right::ManageTasks, relation)?;
    if let Some(before) = named::made_before(op, id, body)? {
        return Ok(Added::Before(before));
    }
    let id = id.unwrap_or_else(|| op.new_id());
    let mut values = named::new_values::<Task>(op, id, project.as_bytes(), name)?;
    values.push(project.into());
    let event = Event::new(Kind::TaskAdded, "task", id)
        .text("name", None, Some(name.as_str()))
        .fact("project", None::<i64>, project.uuid())
        .made_from(body);
    named::insert(op, id, &INSERT, &values, event).map(Added::New)
}

/// The index `tasks_one_name` refuses a second task of the same name and project.
const INSERT: Statement = Statement::new(
    "task.insert",
    "INSERT INTO tasks (id, name_sealed, name_index, sealed_rev, created_at, project_id, version)
     VALUES ($1, $2, $3, 1, $4, $5, 1) ON CONFLICT DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT];
