//! What the program does by itself, on any node: leases, the relay of the directory's events, the
//! trash, letters with heads.
//!
//! Each of these may run twice, or on two nodes at once, and nothing is wrong. When and how often
//! they run is the server's business. Elsewhere: letters in [`crate::identity::outbox`], tidying the
//! directory in [`crate::identity::sweep`], acts cut short in [`crate::App::sweep_intentions`].

mod head_letters;
mod lease;
mod relay;
mod trash;

pub use lease::{acquire_lease, release_leases};

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [head_letters::STATEMENTS, lease::STATEMENTS, relay::STATEMENTS, trash::STATEMENTS].concat()
}
