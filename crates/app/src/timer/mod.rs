//! The timer: a member's running entry. At most one runs per member and workspace.
//!
//! The index `time_entries_one_running` holds that rule, also for two requests at once.

mod change;
mod discard;
mod resume;
mod running;
mod start;
mod stop;

pub use change::change_timer_start;
pub use discard::discard_timer;
pub use resume::continue_time_entry;
pub use running::running_entry;
pub use start::{StartTimer, start_timer};
pub use stop::{stop_this_timer, stop_timer};

pub(crate) use running::running_entry_of;
pub(crate) use stop::{stop_for_good, stop_running};

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    running::STATEMENTS.to_vec()
}
