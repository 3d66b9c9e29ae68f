//! Delete a task that no entry has, restore it, and remove it for good.

use domain::ids::{ProjectId, TaskId};
use store::Statement;

use super::list::managed_task;
use crate::{
    Error, Op,
    audit::{Event, Kind},
    named,
    named::{Trash, trash},
    names::Task,
};

/// Puts a task in the trash.
///
/// Errors: [`crate::Refusal::StillInUse`] when an entry has it, in the trash too;
/// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`]. Audit: `task.deleted`.
pub fn delete_task(op: &mut Op, id: TaskId, expected_version: Option<i64>) -> Result<(), Error> {
    let before = managed_task(op, id, false)?;
    named::delete(op, &before, expected_version, &TRASH)
}

/// Takes a task out of the trash.
///
/// Errors: [`Error::NotFound`] when it is not there, or its project is in the trash;
/// [`crate::Refusal::NameTaken`]; [`Error::Forbidden`]. Audit: `task.restored`.
pub fn restore_task(op: &mut Op, id: TaskId) -> Result<Task, Error> {
    managed_task(op, id, true)?;
    named::restore(op, id, &TRASH)
}

/// Whether [`purge_tasks`] would find anything.
pub(crate) fn has_expired_tasks(op: &mut Op) -> Result<bool, Error> {
    named::has_expired(op, &TRASH)
}

/// Removes tasks that have been in the trash for 30 days and that nothing refers to. Audit: `task.purged`.
pub(crate) fn purge_tasks(op: &mut Op) -> Result<usize, Error> {
    named::purge::<Task>(op, &TRASH, |_, _| Ok(()))
}

/// Removes all tasks of a project that goes for good. Audit: `task.purged`.
pub(crate) fn purge_tasks_of(op: &mut Op, project: ProjectId) -> Result<(), Error> {
    let names = op.names()?;
    for task in names.tasks.values().filter(|task| task.project == project) {
        op.execute(&TRASH.purge, &[task.id.into()])?;
        op.record(Event::new(TRASH.purged, "task", task.id))?;
    }
    Ok(())
}

const TRASH: Trash = trash! {
    "task", "tasks",
    // Index `time_entries_task`.
    find_use: Statement::new(
        "task.find_use",
        "SELECT id FROM time_entries WHERE task_id = $1 LIMIT 1",
    ),
    // Index `time_entries_task`.
    list_expired: Statement::new(
        "task.list_expired",
        "SELECT id FROM tasks
         WHERE deleted_at < $1
           AND NOT EXISTS (SELECT 1 FROM time_entries e WHERE e.task_id = tasks.id)
         ORDER BY id LIMIT 200",
    ),
    deleted: Kind::TaskDeleted,
    restored: Kind::TaskRestored,
    purged: Kind::TaskPurged,
};

pub(super) const STATEMENTS: &[Statement] = &TRASH.statements();
