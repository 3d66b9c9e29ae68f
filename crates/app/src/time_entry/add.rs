//! Add an entry by hand: a range, or a duration on a day; for oneself, or for somebody else.

use domain::{
    day::{epoch_day, in_range, local_day},
    duration::MAX_ENTRY_S,
    ids::{MemberId, TimeEntryId},
    interval::{Interval, IntervalError},
    permission::{Relation, Right},
    text::Note,
};
use jiff::{Timestamp, civil::Date};
use store::{Statement, Value};

use super::{
    Booking, CheckedBooking, Span, TimeEntry, check_booking, entry_event, forbid_overlap,
    insert_tags, load, relation_of, row::values_that_change, write_days,
};
use crate::{Error, Op, audit, audit::Kind, input::work_instant};

/// Adds an entry.
#[derive(Debug, Clone)]
pub struct AddTimeEntry {
    /// The entry's id, where the caller chose it.
    pub id: Option<TimeEntryId>,
    /// Whose time; the asking member's when none.
    pub member: Option<MemberId>,
    /// What it is booked on.
    pub booking: Booking,
    /// What was done.
    pub note: Note,
    /// Whether it can be billed; as the project says when none.
    pub billable: Option<bool>,
    /// When, or how long.
    pub span: NewSpan,
    /// A keyed hash of the request, to recognise it when it is sent again.
    pub body: Option<[u8; 32]>,
}

/// When, or how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewSpan {
    /// Runs from here, see `timer`.
    Running {
        /// UTC; cut to whole seconds.
        start: Timestamp,
    },
    /// From one instant to another.
    Range {
        /// UTC; cut to whole seconds.
        start: Timestamp,
        /// UTC; cut to whole seconds.
        stop: Timestamp,
    },
    /// So many seconds on a civil day.
    Duration {
        /// In the member's zone.
        day: Date,
        /// 0 to 31 days.
        seconds: i64,
    },
}

/// What became of a request that makes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added<T> {
    /// It was made now.
    New(T),
    /// The same request had made it before.
    Before(T),
}

impl<T> Added<T> {
    /// The thing.
    pub fn into_inner(self) -> T {
        match self {
            Self::New(thing) | Self::Before(thing) => thing,
        }
    }
}

/// Adds a stopped entry.
///
/// Errors: [`Error::Invalid`] for `started_at`, `stopped_at`, `day`, `duration_s`, `project_id`,
/// `task_id`, `tag_ids`; [`Error::IdTaken`]; [`Error::Forbidden`] for somebody else's time; the
/// refusals of bookings and overlaps. Audit: `time_entry.added`.
pub fn add_time_entry(op: &mut Op, command: AddTimeEntry) -> Result<Added<TimeEntry>, Error> {
    if let Some(before) = made_before(op, command.id, command.body)? {
        return Ok(Added::Before(before));
    }
    let entry = prepare(op, &command)?;
    forbid_overlap(op, &entry)?;
    insert(op, &entry)?;
    write_days(op, &entry, true)?;
    let event = entry_event(op, Kind::TimeEntryAdded, None, Some(&entry))?.made_from(command.body);
    op.record(event)?;
    Ok(Added::New(entry))
}

/// Adds a copy of an entry of one's own: the same booking, note and length.
///
/// Errors: as [`add_time_entry`]; [`Error::Invalid`] for a running one.
pub fn duplicate_time_entry(
    op: &mut Op,
    of: TimeEntryId,
    id: Option<TimeEntryId>,
    body: Option<[u8; 32]>,
) -> Result<Added<TimeEntry>, Error> {
    if let Some(before) = made_from_before(op, of, id, body)? {
        return Ok(Added::Before(before));
    }
    let original = super::get_time_entry(op, of)?;
    let span = match original.span {
        Span::Interval { start, stop: Some(stop) } => NewSpan::Range { start, stop },
        Span::Interval { stop: None, .. } => {
            return Err(Error::invalid("id", "running", "Stop the timer first."));
        }
        Span::Duration { seconds } => NewSpan::Duration { day: original.first_day, seconds },
    };
    let command = AddTimeEntry {
        id,
        member: Some(original.member),
        booking: Booking {
            project: original.project,
            task: original.task,
            tags: original.tags.clone(),
        },
        note: crate::input::note("note", &original.note)?,
        billable: Some(original.is_billable),
        span,
        body,
    };
    add_time_entry(op, command)
}

