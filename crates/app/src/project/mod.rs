//! Projects: what time is booked on, for a client or for none, and who works on them.
//!
//! An open project can be booked on by every member, another one by its members only; a member of
//! a project who has the role of manager and the flag answers for the time booked on it. Names are
//! unique within the client. Archiving refuses new time and keeps the old.

mod add;
mod delete;
mod edit;
mod list;
mod members;

pub use add::{AddProject, add_project};
pub use delete::{delete_project, restore_project};
pub use edit::{ChangeProject, change_project};
pub use list::{get_project, list_projects};
pub use members::{ProjectMember, list_project_members, put_project_member, remove_project_member};

pub(crate) use delete::{has_expired_projects, purge_projects};
pub(crate) use members::end_managing;

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    let others = [add::STATEMENTS, edit::STATEMENTS, members::STATEMENTS].concat();
    [others, delete::statements()].concat()
}
