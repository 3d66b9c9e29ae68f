//! Split an entry in two.

use domain::{day::local_day, ids::TimeEntryId, interval::truncate_to_second};
use jiff::{SignedDuration, Timestamp};

use super::{
    Added, Span, TimeEntry, add, edit::require_edit, entry_event, get_time_entry, load, overwrite,
    write_days,
};
use crate::{Error, Op, Refusal, audit::Kind};

/// The instant so many seconds after an entry's start, also of one that was split and is now in the
/// trash.
///
/// Errors: [`Refusal::NotSplittable`] for a duration on a day; [`Refusal::SplitOutsideEntry`] when
/// there is no such instant; [`Error::NotFound`].
pub fn instant_after_start(op: &mut Op, id: TimeEntryId, seconds: i64) -> Result<Timestamp, Error> {
    let start = load(op, id)?.start().ok_or(Refusal::NotSplittable)?;
    let at = start.checked_add(SignedDuration::from_secs(seconds));
    at.map_err(|_| Refusal::SplitOutsideEntry.into())
}

/// Splits a stopped entry at an instant strictly inside it; the second part gets its own id and
/// everything else from the first.
///
/// Errors: [`Refusal::NotSplittable`]; [`Refusal::SplitOutsideEntry`]; [`Error::NotFound`];
/// [`Error::Forbidden`]; [`Error::IdTaken`]. Audit: `time_entry.split` on the first part,
/// `time_entry.added` on the second.
pub fn split_time_entry(
    op: &mut Op,
    id: TimeEntryId,
    at: Timestamp,
    second_id: Option<TimeEntryId>,
    body: Option<[u8; 32]>,
) -> Result<Added<(TimeEntry, TimeEntry)>, Error> {
    // The first part may be in the trash when the same request comes again.
    if let Some(second) = add::made_before(op, second_id, body)? {
        return Ok(Added::Before((load(op, id)?, second)));
    }
    let before = get_time_entry(op, id)?;
    require_edit(op, &before)?;
    let Span::Interval { start, stop: Some(stop) } = before.span else {
        return Err(Refusal::NotSplittable.into());
    };
    let at = truncate_to_second(at);
    if at <= start || at >= stop {
        return Err(Refusal::SplitOutsideEntry.into());
    }
    let mut first = before.clone();
    first.span = Span::Interval { start, stop: Some(at) };
    let mut second = before.clone();
    second.id = match second_id {
        Some(id) => id,
        None => op.new_id(),
    };
    second.span = Span::Interval { start: at, stop: Some(stop) };
    second.first_day = local_day(at, &second.zone);
    (second.version, second.sealed_rev, second.created_at) = (1, 1, op.now_s());
    let event = entry_event(op, Kind::TimeEntrySplit, Some(&before), Some(&first))?;
    let first = overwrite(op, &before, first)?;
    write_days(op, &first, false)?;
    op.record(event)?;
    add::insert(op, &second)?;
    write_days(op, &second, true)?;
    let event = entry_event(op, Kind::TimeEntryAdded, None, Some(&second))?.made_from(body);
    op.record(event)?;
    Ok(Added::New((first, second)))
}