/// The entry that the same request made before.
///
/// Errors: [`Error::IdTaken`] when the id is taken by anything else.
pub(crate) fn made_before(
    op: &mut Op,
    id: Option<TimeEntryId>,
    body: Option<[u8; 32]>,
) -> Result<Option<TimeEntry>, Error> {
    let Some(id) = id else { return Ok(None) };
    if op.optional(&EXISTS, &[id.into()])?.is_none() {
        return Ok(None);
    }
    let known = audit::body_of(op, "time_entry", id)?;
    if body.is_none() || known != body {
        return Err(Error::IdTaken);
    }
    match load(op, id) {
        Ok(entry) => Ok(Some(entry)),
        Err(Error::NotFound) => Err(Error::IdTaken),
        Err(error) => Err(error),
    }
}

/// The entry that the same request made before out of another one, which may be in the trash by now, or
/// gone for good.
///
/// Errors: as [`made_before`]; [`Error::NotFound`] for another one that may not be read any more.
pub(crate) fn made_from_before(
    op: &mut Op,
    of: TimeEntryId,
    id: Option<TimeEntryId>,
    body: Option<[u8; 32]>,
) -> Result<Option<TimeEntry>, Error> {
    let before = made_before(op, id, body)?;
    if before.is_some() && op.optional(&EXISTS, &[of.into()])?.is_some() {
        load(op, of)?;
    }
    Ok(before)
}

/// The entry as it is to be written, checked.
pub(crate) fn prepare(op: &mut Op, command: &AddTimeEntry) -> Result<TimeEntry, Error> {
    let member = command.member.unwrap_or(op.me().member);
    let booking = booking_for(op, member, &command.booking)?;
    let zone = zone_of(op, member)?;
    let span = checked_span(op, command.span)?;
    let first_day = match command.span {
        NewSpan::Running { start } | NewSpan::Range { start, .. } => local_day(start, &zone),
        NewSpan::Duration { day, .. } => in_range(day).map_err(|_| {
            Error::invalid("day", "out_of_range", "Choose a day from 1970 to 2200.")
        })?,
    };
    let id = match command.id {
        Some(id) => id,
        None => op.new_id(),
    };
    Ok(TimeEntry {
        id,
        member,
        project: booking.project,
        task: booking.task,
        tags: booking.tags,
        note: command.note.as_str().to_owned(),
        is_billable: command.billable.unwrap_or(booking.is_billable),
        span,
        first_day,
        zone,
        created_at: op.now_s(),
        deleted_at: None,
        version: 1,
        sealed_rev: 1,
    })
}

/// Asks for the right, then for the booking.
fn booking_for(op: &mut Op, member: MemberId, booking: &Booking) -> Result<CheckedBooking, Error> {
    let is_other = member != op.me().member;
    if is_other {
        let names = op.names()?;
        let is_here = names.members.get(&member).is_some_and(|m| m.removed_at.is_none());
        let relation = relation_of(op, member, booking.project)?;
        if !is_here || !op.may(Right::ReadMembers, Relation::Workspace) {
            return Err(Error::invalid("member_id", "not_found", "There is no such member."));
        }
        op.require(Right::EditTime, relation)?;
    } else {
        // Before the project is looked at, so that a token without that scope is told so.
        op.require(Right::TrackTime, Relation::Workspace)?;
    }
    let checked = check_booking(op, member, booking, None)?;
    if let (false, Some(project)) = (is_other, checked.project) {
        let names = op.names()?;
        let relation = names.projects.get(&project).map(|p| p.relation(member));
        op.require(Right::TrackTime, relation.unwrap_or(Relation::Other))?;
    }
    Ok(checked)
}

