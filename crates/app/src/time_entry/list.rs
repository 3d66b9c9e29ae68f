//! List entries: by what each day got (the Today page), or whole, page by page (the API).

use std::collections::HashMap;

use domain::{
    day::epoch_day,
    ids::{MemberId, ProjectId, TagId, TimeEntryId},
    period::Period,
    permission::{Relation, Right},
};
use jiff::{Timestamp, civil::Date};
use store::{Row, Statement, Value};

use super::{
    Span, TimeEntry,
    days::running_days,
    row::{entry_columns, read},
};
use crate::{Error, Op, audit::Look, paging::Asked};

/// What one civil day got of an entry.
#[derive(Debug, Clone)]
pub struct DayPart {
    /// The day, in the entry's zone.
    pub day: Date,
    /// Its share; of a running entry, up to now.
    pub seconds: i64,
    /// The entry.
    pub entry: TimeEntry,
}

/// The days of a period of the asking member's own time, newest first: an entry over midnight
/// stands on both days with its share of each, and the running entry on each day it has touched.
///
/// Errors: [`Error::Store`].
pub fn list_day_parts(op: &mut Op, period: Period) -> Result<Vec<DayPart>, Error> {
    let member = op.me().member;
    op.require(Right::ReadOwnTime, Relation::Own)?;
    let bounds: [Value; 3] =
        [member.into(), epoch_day(period.first()).into(), epoch_day(period.last()).into()];
    let rows = op.query(&LIST_DAY_PARTS, &bounds)?;
    let mut parts = running_parts(op, period)?;
    for row in &rows {
        let day = domain::day::date_of(row.get(15)?).map_err(|_| Error::bug("day out of range"))?;
        parts.push(DayPart { day, seconds: row.get(16)?, entry: read(op, row)? });
    }
    let tags = op.query(&LIST_DAY_TAGS, &bounds)?;
    let mut tags = tags_by_entry(&tags)?;
    for part in &mut parts {
        if let Some(tags) = tags.get_mut(&part.entry.id) {
            part.entry.tags.clone_from(tags);
        }
    }
    parts.sort_by_key(|part| std::cmp::Reverse(order(part)));
    Ok(parts)
}

/// The first day on which an entry of the asking member begins; none without entries.
///
/// Errors: [`Error::Store`].
pub fn earliest_day(op: &mut Op) -> Result<Option<Date>, Error> {
    op.require(Right::ReadOwnTime, Relation::Own)?;
    let row = op.optional(&FIND_EARLIEST, &[op.me().member.into()])?;
    let day =
        |row: Row| domain::day::date_of(row.get(0)?).map_err(|_| Error::bug("day out of range"));
    row.map(day).transpose()
}

/// Newest day first, then what runs, then the latest start; durations without a start come last.
fn order(part: &DayPart) -> (Date, bool, Option<Timestamp>, TimeEntryId) {
    (part.day, part.entry.is_running(), part.entry.start(), part.entry.id)
}

/// The running entry, on each day of the period that it has touched so far.
fn running_parts(op: &mut Op, period: Period) -> Result<Vec<DayPart>, Error> {
    let Some(entry) = crate::timer::running_entry(op)? else {
        return Ok(Vec::new());
    };
    let Span::Interval { start, .. } = entry.span else {
        return Ok(Vec::new());
    };
    let days = running_days(start, op.now(), &entry.zone, period);
    Ok(days
        .into_iter()
        .map(|(day, seconds)| DayPart { day, seconds, entry: entry.clone() })
        .collect())
}

/// Which entries to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Entries that start on or after this day.
    pub first: Option<Date>,
    /// Entries that start on or before this day.
    pub last: Option<Date>,
    /// Whose; when none, everybody's where the asking member may read all of them, else their own.
    pub member: Option<MemberId>,
    /// Booked on what.
    pub project: Option<ProjectId>,
    /// Continue after this one.
    pub after: Option<Cursor>,
    /// At most so many, 1 to 200.
    pub limit: i64,
}

/// The place of an entry in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The entry's first day.
    pub day: i64,
    /// Its start in microseconds, 0 for a duration on a day.
    pub start: i64,
    /// Its id.
    pub id: TimeEntryId,
}

impl Cursor {
    /// The place that the page asked for begins after.
    ///
    /// Errors: [`crate::Refusal::CursorNotValid`].
    pub fn read(op: &Op, asked: &Asked) -> Result<Option<Self>, Error> {
        let place = asked.numbers(op)?;
        Ok(place.map(|([day, start], id)| Self { day, start, id: TimeEntryId::from_uuid(id) }))
    }

    /// The text of it, for the next page of what was asked for.
    ///
    /// Errors: [`Error::Store`].
    pub fn write(self, op: &Op, asked: &Asked) -> Result<String, Error> {
        asked.cursor_of_numbers(op, &[self.day, self.start], self.id.uuid())
    }
}

