//! Start the timer: open a running entry.

use domain::{ids::TimeEntryId, preference::SecondTimer, text::Note};
use jiff::Timestamp;

use super::{running_entry, stop_running};
use crate::{
    Error, Op, Refusal,
    audit::Kind,
    time_entry::{
        AddTimeEntry, Added, Booking, NewSpan, TimeEntry, entry_event, forbid_overlap, insert_row,
        insert_tags, made_before, prepare,
    },
};

/// Starts the timer.
#[derive(Debug, Clone)]
pub struct StartTimer {
    /// The entry's id, where the caller chose it.
    pub id: Option<TimeEntryId>,
    /// What it is booked on.
    pub booking: Booking,
    /// What is being done.
    pub note: Note,
    /// Whether it can be billed; as the project says when none.
    pub billable: Option<bool>,
    /// Now when none; not in the future, at most 31 days ago. Whole seconds.
    pub started_at: Option<Timestamp>,
    /// A keyed hash of the request, to recognise it when it is sent again.
    pub body: Option<[u8; 32]>,
}

/// Opens a running entry. What runs already is stopped at the new start, or the start is refused,
/// as the workspace says.
///
/// Errors: [`Refusal::TimerAlreadyRunning`]; [`Error::IdTaken`]; the refusals of bookings and
/// overlaps; [`Error::Invalid`] for `started_at`. Audit: `timer.started`, and `timer.stopped` for
/// what ran.
pub fn start_timer(op: &mut Op, command: StartTimer) -> Result<Added<TimeEntry>, Error> {
    if let Some(before) = made_before(op, command.id, command.body)? {
        return Ok(Added::Before(before));
    }
    let start = command.started_at.unwrap_or(op.now_s());
    let command = AddTimeEntry {
        id: command.id,
        member: None,
        booking: command.booking,
        note: command.note,
        billable: command.billable,
        span: NewSpan::Running { start },
        body: command.body,
    };
    let entry = prepare(op, &command)?;
    if let Some(running) = running_entry(op)? {
        if op.settings().second_timer == SecondTimer::IsRefused {
            return Err(Refusal::TimerAlreadyRunning(running.id).into());
        }
        // A start before the running entry's own start cannot end it: it ends now, which is not
        // before its start either.
        let at = match running.start() {
            Some(begun) if begun > start => op.now_s().max(begun),
            _ => start,
        };
        stop_running(op, &running, at)?;
    }
    forbid_overlap(op, &entry)?;
    if !insert_row(op, &entry)? {
        // The row before it was stopped in this transaction, so another request was first.
        return match running_entry(op)? {
            Some(running) => Err(Refusal::TimerAlreadyRunning(running.id).into()),
            None => Err(Error::IdTaken),
        };
    }
    insert_tags(op, &entry)?;
    let event = entry_event(op, Kind::TimerStarted, None, Some(&entry))?.made_from(command.body);
    op.record(event)?;
    Ok(Added::New(entry))
}
