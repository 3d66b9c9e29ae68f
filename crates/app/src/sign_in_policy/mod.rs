//! The sign-in policy of a workspace: read it, change it, and keep out who does not meet it.
//!
//! The rules are [`domain::sign_in_policy`]; what each way in is worth stands in `docs/ways-in.md`.
//! It is asked at each request, where the actor is looked up, so a change is in force on the next one.

mod change;
mod consequences;
mod enter;
mod offered;
mod stored;

pub use change::{ChangePolicy, change_policy, check_change, get_policy};
pub(crate) use change::{changed_at, is_policy_open, open_policy};
pub use consequences::Consequences;
pub(crate) use consequences::is_outside;
pub(crate) use enter::{check_provider, let_in};
pub(crate) use stored::StoredPolicy;

/// A policy as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadPolicy {
    /// What it says.
    pub policy: domain::sign_in_policy::SignInPolicy,
    /// Raised by every change.
    pub version: i64,
}

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [change::STATEMENTS, consequences::STATEMENTS, offered::STATEMENTS].concat()
}
