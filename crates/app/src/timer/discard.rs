//! Discard the timer: its entry goes to the trash, from where it can be restored.

use domain::permission::{Relation, Right};

use super::running_entry;
use crate::{
    Error, Op, Refusal,
    audit::Kind,
    time_entry::{TimeEntry, delete_entry_as},
};

/// Discards the running entry.
///
/// Errors: [`Refusal::TimerNotRunning`]; [`Error::Forbidden`] for a token without that scope. Audit:
/// `timer.discarded`.
pub fn discard_timer(op: &mut Op) -> Result<TimeEntry, Error> {
    op.require(Right::TrackTime, Relation::Own)?;
    let running = running_entry(op)?.ok_or(Refusal::TimerNotRunning)?;
    delete_entry_as(op, running, Kind::TimerDiscarded)
}
