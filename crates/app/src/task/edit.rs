//! Rename, archive and restore a task.

use domain::ids::TaskId;
use store::Statement;

use super::list::managed_task;
use crate::{ChangeNamed, Error, Op, audit::Kind, named, names::Task};

/// Changes a task.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`];
/// [`crate::Refusal::NameTaken`]. Audit: `task.changed`.
pub fn change_task(op: &mut Op, id: TaskId, change: ChangeNamed) -> Result<Task, Error> {
    let before = managed_task(op, id, false)?;
    let parent = before.project.as_bytes();
    named::change(op, before, parent, change, (Kind::TaskChanged, &UPDATE))
}

const UPDATE: Statement = Statement::new(
    "task.update",
    "UPDATE tasks SET name_sealed = $2, name_index = $3, sealed_rev = $4, archived_at = $5,
                      version = version + 1
     WHERE id = $1 AND version = $6 AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];
