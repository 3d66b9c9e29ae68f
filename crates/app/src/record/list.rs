//! Read the record, the latest first.

use domain::{
    day::Zone,
    ids::{ClientId, EventId, MemberId, ProjectId, RoleId, TagId, TaskId, TeamId, TimeEntryId},
    permission::{Relation, Right},
    record::Part,
};
use jiff::{Timestamp, civil::Date};
use store::{Row, Statement, Value};
use uuid::Uuid;

use super::{HistoryEvent, HistoryValue, in_words};
use crate::{
    Error, Names, Op,
    audit::{Kind, Recorded, open_changes},
    op::{instant, word},
    paging::{Asked, Paged},
};

/// Of what a kind of event is a part.
pub fn part_of(kind: Kind) -> Part {
    let word = kind.as_str();
    match word.split_once('.').map_or(word, |(thing, _)| thing) {
        "timer" | "time_entry" => Part::Time,
        "client" | "project" | "task" | "tag" => Part::Work,
        "member" | "invitation" | "join_rule" | "team" | "role" => Part::People,
        "workspace" => Part::Workspace,
        _ => Part::SignIn,
    }
}

/// What of the record is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecordFilter {
    /// What a member did, by themselves or by a program, and what was done to them or their time.
    pub member: Option<MemberId>,
    /// One part of it.
    pub part: Option<Part>,
    /// From this day on, where the asking member is.
    pub first: Option<Date>,
    /// Until this day, and on it.
    pub last: Option<Date>,
}

/// An event of the record.
#[derive(Debug, Clone)]
pub struct RecordedEvent {
    /// What happened.
    pub event: HistoryEvent,
    /// To what: `time_entry`, `project` and so on.
    pub object_kind: String,
    /// Its id.
    pub object: Uuid,
    /// What it is called now, or was called then.
    pub thing: Option<String>,
    /// Whose it is, or whom it is about.
    pub about: Option<String>,
}

/// A page of the record, the latest first.
///
/// Errors: [`Error::Forbidden`]; [`crate::Refusal::CursorNotValid`].
pub fn list_record(
    op: &mut Op,
    asked: &Asked,
    filter: RecordFilter,
) -> Result<Paged<RecordedEvent>, Error> {
    op.require(Right::ReadRecord, Relation::Workspace)?;
    let rows = find(op, asked, filter)?;
    let is_last = rows.len() <= asked.limit();
    let rows = rows.get(..asked.limit()).unwrap_or(&rows);
    let recorded = rows.iter().map(|row| read(op, row)).collect::<Result<Vec<_>, _>>()?;
    let next = match recorded.last() {
        Some(last) if !is_last => Some(asked.cursor_of_numbers(op, &[0], last.id.uuid())?),
        _ => None,
    };
    let zone = op.me().zone.clone();
    let events = in_words(op, recorded, &zone)?;
    let names = op.names()?;
    let items = events.into_iter().zip(rows).map(|(event, row)| describe(&names, event, row));
    Ok(Paged { items: items.collect::<Result<_, _>>()?, next })
}

/// One row more than asked for, where there is one.
fn find(op: &mut Op, asked: &Asked, filter: RecordFilter) -> Result<Vec<Row>, Error> {
    let zone = op.me().zone.clone();
    let from = filter.first.map_or(Ok(Uuid::nil()), |day| beginning(&zone, day))?;
    let until = filter.last.and_then(|day| day.tomorrow().ok());
    let until = until.map_or(Ok(Uuid::max()), |day| beginning(&zone, day))?;
    let before = asked.numbers::<1>(op)?.map_or(until, |(_, id)| id.min(until));
    let limit = i64::try_from(asked.limit() + 1).map_err(|_| Error::bug("a limit"))?;
    let kinds = filter.part.map(kinds_of).unwrap_or_default();
    let ids = [before, from].map(|id| Value::from(EventId::from_uuid(id)));
    let [before, from] = ids;
    match filter.member {
        None => op.query(&LIST, &[before, from, kinds.into(), limit.into()]),
        Some(member) => {
            op.query(&LIST_OF_MEMBER, &[before, from, kinds.into(), limit.into(), member.into()])
        }
    }
}

