//! Split an entry in two.

use domain::{day::local_day, ids::TimeEntryId, interval::truncate_to_second};
use jiff::{SignedDuration, Timestamp};

use super::{
    Added, Span, TimeEntry, add, edit::require_edit, entry_event, get_time_entry, load, overwrite,
    write_days,
};
use crate::{Error, Op, Refusal, audit::Kind};

/// Where an entry is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitPoint {
    /// At an instant, UTC; cut to whole seconds.
    At(Timestamp),
    /// So many seconds after its start.
    AfterStart(i64),
}

impl SplitPoint {
    fn of(self, start: Timestamp) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(truncate_to_second(at)),
            Self::AfterStart(seconds) => start.checked_add(SignedDuration::from_secs(seconds)).ok(),
        }
    }
}

/// Splits a stopped entry at a point strictly inside it; the second part gets its own id and
/// everything else from the first.
///
/// Errors: [`Refusal::NotSplittable`]; [`Refusal::SplitOutsideEntry`]; [`Error::NotFound`];
/// [`Error::Forbidden`]; [`Error::IdTaken`]. Audit: `time_entry.split` on the first part,
/// `time_entry.added` on the second.
pub fn split_time_entry(
    op: &mut Op,
    id: TimeEntryId,
    point: SplitPoint,
    second_id: Option<TimeEntryId>,
    body: Option<[u8; 32]>,
) -> Result<Added<(TimeEntry, TimeEntry)>, Error> {
    // The first part may be in the trash when the same request comes again.
    if let Some(second) = add::made_from_before(op, id, second_id, body)? {
        return Ok(Added::Before((load(op, id)?, second)));
    }
    let before = get_time_entry(op, id)?;
    require_edit(op, &before)?;
    let Span::Interval { start, stop: Some(stop) } = before.span else {
        return Err(Refusal::NotSplittable.into());
    };
    let is_inside = |at: &Timestamp| (start..stop).contains(at) && *at != start;
    let at = point.of(start).filter(is_inside).ok_or(Refusal::SplitOutsideEntry)?;
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
