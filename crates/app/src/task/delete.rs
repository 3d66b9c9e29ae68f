//! Delete a task that no entry has, and restore it.

use domain::ids::TaskId;
use store::Statement;

use super::list::managed_task;
use crate::{Error, Op, audit::Kind, named, named::Trash, names::Task};

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

const TRASH: Trash = Trash {
    // Index `time_entries_task`.
    find_use: Statement::new(
        "task.find_use",
        "SELECT id FROM time_entries WHERE task_id = $1 LIMIT 1",
    ),
    delete: Statement::new(
        "task.delete",
        "UPDATE tasks SET deleted_at = $2, version = version + 1
         WHERE id = $1 AND deleted_at IS NULL",
    ),
    restore: Statement::new(
        "task.restore",
        "UPDATE tasks SET deleted_at = NULL, version = version + 1
         WHERE id = $1 AND deleted_at IS NOT NULL",
    ),
    deleted: Kind::TaskDeleted,
    restored: Kind::TaskRestored,
};

pub(super) const STATEMENTS: &[Statement] = &TRASH.statements();
