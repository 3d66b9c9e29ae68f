//! Workspaces: found one, let a person in, its settings.

mod found;
mod join;
mod settings;

pub use found::FoundWorkspace;
pub use join::Newcomer;
pub use settings::{ChangeWorkspace, Workspace, change_workspace, get_workspace};

pub(crate) use join::{insert_member, record_joining, record_joining_by_rule};

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [found::STATEMENTS, join::STATEMENTS, settings::STATEMENTS].concat()
}
