//! Continue an entry: start the timer with its booking and note.

use domain::ids::TimeEntryId;

use super::{StartTimer, start_timer};
use crate::{
    Error, Op,
    time_entry::{Added, Booking, TimeEntry, get_time_entry, made_from_before},
};

/// Starts the timer with what `of` was booked on and said.
///
/// Errors: [`Error::NotFound`]; as [`start_timer`].
pub fn continue_time_entry(
    op: &mut Op,
    of: TimeEntryId,
    id: Option<TimeEntryId>,
    body: Option<[u8; 32]>,
) -> Result<Added<TimeEntry>, Error> {
    if let Some(before) = made_from_before(op, of, id, body)? {
        return Ok(Added::Before(before));
    }
    let original = get_time_entry(op, of)?;
    let booking =
        Booking { project: original.project, task: original.task, tags: original.tags.clone() };
    let note = crate::input::note("note", &original.note)?;
    let billable = Some(original.is_billable);
    start_timer(op, StartTimer { id, booking, note, billable, started_at: None, body })
}
