//! The entry as stored, and as operations see it.

use domain::{
    day::Zone,
    ids::{MemberId, ProjectId, TagId, TaskId, TimeEntryId},
    permission::Right,
};
use jiff::{Timestamp, civil::Date};
use store::{Row, Statement, Value};

use super::relation_of;
use crate::{
    Error, Op,
    audit::{Event, Fact, Kind, Look},
    field,
    op::{instant, instant_or_none, zone},
};

/// A time entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeEntry {
    /// Its id.
    pub id: TimeEntryId,
    /// Whose time.
    pub member: MemberId,
    /// What it is booked on.
    pub project: Option<ProjectId>,
    /// Which part of the project.
    pub task: Option<TaskId>,
    /// Its labels, in the order of their ids.
    pub tags: Vec<TagId>,
    /// What was done; may be empty.
    pub note: String,
    /// Whether it can be billed.
    pub is_billable: bool,
    /// When, or how long.
    pub span: Span,
    /// The civil day, in `zone`, on which it starts.
    pub first_day: Date,
    /// The zone its days belong to, frozen when it was made.
    pub zone: Zone,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is in the trash.
    pub deleted_at: Option<Timestamp>,
    /// Raised by every change.
    pub version: i64,
    pub(crate) sealed_rev: i64,
}

/// When, or how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// From one instant to another, whole seconds; still running without an end.
    Interval {
        /// UTC.
        start: Timestamp,
        /// UTC.
        stop: Option<Timestamp>,
    },
    /// So many seconds on the entry's first day.
    Duration {
        /// 0 to 31 days.
        seconds: i64,
    },
}

impl TimeEntry {
    /// Seconds so far; a running entry counts up to `now`.
    pub fn seconds(&self, now: Timestamp) -> i64 {
        match self.span {
            Span::Duration { seconds } => seconds,
            Span::Interval { start, stop } => {
                (stop.unwrap_or(now).as_second() - start.as_second()).max(0)
            }
        }
    }

    /// Whether it is the running entry.
    pub fn is_running(&self) -> bool {
        matches!(self.span, Span::Interval { stop: None, .. })
    }

    /// Its start, unless it is a duration on a day.
    pub fn start(&self) -> Option<Timestamp> {
        match self.span {
            Span::Interval { start, .. } => Some(start),
            Span::Duration { .. } => None,
        }
    }

    /// Its end, if it has one.
    pub fn stop(&self) -> Option<Timestamp> {
        match self.span {
            Span::Interval { stop, .. } => stop,
            Span::Duration { .. } => None,
        }
    }

    pub(crate) fn duration_column(&self) -> Option<i64> {
        match self.span {
            Span::Interval { .. } => None,
            Span::Duration { seconds } => Some(seconds),
        }
    }
}

/// An entry the asking member may read.
///
/// Errors: [`Error::NotFound`] for one that is not theirs to see, in the trash, or not there.
pub fn get_time_entry(op: &mut Op, id: TimeEntryId) -> Result<TimeEntry, Error> {
    let entry = load(op, id)?;
    if entry.deleted_at.is_some() {
        return Err(Error::NotFound);
    }
    Ok(entry)
}

/// An entry the asking member may read, also one in the trash.
pub(crate) fn load(op: &mut Op, id: TimeEntryId) -> Result<TimeEntry, Error> {
    let entry = load_unasked(op, id)?;
    let relation = relation_of(op, entry.member, entry.project)?;
    if !op.may(Right::ReadTime, relation) {
        return Err(Error::NotFound);
    }
    op.looks(Look::TimeOf(entry.member));
    Ok(entry)
}

/// An entry for a rule that holds for everybody's time, such as that a timer ends with what it was
/// started by; the caller has asked for the right to do that.
pub(crate) fn load_unasked(op: &mut Op, id: TimeEntryId) -> Result<TimeEntry, Error> {
    let row = op.optional(&FIND, &[id.into()])?.ok_or(Error::NotFound)?;
    let mut entry = read(op, &row)?;
    let tags = op.query(&LIST_TAGS, &[id.into()])?;
    entry.tags = tags.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    Ok(entry)
}

/// Columns in the order [`read`] expects, under the alias `e`.
macro_rules! entry_columns {
    () => {
        "e.id, e.member_id, e.project_id, e.task_id, e.note_sealed, e.sealed_rev, e.is_billable,
         e.started_at, e.stopped_at, e.duration_s, e.first_day, e.zone, e.created_at, e.deleted_at,
         e.version"
    };
}
pub(super) use entry_columns;

/// Reads a row of [`entry_columns`]; its tags are read apart.
pub(super) fn read(op: &Op, row: &Row) -> Result<TimeEntry, Error> {
    let (id, sealed_rev) = (row.get(0)?, row.get(5)?);
    let span = match (instant_or_none(row, 7)?, row.get::<Option<i64>>(9)?) {
        (Some(start), None) => Span::Interval { start, stop: instant_or_none(row, 8)? },
        (None, Some(seconds)) => Span::Duration { seconds },
        _ => return Err(Error::bug("an entry is neither an interval nor a duration")),
    };
    Ok(TimeEntry {
        id,
        member: row.get(1)?,
        project: row.get(2)?,
        task: row.get(3)?,
        tags: Vec::new(),
        note: op.open(field::TIME_ENTRY_NOTE, id, sealed_rev, &row.get::<Vec<u8>>(4)?)?,
        is_billable: row.get(6)?,
        span,
        first_day: domain::day::date_of(row.get(10)?)
            .map_err(|_| Error::bug("day out of range"))?,
        zone: zone(row, 11)?,
        created_at: instant(row, 12)?,
        deleted_at: instant_or_none(row, 13)?,
        version: row.get(14)?,
        sealed_rev,
    })
}

