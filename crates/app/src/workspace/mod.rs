//! Workspaces: found one, let a person in.

mod found;
mod join;

pub use found::FoundWorkspace;
pub use join::Newcomer;

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [found::STATEMENTS, join::STATEMENTS].concat()
}
