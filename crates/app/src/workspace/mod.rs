//! Workspaces: found one, let a person in.

mod found;
mod join;

pub use found::FoundWorkspace;
pub use join::Newcomer;

pub(crate) use join::{insert_member, record_joining};

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [found::STATEMENTS, join::STATEMENTS].concat()
}