/// What an insert and an update write alike: project, task, sealed note, its revision, billable, start,
/// stop, duration, first day.
pub(super) fn values_that_change(op: &mut Op, entry: &TimeEntry) -> Result<[Value; 9], Error> {
    let key = op.names()?.subject(entry.member)?.key;
    let note = op.seal(key, field::TIME_ENTRY_NOTE, entry.id, entry.sealed_rev, &entry.note)?;
    Ok([
        entry.project.into(),
        entry.task.into(),
        note.into(),
        entry.sealed_rev.into(),
        entry.is_billable.into(),
        entry.start().map(Timestamp::as_microsecond).into(),
        entry.stop().map(Timestamp::as_microsecond).into(),
        entry.duration_column().into(),
        domain::day::epoch_day(entry.first_day).into(),
    ])
}

/// Writes a changed entry over what is stored as `before`, with its tags.
///
/// Errors: [`Error::Stale`] when somebody else was first.
pub(crate) fn overwrite(
    op: &mut Op,
    before: &TimeEntry,
    mut entry: TimeEntry,
) -> Result<TimeEntry, Error> {
    entry.version = before.version + 1;
    if entry.note != before.note {
        entry.sealed_rev = before.sealed_rev + 1;
    }
    let values: [&[Value]; 3] = [
        &[entry.id.into()],
        &values_that_change(op, &entry)?,
        &[
            entry.deleted_at.map(Timestamp::as_microsecond).into(),
            entry.version.into(),
            before.version.into(),
        ],
    ];
    if op.execute(&UPDATE, &values.concat())? == 0 {
        return Err(Error::Stale(before.version));
    }
    if entry.tags != before.tags {
        op.execute(&DELETE_TAGS, &[entry.id.into()])?;
        insert_tags(op, &entry)?;
    }
    Ok(entry)
}

pub(crate) fn insert_tags(op: &mut Op, entry: &TimeEntry) -> Result<(), Error> {
    for tag in &entry.tags {
        op.execute(&INSERT_TAG, &[entry.id.into(), (*tag).into()])?;
    }
    Ok(())
}

/// How a fact of an entry is read.
type Read<'a> = &'a dyn Fn(&TimeEntry) -> Fact;

/// The event of an entry that was made (`before` is none), changed, or removed (`after` is none).
pub(crate) fn entry_event(
    op: &mut Op,
    kind: Kind,
    before: Option<&TimeEntry>,
    after: Option<&TimeEntry>,
) -> Result<Event, Error> {
    let entry = after.or(before).ok_or_else(|| Error::bug("an event about no entry"))?;
    let subject = op.names()?.subject(entry.member)?;
    let tags = |entry: &TimeEntry| {
        entry.tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let member = |entry: &TimeEntry| entry.member.uuid();
    let words = |entry: Option<&TimeEntry>| entry.map(tags).filter(|tags| !tags.is_empty());
    let both = |read: &dyn Fn(&TimeEntry) -> Fact| {
        let side = |entry: Option<&TimeEntry>| entry.map_or(Fact::None, read);
        (side(before), side(after))
    };
    let mut event = Event::new(kind, "time_entry", entry.id).about(subject);
    let fields: [(&'static str, Read<'_>); 9] = [
        ("member", &|e| member(e).into()),
        ("project", &|e| e.project.map(ProjectId::uuid).into()),
        ("task", &|e| e.task.map(TaskId::uuid).into()),
        ("billable", &|e| e.is_billable.into()),
        ("started_at", &|e| e.start().into()),
        ("stopped_at", &|e| e.stop().into()),
        ("duration_s", &|e| e.duration_column().into()),
        ("day", &|e| domain::day::epoch_day(e.first_day).into()),
        ("zone", &|e| e.zone.as_str().into()),
    ];
    for (field, read) in fields {
        let (before, after) = both(read);
        event = event.fact(field, before, after);
    }
    let (old, new) = (words(before), words(after));
    event = event.fact("tags", old.as_deref(), new.as_deref());
    let note = |entry: Option<&TimeEntry>| entry.map(|entry| entry.note.clone());
    let (old, new) = (note(before), note(after));
    Ok(event.text("note", old.as_deref(), new.as_deref()))
}

const FIND: Statement = Statement::new(
    "time_entry.find",
    concat!("SELECT ", entry_columns!(), " FROM time_entries e WHERE e.id = $1"),
);

const LIST_TAGS: Statement = Statement::new(
    "time_entry.list_tags",
    "SELECT tag_id FROM entry_tags WHERE entry_id = $1 ORDER BY tag_id",
);

const INSERT_TAG: Statement = Statement::new(
    "time_entry.insert_tag",
    "INSERT INTO entry_tags (entry_id, tag_id) VALUES ($1, $2)",
);

const DELETE_TAGS: Statement =
    Statement::new("time_entry.delete_tags", "DELETE FROM entry_tags WHERE entry_id = $1");

const UPDATE: Statement = Statement::new(
    "time_entry.update",
    "UPDATE time_entries
     SET project_id = $2, task_id = $3, note_sealed = $4, sealed_rev = $5, is_billable = $6,
         started_at = $7, stopped_at = $8, duration_s = $9, first_day = $10, deleted_at = $11,
         version = $12
     WHERE id = $1 AND version = $13",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, LIST_TAGS, INSERT_TAG, DELETE_TAGS, UPDATE];
