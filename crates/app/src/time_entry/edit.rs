//! Change an entry.

use domain::{
    day::{epoch_day, in_range, local_day},
    ids::{ProjectId, TagId, TaskId, TimeEntryId},
    permission::Right,
    text::Note,
};
use jiff::{Timestamp, civil::Date};

use super::{
    Booking, CheckedBooking, NewSpan, Span, TimeEntry, add::checked_span, check_booking,
    entry_event, forbid_overlap, get_time_entry, overwrite, relation_of, write_days,
};
use crate::{Error, Op, audit::Kind};

/// Changes an entry; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ChangeTimeEntry {
    /// What it is booked on.
    pub project: Option<Option<ProjectId>>,
    /// The task; goes with its project.
    pub task: Option<Option<TaskId>>,
    /// Its labels.
    pub tags: Option<Vec<TagId>>,
    /// What was done.
    pub note: Option<Note>,
    /// Whether it can be billed.
    pub billable: Option<bool>,
    /// A new start; makes an interval of a duration only together with `stopped_at`.
    pub started_at: Option<Timestamp>,
    /// A new end; stops a running entry.
    pub stopped_at: Option<Timestamp>,
    /// A new day; an interval stays one, and moves there.
    pub day: Option<Date>,
    /// A new length: of an interval, its end moves.
    pub duration_s: Option<i64>,
    /// The version it was read at; refused when it has changed since.
    pub expected_version: Option<i64>,
}

/// Changes an entry of one's own, or one that the asking member may change.
///
/// A changed length moves the end; a changed day moves the start to the same wall time on that day,
/// and the end with it, so that the length stays. The zone stays frozen.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`]; [`Error::Invalid`]; the
/// refusals of bookings and overlaps. Audit: `time_entry.changed`.
pub fn change_time_entry(
    op: &mut Op,
    id: TimeEntryId,
    change: ChangeTimeEntry,
) -> Result<TimeEntry, Error> {
    let before = get_time_entry(op, id)?;
    require_edit(op, &before)?;
    if change.expected_version.is_some_and(|version| version != before.version) {
        return Err(Error::Stale(before.version));
    }
    let mut entry = rebooked(op, &before, &change)?;
    if let Some(note) = &change.note {
        note.as_str().clone_into(&mut entry.note);
    }
    respan(op, &mut entry, &change)?;
    let event = entry_event(op, Kind::TimeEntryChanged, Some(&before), Some(&entry))?;
    if !event.has_changes() {
        return Ok(before);
    }
    if entry.span != before.span {
        forbid_overlap(op, &entry)?;
    }
    let entry = overwrite(op, &before, entry)?;
    write_days(op, &entry, false)?;
    op.record(event)?;
    Ok(entry)
}

/// Asks for the right to change an entry that may be read.
///
/// Errors: [`Error::Forbidden`]; [`Error::Store`].
pub fn require_edit(op: &mut Op, entry: &TimeEntry) -> Result<(), Error> {
    let relation = relation_of(op, entry.member, entry.project)?;
    let right = if entry.member == op.me().member { Right::EditOwnTime } else { Right::EditTime };
    op.require(right, relation)
}

fn rebooked(op: &mut Op, before: &TimeEntry, change: &ChangeTimeEntry) -> Result<TimeEntry, Error> {
    let mut entry = before.clone();
    let project = change.project.unwrap_or(before.project);
    // Another project's task cannot stay.
    let kept_task = if project == before.project { before.task } else { None };
    let booking = Booking {
        project,
        task: change.task.unwrap_or(kept_task),
        tags: change.tags.clone().unwrap_or_else(|| before.tags.clone()),
    };
    let kept = CheckedBooking {
        project: before.project,
        task: before.task,
        tags: before.tags.clone(),
        is_billable: before.is_billable,
    };
    let checked = check_booking(op, before.member, &booking, Some(&kept))?;
    let is_moved = checked.project != before.project;
    entry.is_billable = match change.billable {
        Some(billable) => billable,
        None if is_moved => checked.is_billable,
        None => before.is_billable,
    };
    (entry.project, entry.task, entry.tags) = (checked.project, checked.task, checked.tags);
    if is_moved && before.member != op.me().member {
        let relation = relation_of(op, entry.member, entry.project)?;
        op.require(Right::EditTime, relation)?;
    }
    Ok(entry)
}

