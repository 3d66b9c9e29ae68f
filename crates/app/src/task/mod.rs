//! Tasks: parts of a project that time can be booked on. Seen by whoever sees the project.

mod add;
mod delete;
mod edit;
mod list;

pub use add::add_task;
pub use delete::{delete_task, restore_task};
pub use edit::change_task;
pub use list::{get_task, list_tasks};

pub(crate) use delete::{has_expired_tasks, purge_tasks, purge_tasks_of};

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [add::STATEMENTS, delete::STATEMENTS, edit::STATEMENTS].concat()
}
