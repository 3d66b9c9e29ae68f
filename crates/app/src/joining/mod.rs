//! Joining without an invitation: the workspace's rule about mail domains, and who came in by it.
//!
//! The rule is a workspace's own; the directory only keeps how to find it (`identity::joining`). The acts
//! over both databases are in `act`: changing the rule, and joining by it.

mod change;
mod enter;
mod look;
mod tidings;

use store::Statement;

pub use change::{ChangeJoinRule, ReadJoinRule, get_join_rule};
pub(crate) use change::{change_join_rule, check_join_rule};
pub(crate) use enter::{ByRule, enter_by_rule};
pub(crate) use look::look_at_rule;
pub(crate) use tidings::{Tidings, find_tidings};

/// All statements of this feature.
pub fn statements() -> Vec<Statement> {
    [change::STATEMENTS, enter::STATEMENTS, look::STATEMENTS, tidings::STATEMENTS].concat()
}