/// Applies a changed start, end, day or length.
fn respan(op: &Op, entry: &mut TimeEntry, change: &ChangeTimeEntry) -> Result<(), Error> {
    if change.started_at.is_none()
        && change.stopped_at.is_none()
        && change.day.is_none()
        && change.duration_s.is_none()
    {
        return Ok(());
    }
    refuse_contradictions(change)?;
    let span = match (entry.span, change.started_at, change.stopped_at) {
        (Span::Duration { .. }, Some(start), Some(stop)) => NewSpan::Range { start, stop },
        (Span::Duration { .. }, None, None) => duration_span(entry, change),
        (Span::Duration { .. }, _, _) => {
            let message = "Give both a start and an end.";
            return Err(Error::invalid("started_at", "needs_both", message));
        }
        (Span::Interval { start, stop }, new_start, _) => {
            interval_span(entry, change, new_start.unwrap_or(start), stop)?
        }
    };
    entry.span = checked_span(op, span)?;
    entry.first_day = match span {
        NewSpan::Running { start } | NewSpan::Range { start, .. } => local_day(start, &entry.zone),
        NewSpan::Duration { day, .. } => in_range(day).map_err(|_| {
            Error::invalid("day", "out_of_range", "Choose a day from 1970 to 2200.")
        })?,
    };
    Ok(())
}

/// A start says the day already, and an end the length: one of two would be ignored.
fn refuse_contradictions(change: &ChangeTimeEntry) -> Result<(), Error> {
    if change.day.is_some() && change.started_at.is_some() {
        let message = "Give either a start or a day: the start is on its own day.";
        return Err(Error::invalid("day", "with_start", message));
    }
    if change.duration_s.is_some() && change.stopped_at.is_some() {
        return Err(Error::invalid("duration_s", "with_stop", "Give either an end or a length."));
    }
    Ok(())
}

fn duration_span(entry: &TimeEntry, change: &ChangeTimeEntry) -> NewSpan {
    let seconds = entry.duration_column().unwrap_or(0);
    NewSpan::Duration {
        day: change.day.unwrap_or(entry.first_day),
        seconds: change.duration_s.unwrap_or(seconds),
    }
}

fn interval_span(
    entry: &TimeEntry,
    change: &ChangeTimeEntry,
    start: Timestamp,
    stop: Option<Timestamp>,
) -> Result<NewSpan, Error> {
    let (start, stop) = match change.day {
        Some(day) if change.started_at.is_none() => moved(entry, day, start, stop)?,
        _ => (start, stop),
    };
    let stop = change.stopped_at.or(stop);
    let stop = match change.duration_s {
        Some(seconds) if change.stopped_at.is_none() => {
            if seconds < 0 {
                return Err(Error::invalid(
                    "duration_s",
                    "negative",
                    "A duration cannot be negative.",
                ));
            }
            let seconds = jiff::SignedDuration::from_secs(seconds);
            let stop = start.checked_add(seconds).map_err(|_| {
                Error::invalid("duration_s", "too_long", "An entry can be 31 days long at most.")
            })?;
            Some(stop)
        }
        _ => stop,
    };
    Ok(match stop {
        Some(stop) => NewSpan::Range { start, stop },
        None => NewSpan::Running { start },
    })
}

/// The same wall time on another day, and the same length: over a daylight-saving change the end's
/// wall time gives way.
fn moved(
    entry: &TimeEntry,
    day: Date,
    start: Timestamp,
    stop: Option<Timestamp>,
) -> Result<(Timestamp, Option<Timestamp>), Error> {
    let days = epoch_day(day) - epoch_day(entry.first_day);
    let out = || Error::invalid("day", "out_of_range", "Choose a day from 1970 to 2200.");
    let wall = start.to_zoned(entry.zone.time_zone()).datetime();
    let wall = wall.checked_add(jiff::Span::new().try_days(days).map_err(|_| out())?);
    let at = domain::day::resolve(wall.map_err(|_| out())?, &entry.zone).map_err(|_| out())?;
    let end = |stop: Timestamp| at.checked_add(stop.duration_since(start)).map_err(|_| out());
    Ok((at, stop.map(end).transpose()?))
}
