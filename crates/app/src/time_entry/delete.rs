//! Delete an entry, and take it out of the trash again.

use domain::{
    ids::TimeEntryId,
    permission::{Relation, Right},
};
use store::Statement;
use uuid::Uuid;

use super::{
    Span, TimeEntry,
    edit::require_edit,
    entry_event, forbid_overlap, get_time_entry,
    list::tags_by_entry,
    load, overwrite,
    row::{entry_columns, read},
    write_days,
};
use crate::{
    Error, Op, Refusal,
    audit::{Event, Kind},
    paging::{Asked, Paged},
    trash,
};

/// Puts an entry in the trash; a running one is stopped first, at the request's instant.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`]. Audit:
/// `time_entry.deleted`.
pub fn delete_time_entry(
    op: &mut Op,
    id: TimeEntryId,
    expected_version: Option<i64>,
) -> Result<TimeEntry, Error> {
    let before = get_time_entry(op, id)?;
    require_edit(op, &before)?;
    if expected_version.is_some_and(|version| version != before.version) {
        return Err(Error::Stale(before.version));
    }
    delete_entry_as(op, before, Kind::TimeEntryDeleted)
}

/// Puts an entry that may be changed in the trash.
pub(crate) fn delete_entry_as(
    op: &mut Op,
    before: TimeEntry,
    kind: Kind,
) -> Result<TimeEntry, Error> {
    let mut entry = before.clone();
    entry.deleted_at = Some(op.now());
    if let Span::Interval { start, stop: None } = before.span {
        let longest = domain::duration::MAX_ENTRY_S;
        let seconds = (op.now().as_second() - start.as_second()).clamp(0, longest);
        let stop = start
            .checked_add(jiff::SignedDuration::from_secs(seconds))
            .map_err(|_| Error::bug("stop out of range"))?;
        entry.span = Span::Interval { start, stop: Some(stop) };
    }
    let event = entry_event(op, kind, Some(&before), Some(&entry))?;
    let entry = overwrite(op, &before, entry)?;
    write_days(op, &entry, false)?;
    op.record(event.fact("deleted", false, true))?;
    Ok(entry)
}

/// Takes an entry out of the trash.
///
/// Errors: [`Error::NotFound`] when it is not in the trash; [`Error::Forbidden`];
/// [`Refusal::EntriesOverlap`]. Audit: `time_entry.restored`.
pub fn restore_time_entry(op: &mut Op, id: TimeEntryId) -> Result<TimeEntry, Error> {
    let before = load(op, id)?;
    if before.deleted_at.is_none() {
        return Err(Error::NotFound);
    }
    require_edit(op, &before)?;
    let names = op.names()?;
    if let Some(project) = before.project {
        let is_gone = names.projects.get(&project).is_none_or(|p| p.deleted_at.is_some());
        if is_gone {
            return Err(Refusal::ProjectArchived(project).into());
        }
    }
    let mut entry = before.clone();
    entry.deleted_at = None;
    forbid_overlap(op, &entry)?;
    let entry = overwrite(op, &before, entry)?;
    write_days(op, &entry, false)?;
    let event = entry_event(op, Kind::TimeEntryRestored, Some(&before), Some(&entry))?;
    op.record(event.fact("deleted", true, false))?;
    Ok(entry)
}

