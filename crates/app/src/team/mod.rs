//! Teams: members whose time somebody answers for, on whatever project it is booked.
//!
//! Who manages a team, and has a role that lets them, sees and changes the time of its members, their
//! running timers and their reports. An archived team keeps its members, and gives nobody anything.

mod add;
mod delete;
mod edit;
mod list;
mod members;

pub use add::add_team;
pub use delete::delete_team;
pub use edit::change_team;
pub use list::{get_team, list_teams};
pub use members::{TeamMember, list_team_members, put_team_member, remove_team_member};

pub(crate) use members::end_managing;

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [add::STATEMENTS, delete::STATEMENTS, edit::STATEMENTS, members::STATEMENTS].concat()
}
