//! Time entries: add, edit, split, duplicate, delete, restore, list, history.
//!
//! An entry is an interval with the zone frozen when it was made, or a duration on a day. What each
//! civil day got of it stands in `entry_days`, written in the same transaction; every total reads
//! that table.

mod add;
mod booking;
mod by_path;
mod days;
mod delete;
mod edit;
mod history;
mod list;
mod quick;
mod row;
mod split;
mod unknown;

pub use add::{AddTimeEntry, Added, NewSpan, add_time_entry, duplicate_time_entry, zone_of};
pub use booking::{Booking, MOST_TAGS};
pub use by_path::booking_by_path;
pub use delete::{
    delete_time_entry, has_expired_trash, list_trash, purge_trash, restore_time_entry,
};
pub use edit::{ChangeTimeEntry, change_time_entry, require_edit};
pub use history::{HistoryChange, HistoryEvent, HistoryValue, time_entry_history};
pub use list::{Cursor, DayPart, Filter, Listed, earliest_day, list_day_parts, list_time_entries};
pub use quick::{MayMake, QuickReading, ReadCompletion, add_quick_entry, read_quick_entry};
pub use row::{Span, TimeEntry, get_time_entry};
pub use split::{SplitPoint, split_time_entry};

pub(crate) use add::{insert_row, made_before, made_from_before, prepare};
pub use booking::relation_of;
pub(crate) use booking::{CheckedBooking, check_booking};
pub(crate) use days::{forbid_overlap, running_days, write_days};
pub(crate) use delete::delete_entry_as;
pub(crate) use row::{entry_event, insert_tags, load, load_unasked, overwrite};

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [add::STATEMENTS, days::STATEMENTS, delete::STATEMENTS, list::STATEMENTS, row::STATEMENTS]
        .concat()
}
