//! Change the start of the running timer.

use domain::permission::{Relation, Right};
use jiff::Timestamp;

use super::running_entry;
use crate::{
    Error, Op, Refusal,
    time_entry::{ChangeTimeEntry, TimeEntry, change_time_entry},
};

/// Moves the start of the running entry.
///
/// Errors: [`Refusal::TimerNotRunning`]; [`Error::Invalid`] for `started_at`; [`Error::Forbidden`].
/// Audit: `time_entry.changed`.
pub fn change_timer_start(op: &mut Op, started_at: Timestamp) -> Result<TimeEntry, Error> {
    op.require(Right::TrackTime, Relation::Own)?;
    let running = running_entry(op)?.ok_or(Refusal::TimerNotRunning)?;
    let change = ChangeTimeEntry { started_at: Some(started_at), ..ChangeTimeEntry::default() };
    change_time_entry(op, running.id, change)
}
