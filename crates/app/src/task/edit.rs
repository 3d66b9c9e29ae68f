//! Rename, archive and restore a task.

use domain::{ids::TaskId, text::Name};
use store::Statement;

use super::list::managed_task;
use crate::{
    Error, Op,
    audit::Kind,
    named,
    named::{Rename, check_version},
    names::Task,
};

/// Changes a task; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ChangeTask {
    /// A new name.
    pub name: Option<Name>,
    /// Archived, or restored.
    pub archived: Option<bool>,
    /// The version it was read at; refused when it has changed since.
    pub expected_version: Option<i64>,
}

/// Changes a task.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`];
/// [`crate::Refusal::NameTaken`]. Audit: `task.changed`.
pub fn change_task(op: &mut Op, id: TaskId, change: ChangeTask) -> Result<Task, Error> {
    let before = managed_task(op, id, false)?;
    check_version(change.expected_version, before.version)?;
    let rename = Rename {
        kind: Kind::TaskChanged,
        parent: before.project.as_bytes(),
        name: change.name,
        archived: change.archived,
    };
    let (event, values) = named::changed_values(op, &before, rename)?;
    named::update(op, before, &UPDATE, &values, event)
}

const UPDATE: Statement = Statement::new(
    "task.update",
    "UPDATE tasks SET name_sealed = $2, name_index = $3, sealed_rev = $4, archived_at = $5,
                      version = version + 1
     WHERE id = $1 AND version = $6 AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];
