//! Reports: where the time went.
//!
//! Totals read `entry_days`, which holds what each civil day got of each stopped entry, in the
//! entry's own zone; running entries are added from the clock, split at the same midnights. Nothing
//! is rounded here.

mod group;
mod reach;
mod recent;
mod stack;
mod summary;
mod week;

pub use group::{Group, GroupBy, may_group};
pub use recent::{Recent, recent};
pub use stack::{StackPart, stacked_days};
pub use summary::{DayTotal, Summary, SummaryQuery, SummaryRow, summary_file, summary_report};
pub use week::week_totals;

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    reach::statements()
}
