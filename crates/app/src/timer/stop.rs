//! Stop the timer.

use domain::{
    duration::MAX_ENTRY_S,
    interval::truncate_to_second,
    permission::{Relation, Right},
};
use jiff::Timestamp;

use super::running_entry;
use crate::{
    Error, Op, Refusal,
    audit::Kind,
    time_entry::{Span, TimeEntry, entry_event, forbid_overlap, overwrite, write_days},
};

/// Ends the running entry, now or at an instant since its start.
///
/// Errors: [`Refusal::TimerNotRunning`]; [`Error::Invalid`] for `stopped_at`, also when the timer has
/// run for more than 31 days and no end is given: a forgotten timer is never silently cut;
/// [`Error::Forbidden`] for a token without that scope; [`Refusal::EntriesOverlap`]. Audit: `timer.stopped`.
pub fn stop_timer(op: &mut Op, stopped_at: Option<Timestamp>) -> Result<TimeEntry, Error> {
    op.require(Right::TrackTime, Relation::Own)?;
    let running = running_entry(op)?.ok_or(Refusal::TimerNotRunning)?;
    let at = truncate_to_second(stopped_at.unwrap_or(op.now()));
    if at > op.now() {
        let message = "A timer cannot be stopped in the future.";
        return Err(Error::invalid("stopped_at", "in_future", message));
    }
    stop_running(op, &running, at)
}

/// Ends `running` at `at`, which is not before its start.
pub(crate) fn stop_running(
    op: &mut Op,
    running: &TimeEntry,
    at: Timestamp,
) -> Result<TimeEntry, Error> {
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
    let mut entry = running.clone();
    entry.span = Span::Interval { start, stop: Some(at) };
    // While it ran it was checked up to its start alone.
    forbid_overlap(op, &entry)?;
    let event = entry_event(op, Kind::TimerStopped, Some(running), Some(&entry))?;
    let entry = overwrite(op, running, entry)?;
    write_days(op, &entry, true)?;
    op.record(event)?;
    Ok(entry)
}