/// Ids are UUIDv7: they rise with the millisecond.
fn beginning(zone: &Zone, day: Date) -> Result<Uuid, Error> {
    let at = day.to_zoned(zone.time_zone()).map(|day| day.timestamp());
    let at: Timestamp = at.map_err(|_| Error::invalid("from", "out_of_range", "Choose a day."))?;
    Ok(domain::ids::uuid_v7(at, [0; 10]))
}

/// The words of the part's kinds, each between commas.
fn kinds_of(part: Part) -> String {
    let kinds = Kind::ALL.iter().filter(|kind| part_of(**kind) == part);
    kinds.fold(",".to_owned(), |text, kind| text + kind.as_str() + ",")
}

fn read(op: &Op, row: &Row) -> Result<Recorded, Error> {
    let id: EventId = row.get(0)?;
    let facts: Vec<u8> = row.get(5)?;
    Ok(Recorded {
        id,
        at: instant(row, 1)?,
        actor_kind: row.get(2)?,
        actor: row.get(3)?,
        kind: word(row, 4)?,
        changes: open_changes(op, id, &facts, row.get(6)?)?,
    })
}

fn describe(names: &Names, event: HistoryEvent, row: &Row) -> Result<RecordedEvent, Error> {
    let object_kind: String = row.get(7)?;
    let object: Uuid = row.get::<TimeEntryId>(8)?.uuid();
    let about: Option<MemberId> = row.get(9)?;
    let is_same = about.is_some_and(|member| member.uuid() == object);
    let about = about.filter(|_| !is_same).and_then(|member| names.members.get(&member));
    Ok(RecordedEvent {
        thing: name_of(names, &object_kind, object).or_else(|| name_then(&event)),
        about: about.map(|member| member.name.clone()),
        event,
        object_kind,
        object,
    })
}

/// What a thing is called now.
fn name_of(names: &Names, kind: &str, id: Uuid) -> Option<String> {
    Some(match kind {
        "client" => names.clients.get(&ClientId::from_uuid(id))?.name.clone(),
        "project" => names.project_label(names.projects.get(&ProjectId::from_uuid(id))?),
        "task" => names.tasks.get(&TaskId::from_uuid(id))?.name.clone(),
        "tag" => names.tags.get(&TagId::from_uuid(id))?.name.clone(),
        "team" => names.teams.get(&TeamId::from_uuid(id))?.name.clone(),
        "role" => names.roles.get(&RoleId::from_uuid(id))?.name.clone(),
        "member" => names.members.get(&MemberId::from_uuid(id))?.name.clone(),
        _ => return None,
    })
}

/// What it was called, as the event says.
fn name_then(event: &HistoryEvent) -> Option<String> {
    let is_name = |field: &str| matches!(field, "name" | "label" | "address" | "note");
    let change = event.changes.iter().find(|change| is_name(&change.field))?;
    let value = change.after.as_ref().or(change.before.as_ref())?;
    match value {
        HistoryValue::Words(words) if !words.is_empty() => Some(words.clone()),
        _ => None,
    }
}

/// By the primary key. A word is in a list of words when taking it out changes the list.
const LIST: Statement = Statement::new(
    "record.list",
    "SELECT id, at, actor_kind, actor_id, kind, facts, texts_sealed, object_kind, object_id,
            subject_id
     FROM events
     WHERE id < $1 AND id >= $2
       AND ($3 = '' OR replace($3, ',' || kind || ',', '') <> $3)
     ORDER BY id DESC LIMIT $4",
);

/// As above.
const LIST_OF_MEMBER: Statement = Statement::new(
    "record.list_of_member",
    "SELECT id, at, actor_kind, actor_id, kind, facts, texts_sealed, object_kind, object_id,
            subject_id
     FROM events
     WHERE id < $1 AND id >= $2
       AND ($3 = '' OR replace($3, ',' || kind || ',', '') <> $3)
       AND (subject_id = $5 OR actor_id = $5 OR object_id = $5
            OR actor_id IN (SELECT id FROM api_tokens WHERE member_id = $5))
     ORDER BY id DESC LIMIT $4",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST, LIST_OF_MEMBER];