/// A page of entries.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The entries, latest day first, then latest start, then latest id.
    pub entries: Vec<TimeEntry>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

/// Entries that start in a range of days, newest first, running ones included.
///
/// A member lists their own; a manager a project they manage, the time of a member of their teams,
/// and of somebody else what is on the projects that they manage; who sees all time, everything.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`] for a project the member may not see, and for
/// somebody who has never been here.
pub fn list_time_entries(op: &mut Op, filter: Filter) -> Result<Listed, Error> {
    let (listing, subject) = choose(op, &filter)?;
    let first = epoch_day(filter.first.unwrap_or(domain::day::FIRST_DAY));
    let last = epoch_day(filter.last.unwrap_or(domain::day::LAST_DAY));
    let limit = filter.limit.clamp(1, 200);
    let cursor = filter.after.unwrap_or(BEFORE_ALL);
    let mut values: Vec<Value> = vec![
        first.into(),
        last.min(cursor.day).into(),
        cursor.day.into(),
        cursor.start.into(),
        cursor.id.into(),
        (limit + 1).into(),
    ];
    values.extend(subject);
    let rows = op.query(&listing.entries, &values)?;
    let mut entries: Vec<TimeEntry> =
        rows.iter().map(|row| read(op, row)).collect::<Result<_, _>>()?;
    let is_last = entries.len() <= usize::try_from(limit).unwrap_or(usize::MAX);
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    attach_tags(op, &listing.tags, &mut entries, &values)?;
    for entry in &entries {
        op.looks(Look::TimeOf(entry.member));
    }
    let next = if is_last { None } else { entries.last().map(cursor_of) };
    Ok(Listed { entries, next })
}

/// Before the newest entry there can be.
const BEFORE_ALL: Cursor =
    Cursor { day: i64::MAX, start: i64::MAX, id: TimeEntryId::from_bytes([0xff; 16]) };

fn cursor_of(entry: &TimeEntry) -> Cursor {
    Cursor {
        day: epoch_day(entry.first_day),
        start: entry.start().map_or(0, Timestamp::as_microsecond),
        id: entry.id,
    }
}

/// A page of entries and the tags of these entries: two statements with the same values.
struct Listing {
    entries: Statement,
    tags: Statement,
}

/// The statements for a filter with its values, after asking for the right.
fn choose(op: &mut Op, filter: &Filter) -> Result<(&'static Listing, Vec<Value>), Error> {
    let me = op.me().member;
    match (filter.project, filter.member) {
        (None, None) if !op.may(Right::ReadTime, Relation::Workspace) => {
            op.require(Right::ReadOwnTime, Relation::Own)?;
            Ok((&OF_MEMBER, vec![me.into()]))
        }
        (None, None) => Ok((&ALL, vec![])),
        (None, Some(member)) => {
            let relation = op.names()?.relation_of_members(me, member);
            let is_part = !op.may(Right::ReadTime, relation);
            op.require(Right::ReadTime, if is_part { Relation::ManagedProject } else { relation })?;
            require_member(op, member)?;
            if is_part {
                return Ok((&OF_MANAGED_MEMBER, vec![member.into(), me.into()]));
            }
            Ok((&OF_MEMBER, vec![member.into()]))
        }
        (Some(project), member) => {
            let names = op.names()?;
            let relation = names.visible_project(op, project)?.relation(me);
            let member = match member {
                Some(member) => Some(member),
                // Who may not see everybody's time on it sees their own.
                None if !op.may(Right::ReadTime, relation) => Some(me),
                None => None,
            };
            if let Some(member) = member {
                let of_member = names.relation_of_members(me, member);
                if !op.may(Right::ReadTime, of_member) {
                    op.require(Right::ReadTime, relation)?;
                }
            }
            if let Some(member) = member {
                require_member(op, member)?;
            }
            Ok(match member {
                Some(member) => (&OF_PROJECT_MEMBER, vec![member.into(), project.into()]),
                None => (&OF_PROJECT, vec![project.into()]),
            })
        }
    }
}

/// Refuses who has never been here; those who were removed have left their time.
fn require_member(op: &mut Op, member: MemberId) -> Result<(), Error> {
    if op.names()?.members.contains_key(&member) { Ok(()) } else { Err(Error::NotFound) }
}

/// The tags of a page are found by the same page of ids, so that there are never more of them than
/// its entries have.
fn attach_tags(
    op: &mut Op,
    statement: &Statement,
    entries: &mut [TimeEntry],
    values: &[Value],
) -> Result<(), Error> {
    let mut tags = tags_by_entry(&op.query(statement, values)?)?;
    for entry in entries {
        entry.tags = tags.remove(&entry.id).unwrap_or_default();
    }
    Ok(())
}