/// The zone a member's new entries get.
///
/// Errors: [`Error::Invalid`] for `member_id` when there is no such member; [`Error::Store`].
pub fn zone_of(op: &mut Op, member: MemberId) -> Result<domain::day::Zone, Error> {
    if member == op.me().member {
        return Ok(op.me().zone.clone());
    }
    let row = op
        .optional(&FIND_ZONE, &[member.into()])?
        .ok_or_else(|| Error::invalid("member_id", "not_found", "There is no such member."))?;
    crate::op::zone(&row, 0)
}

/// Checks instants and lengths.
pub(crate) fn checked_span(op: &Op, span: NewSpan) -> Result<Span, Error> {
    let now = op.now();
    match span {
        NewSpan::Running { start } => {
            let start = work_instant("started_at", start, now)?;
            if start > now {
                let message = "A timer cannot start in the future.";
                return Err(Error::invalid("started_at", "in_future", message));
            }
            if now.as_second() - start.as_second() > MAX_ENTRY_S {
                return Err(too_long("started_at"));
            }
            Ok(Span::Interval { start, stop: None })
        }
        NewSpan::Range { start, stop } => {
            let start = work_instant("started_at", start, now)?;
            let stop = work_instant("stopped_at", stop, now)?;
            check_order(start, stop)?;
            Ok(Span::Interval { start, stop: Some(stop) })
        }
        NewSpan::Duration { seconds, day } => {
            if seconds < 0 {
                return Err(Error::invalid(
                    "duration_s",
                    "negative",
                    "A duration cannot be negative.",
                ));
            }
            if seconds > MAX_ENTRY_S {
                return Err(too_long("duration_s"));
            }
            if epoch_day(day) > epoch_day(op.today()) + 366 {
                return Err(Error::invalid("day", "too_late", "This is more than a year ahead."));
            }
            Ok(Span::Duration { seconds })
        }
    }
}

/// Refuses an end before the start, and more than 31 days.
pub(crate) fn check_order(start: Timestamp, stop: Timestamp) -> Result<Interval, Error> {
    Interval::new(start, stop).map_err(|error| match error {
        IntervalError::EndBeforeStart => {
            Error::invalid("stopped_at", "before_start", "The end is before the start.")
        }
        IntervalError::TooLong { .. } => too_long("stopped_at"),
        _ => Error::invalid("stopped_at", "out_of_range", "Choose an instant from 1970 to 2200."),
    })
}

fn too_long(field: &'static str) -> Error {
    Error::invalid(field, "too_long", "An entry can be 31 days long at most.")
}

/// Inserts the row and its tags. A second running entry of a member is refused by the index
/// `time_entries_one_running`, also when two requests race: then nothing is inserted.
///
/// Errors: [`Error::IdTaken`].
pub(crate) fn insert(op: &mut Op, entry: &TimeEntry) -> Result<(), Error> {
    if insert_row(op, entry)? {
        return insert_tags(op, entry);
    }
    Err(Error::IdTaken)
}

/// Whether the row was inserted; it is not when its id is taken, or it runs and another one does.
pub(crate) fn insert_row(op: &mut Op, entry: &TimeEntry) -> Result<bool, Error> {
    let values: [&[Value]; 3] = [
        &[entry.id.into(), entry.member.into()],
        &values_that_change(op, entry)?,
        &[
            entry.zone.as_str().into(),
            entry.created_at.as_microsecond().into(),
            entry.version.into(),
        ],
    ];
    Ok(op.execute(&INSERT, &values.concat())? == 1)
}

const INSERT: Statement = Statement::new(
    "time_entry.insert",
    "INSERT INTO time_entries (id, member_id, project_id, task_id, note_sealed, sealed_rev,
                               is_billable, started_at, stopped_at, duration_s, first_day, zone,
                               created_at, version)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT DO NOTHING",
);

const EXISTS: Statement =
    Statement::new("time_entry.exists", "SELECT id FROM time_entries WHERE id = $1");

const FIND_ZONE: Statement =
    Statement::new("member.find_zone", "SELECT zone FROM members WHERE id = $1");

pub(super) const STATEMENTS: &[Statement] = &[INSERT, EXISTS, FIND_ZONE];
