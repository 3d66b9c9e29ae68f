//! Stop the timer.

use domain::{
    duration::MAX_ENTRY_S,
    ids::TimeEntryId,
    interval::truncate_to_second,
    permission::{Relation, Right},
};
use jiff::Timestamp;

use super::running_entry;
use crate::{
    Error, Op, Refusal,
    audit::Kind,
    time_entry::{
        Span, TimeEntry, entry_event, forbid_overlap, get_time_entry, overwrite, write_days,
    },
};

/// Ends the running entry, now or at an instant since its start.
///
/// Errors: [`Refusal::TimerNotRunning`]; [`Error::Invalid`] for `stopped_at`, also when the timer has
/// run for more than 31 days and no end is given: a forgotten timer is never silently cut;
/// [`Error::Forbidden`] for a token without that scope; [`Refusal::EntriesOverlap`]. Audit: `timer.stopped`.
pub fn stop_timer(op: &mut Op, stopped_at: Option<Timestamp>) -> Result<TimeEntry, Error> {
    op.require(Right::TrackTime, Relation::Own)?;
    let running = running_entry(op)?.ok_or(Refusal::TimerNotRunning)?;
    stop_past(op, &running, stopped_at)
}

/// Ends this entry if it is the one that runs, and no other: for a program that was told to stop it
/// a while ago. One that ended at `stopped_at` already stays as it is.
///
/// Errors: as [`stop_timer`]; [`Refusal::AnotherTimerRuns`]; [`Error::NotFound`] for an entry that
/// is not the caller's own. Audit: `timer.stopped`, unless it ended then.
pub fn stop_this_timer(
    op: &mut Op,
    id: TimeEntryId,
    stopped_at: Option<Timestamp>,
) -> Result<TimeEntry, Error> {
    op.require(Right::TrackTime, Relation::Own)?;
    let running = running_entry(op)?;
    if let Some(running) = running.as_ref().filter(|running| running.id == id) {
        return stop_past(op, running, stopped_at);
    }
    let entry = get_time_entry(op, id)?;
    if entry.member != op.me().member {
        return Err(Error::NotFound);
    }
    let wanted = stopped_at.map(truncate_to_second);
    match (entry.span, running) {
        (Span::Interval { stop: Some(at), .. }, _) if Some(at) == wanted => Ok(entry),
        (_, Some(other)) => Err(Refusal::AnotherTimerRuns(other.id).into()),
        (_, None) => Err(Refusal::TimerNotRunning.into()),
    }
}

/// Ends `running` now, or at an instant that is not in the future. Now is not before its start: it was
/// started by a request that came at the same moment, or the clock was set back.
fn stop_past(
    op: &mut Op,
    running: &TimeEntry,
    stopped_at: Option<Timestamp>,
) -> Result<TimeEntry, Error> {
    let at = match stopped_at {
        Some(at) => truncate_to_second(at),
        None => running.start().map_or(op.now_s(), |start| start.max(op.now_s())),
    };
    if stopped_at.is_some() && at > op.now() {
        let message = "A timer cannot be stopped in the future.";
        return Err(Error::invalid("stopped_at", "in_future", message));
    }
    stop_running(op, running, at)
}

/// Ends `running` at `at`, which is not before its start.
pub(crate) fn stop_running(
    op: &mut Op,
    running: &TimeEntry,
    at: Timestamp,
) -> Result<TimeEntry, Error> {
    let ended = ended(running, at)?;
    // While it ran it was checked up to its start alone.
    forbid_overlap(op, &ended)?;
    write(op, running, ended)
}

/// Ends `running` at `at` for somebody who goes, also where it has grown into another entry: what they
/// have planned must not keep them here.
pub(crate) fn stop_for_good(
    op: &mut Op,
    running: &TimeEntry,
    at: Timestamp,
) -> Result<TimeEntry, Error> {
    let ended = ended(running, at)?;
    write(op, running, ended)
}

fn ended(running: &TimeEntry, at: Timestamp) -> Result<TimeEntry, Error> {
    let Span::Interval { start, stop: None } = running.span else {
        return Err(Error::bug("stopping an entry that does not run"));
    };
    if at < start {
        let message = "The end is before the start.";
        return Err(Error::invalid("stopped_at", "before_start", message));
    }
    if at.as_second() - start.as_second() > MAX_ENTRY_S {
        let message = "This timer has run for more than 31 days. Say when it really ended.";
        return Err(Error::invalid("stopped_at", "too_long", message));
    }
    Ok(TimeEntry { span: Span::Interval { start, stop: Some(at) }, ..running.clone() })
}

fn write(op: &mut Op, running: &TimeEntry, ended: TimeEntry) -> Result<TimeEntry, Error> {
    let event = entry_event(op, Kind::TimerStopped, Some(running), Some(&ended))?;
    let entry = overwrite(op, running, ended)?;
    write_days(op, &entry, true)?;
    op.record(event)?;
    Ok(entry)
}