pub(super) fn tags_by_entry(rows: &[Row]) -> Result<HashMap<TimeEntryId, Vec<TagId>>, Error> {
    let mut tags: HashMap<TimeEntryId, Vec<TagId>> = HashMap::new();
    for row in rows {
        tags.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    for tags in tags.values_mut() {
        tags.sort_unstable();
        tags.dedup();
    }
    Ok(tags)
}

/// Index `entry_days_member`, then entries by id.
const LIST_DAY_PARTS: Statement = Statement::new(
    "time_entry.list_day_parts",
    concat!(
        "SELECT ",
        entry_columns!(),
        ", d.local_day, d.seconds
         FROM entry_days d JOIN time_entries e ON e.id = d.entry_id
         WHERE d.member_id = $1 AND d.local_day BETWEEN $2 AND $3"
    ),
);

/// Index `time_entries_member_day`.
const FIND_EARLIEST: Statement = Statement::new(
    "time_entry.find_earliest",
    "SELECT first_day FROM time_entries WHERE member_id = $1 AND deleted_at IS NULL
     ORDER BY first_day LIMIT 1",
);

const LIST_DAY_TAGS: Statement = Statement::new(
    "time_entry.list_day_tags",
    "SELECT t.entry_id, t.tag_id FROM entry_days d JOIN entry_tags t ON t.entry_id = d.entry_id
     WHERE d.member_id = $1 AND d.local_day BETWEEN $2 AND $3",
);

/// The page after a cursor: the day bound lets the index stop early, the rest settles the order
/// within the cursor's own day.
macro_rules! page {
    ($columns:expr, $where:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM time_entries e
             WHERE e.deleted_at IS NULL AND e.first_day BETWEEN $1 AND $2",
            $where,
            " AND (e.first_day < $3 OR COALESCE(e.started_at, 0) < $4
                   OR (COALESCE(e.started_at, 0) = $4 AND e.id < $5))
             ORDER BY e.first_day DESC, COALESCE(e.started_at, 0) DESC, e.id DESC LIMIT $6"
        )
    };
}

/// The tags of the entries of that page.
macro_rules! page_tags {
    ($where:literal) => {
        concat!(
            "SELECT t.entry_id, t.tag_id FROM (",
            page!("e.id", $where),
            ") p JOIN entry_tags t ON t.entry_id = p.id"
        )
    };
}

/// Index `time_entries_day`.
const ALL: Listing = Listing {
    entries: Statement::new("time_entry.list_of_all", page!(entry_columns!(), "")),
    tags: Statement::new("time_entry.list_tags_of_all", page_tags!("")),
};

/// Index `time_entries_member_day`.
const OF_MEMBER: Listing = Listing {
    entries: Statement::new(
        "time_entry.list_of_member",
        page!(entry_columns!(), " AND e.member_id = $7"),
    ),
    tags: Statement::new("time_entry.list_tags_of_member", page_tags!(" AND e.member_id = $7")),
};

/// Index `time_entries_project_day`.
const OF_PROJECT: Listing = Listing {
    entries: Statement::new(
        "time_entry.list_of_project",
        page!(entry_columns!(), " AND e.project_id = $7"),
    ),
    tags: Statement::new("time_entry.list_tags_of_project", page_tags!(" AND e.project_id = $7")),
};

/// Index `time_entries_member_day`.
const OF_PROJECT_MEMBER: Listing = Listing {
    entries: Statement::new(
        "time_entry.list_of_project_member",
        page!(entry_columns!(), " AND e.member_id = $7 AND e.project_id = $8"),
    ),
    tags: Statement::new(
        "time_entry.list_tags_of_project_member",
        page_tags!(" AND e.member_id = $7 AND e.project_id = $8"),
    ),
};

/// Index `time_entries_member_day`.
const OF_MANAGED_MEMBER: Listing = Listing {
    entries: Statement::new(
        "time_entry.list_of_managed_member",
        page!(
            entry_columns!(),
            " AND e.member_id = $7
              AND e.project_id IN (SELECT m.project_id FROM project_members m
                                   WHERE m.member_id = $8 AND m.is_manager = 1)"
        ),
    ),
    tags: Statement::new(
        "time_entry.list_tags_of_managed_member",
        page_tags!(
            " AND e.member_id = $7
              AND e.project_id IN (SELECT m.project_id FROM project_members m
                                   WHERE m.member_id = $8 AND m.is_manager = 1)"
        ),
    ),
};

pub(super) const STATEMENTS: &[Statement] = &[
    LIST_DAY_PARTS,
    LIST_DAY_TAGS,
    FIND_EARLIEST,
    ALL.entries,
    ALL.tags,
    OF_MEMBER.entries,
    OF_MEMBER.tags,
    OF_PROJECT.entries,
    OF_PROJECT.tags,
    OF_PROJECT_MEMBER.entries,
    OF_PROJECT_MEMBER.tags,
    OF_MANAGED_MEMBER.entries,
    OF_MANAGED_MEMBER.tags,
];