/// A page of the asking member's own entries in the trash, the latest deleted first.
///
/// Errors: [`Refusal::CursorNotValid`].
pub fn list_trash(op: &mut Op, asked: &Asked) -> Result<Paged<TimeEntry>, Error> {
    let member = op.me().member;
    op.require(Right::ReadOwnTime, Relation::Own)?;
    let ([at], id) = asked.numbers(op)?.unwrap_or(([i64::MAX], Uuid::max()));
    // One more than asked for tells whether a page follows.
    let most = i64::try_from(asked.limit() + 1).map_err(|_| Error::bug("a large page"))?;
    let values = [member.into(), at.into(), id.into(), most.into()];
    let rows = op.query(&LIST_TRASH, &values)?;
    let mut tags = tags_by_entry(&op.query(&LIST_TRASH_TAGS, &values)?)?;
    let mut items = Vec::new();
    for row in rows.iter().take(asked.limit()) {
        let mut entry = read(op, row)?;
        entry.tags = tags.remove(&entry.id).unwrap_or_default();
        items.push(entry);
    }
    let last = items.last().filter(|_| rows.len() > items.len());
    let next = last.and_then(|entry| {
        let at = entry.deleted_at?.as_microsecond();
        Some(asked.cursor_of_numbers(op, &[at], entry.id.uuid()))
    });
    let next = next.transpose()?;
    Ok(Paged { items, next })
}

/// Whether [`purge_trash`] would find anything.
///
/// Errors: [`Error::Store`].
pub fn has_expired_trash(op: &mut Op) -> Result<bool, Error> {
    let oldest = trash::oldest_kept(op);
    Ok(op.optional(&FIND_EXPIRED, &[oldest.into()])?.is_some())
}

/// Removes entries that have been in the trash for 30 days; how many. At most 500 at a time.
///
/// Errors: [`Error::Store`]. Audit: `time_entry.purged`.
pub fn purge_trash(op: &mut Op) -> Result<usize, Error> {
    let oldest = trash::oldest_kept(op);
    let rows = op.query(&LIST_EXPIRED, &[oldest.into()])?;
    for row in &rows {
        let id: TimeEntryId = row.get(0)?;
        op.execute(&PURGE_TAGS, &[id.into()])?;
        op.execute(&PURGE_DAYS, &[id.into()])?;
        op.execute(&PURGE, &[id.into()])?;
        op.record(Event::new(Kind::TimeEntryPurged, "time_entry", id))?;
    }
    Ok(rows.len())
}

/// The page of the trash after an instant and an id; the bound of the instant lets the index stop
/// early.
macro_rules! trash_page {
    ($columns:expr) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM time_entries e
             WHERE e.member_id = $1 AND e.deleted_at IS NOT NULL AND e.deleted_at <= $2
               AND (e.deleted_at < $2 OR e.id < $3)
             ORDER BY e.deleted_at DESC, e.id DESC LIMIT $4"
        )
    };
}

/// Index `time_entries_deleted`.
const LIST_TRASH: Statement =
    Statement::new("time_entry.list_trash", trash_page!(entry_columns!()));

/// Index `time_entries_deleted`.
const LIST_TRASH_TAGS: Statement = Statement::new(
    "time_entry.list_trash_tags",
    concat!(
        "SELECT t.entry_id, t.tag_id FROM (",
        trash_page!("e.id"),
        ") p JOIN entry_tags t ON t.entry_id = p.id"
    ),
);

const LIST_EXPIRED: Statement = Statement::new(
    "time_entry.list_expired",
    "SELECT id FROM time_entries WHERE deleted_at IS NOT NULL AND deleted_at < $1 LIMIT 500",
);

const FIND_EXPIRED: Statement = Statement::new(
    "time_entry.find_expired",
    "SELECT id FROM time_entries WHERE deleted_at IS NOT NULL AND deleted_at < $1 LIMIT 1",
);

const PURGE_TAGS: Statement =
    Statement::new("time_entry.purge_tags", "DELETE FROM entry_tags WHERE entry_id = $1");

const PURGE_DAYS: Statement =
    Statement::new("time_entry.purge_days", "DELETE FROM entry_days WHERE entry_id = $1");

const PURGE: Statement =
    Statement::new("time_entry.purge", "DELETE FROM time_entries WHERE id = $1");

pub(super) const STATEMENTS: &[Statement] =
    &[LIST_TRASH, LIST_TRASH_TAGS, LIST_EXPIRED, FIND_EXPIRED, PURGE_TAGS, PURGE_DAYS, PURGE];
