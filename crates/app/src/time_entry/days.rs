//! What each civil day gets of an entry, and the rule about overlaps.

use domain::{
    day::{Zone, day_bounds, days_of, epoch_day, local_day},
    ids::TimeEntryId,
    interval::Interval,
    period::Period,
};
use jiff::{Timestamp, civil::Date};
use store::Statement;

use super::{Span, TimeEntry, load};
use crate::{Error, Op, Refusal};

/// Writes the entry's days anew: none for a running or deleted one.
pub(crate) fn write_days(op: &mut Op, entry: &TimeEntry, is_new: bool) -> Result<(), Error> {
    if !is_new {
        op.execute(&DELETE, &[entry.id.into()])?;
    }
    if entry.deleted_at.is_some() {
        return Ok(());
    }
    let days = match entry.span {
        Span::Interval { stop: None, .. } => return Ok(()),
        Span::Interval { start, stop: Some(stop) } => {
            let interval = Interval::new(start, stop)
                .map_err(|error| Error::bug(format!("stored interval: {error}")))?;
            days_of(&interval, &entry.zone)
        }
        Span::Duration { seconds } => vec![(entry.first_day, seconds)],
    };
    for (day, seconds) in days {
        op.execute(
            &INSERT,
            &[
                entry.id.into(),
                epoch_day(day).into(),
                seconds.into(),
                entry.project.into(),
                entry.task.into(),
                entry.member.into(),
                entry.is_billable.into(),
            ],
        )?;
    }
    Ok(())
}

/// Refuses an interval that overlaps another entry of the member, where the workspace forbids it. A
/// running entry lasts until now.
///
/// The check and the insert are one transaction: on SQLite writers queue, on PostgreSQL they are
/// serializable, so two that race cannot both pass.
///
/// Errors: [`Refusal::EntriesOverlap`].
pub(crate) fn forbid_overlap(op: &mut Op, entry: &TimeEntry) -> Result<(), Error> {
    use domain::preference::Overlaps;
    let (Overlaps::Forbidden, Span::Interval { start, stop }) =
        (op.settings().overlaps, entry.span)
    else {
        return Ok(());
    };
    let stop = stop.unwrap_or(op.now_s()).max(start);
    let day = epoch_day(entry.first_day);
    let found = op.query(
        &FIND_OVERLAP,
        &[
            entry.member.into(),
            (day - LONGEST_DAYS).into(),
            (day + LONGEST_DAYS).into(),
            start.as_microsecond().into(),
            stop.as_microsecond().into(),
            entry.id.into(),
            op.now_s().as_microsecond().into(),
        ],
    )?;
    let Some(row) = found.first() else { return Ok(()) };
    let entry = row.get(0)?;
    Err(Refusal::EntriesOverlap { entry, when: when(op, entry)? }.into())
}

/// When an entry is, as the asking member writes it; nothing where they may not see it.
fn when(op: &mut Op, id: TimeEntryId) -> Result<String, Error> {
    let entry = match load(op, id) {
        Ok(entry) => entry,
        Err(Error::NotFound) => return Ok(String::new()),
        Err(error) => return Err(error),
    };
    let Span::Interval { start, stop } = entry.span else { return Ok(String::new()) };
    let (me, zone) = (op.me(), entry.zone.time_zone());
    let day = |at: Timestamp| me.locale.format_date(at.to_zoned(zone.clone()).date());
    let time =
        |at: Timestamp| me.locale.format_time(at.to_zoned(zone.clone()).time(), me.clock_format);
    let begin = format!("{}, {}", day(start), time(start));
    Ok(match stop {
        None => format!("{begin} until now"),
        Some(stop) if day(stop) == day(start) => format!("{begin} – {}", time(stop)),
        Some(stop) => format!("{begin} – {}, {}", day(stop), time(stop)),
    })
}

/// The days of a period that an entry running since `start` has touched by `now`, each with its
/// share of whole seconds.
pub(crate) fn running_days(
    start: Timestamp,
    now: Timestamp,
    zone: &Zone,
    period: Period,
) -> Vec<(Date, i64)> {
    let first = period.first().max(local_day(start, zone));
    let last = period.last().min(local_day(now, zone));
    let Ok(touched) = Period::new(first, last) else {
        return Vec::new();
    };
    touched
        .iter()
        .map(|day| {
            let (from, to) = day_bounds(day, zone);
            let seconds = now.min(to).as_second() - start.max(from).as_second();
            (day, seconds.max(0))
        })
        .collect()
}

/// An entry is 31 days long at most, and zones differ by a day at most.
const LONGEST_DAYS: i64 = 33;

const INSERT: Statement = Statement::new(
    "entry_days.insert",
    "INSERT INTO entry_days (entry_id, local_day, seconds, project_id, task_id, member_id, is_billable)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);

const DELETE: Statement =
    Statement::new("entry_days.delete", "DELETE FROM entry_days WHERE entry_id = $1");

/// Index `time_entries_member_day`. Half-open: entries that touch do not overlap.
const FIND_OVERLAP: Statement = Statement::new(
    "time_entry.find_overlap",
    "SELECT id FROM time_entries
     WHERE member_id = $1 AND first_day BETWEEN $2 AND $3 AND deleted_at IS NULL
       AND started_at < $5 AND COALESCE(stopped_at, $7) > $4
       AND (stopped_at IS NULL OR stopped_at > started_at) AND id <> $6
     LIMIT 1",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT, DELETE, FIND_OVERLAP];
