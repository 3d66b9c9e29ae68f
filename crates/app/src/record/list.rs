//! Read the record, the latest first.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, btree_map::Entry},
};

use domain::{
    day::{FIRST_DAY, LAST_DAY, Zone},
    ids::{ClientId, EventId, MemberId, ProjectId, RoleId, TagId, TaskId, TeamId, TimeEntryId},
    permission::{Relation, Right},
    record::{Part, Side},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use store::{Row, Statement, Value};
use uuid::Uuid;

use super::{HistoryEvent, HistoryValue, in_words};
use crate::{
    Error, Names, Op,
    actor::Via,
    audit::{Kind, Recorded, open_changes, place},
    op::{instant, word},
    paging::{Asked, Paged},
    time_entry::{load_unasked, relation_of},
};

/// Of what a kind of event is a part.
pub fn part_of(kind: Kind) -> Part {
    let word = kind.as_str();
    match word.split_once('.').map_or(word, |(thing, _)| thing) {
        "timer" | "time_entry" | "time" | "report" => Part::Time,
        "client" | "project" | "task" | "tag" => Part::Work,
        "member" | "invitation" | "join_rule" | "team" | "role" => Part::People,
        "workspace" => Part::Workspace,
        "support" | "operator" => Part::Support,
        _ => Part::SignIn,
    }
}

/// How far back a page looks for what may be rare.
const REACH: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What of the record is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecordFilter {
    /// What a member did, by themselves or by a program, and what was done to them or their time.
    pub member: Option<MemberId>,
    /// Only what they did, or only what was done to them; both when none.
    pub side: Option<Side>,
    /// What happened to this thing.
    pub object: Option<Uuid>,
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
    /// Whether it can still be looked at, as far as the names say; entries may be gone.
    pub is_there: bool,
}

/// A page of the record, the latest first. Where it is asked for time, for support or for a person and not from when,
/// a page reaches back three months at most, and may be short: what is rare would have all events read.
///
/// Errors: [`Error::Forbidden`]; [`Error::Invalid`] for `first`, `last`;
/// [`crate::Refusal::CursorNotValid`].
pub fn list_record(
    op: &mut Op,
    asked: &Asked,
    filter: RecordFilter,
) -> Result<Paged<RecordedEvent>, Error> {
    op.require(Right::ReadRecord, Relation::Workspace)?;
    let window = Window::of(op, asked, filter)?;
    let rows = find(op, asked, filter, window)?;
    let is_last = rows.len() <= asked.limit();
    let rows = rows.get(..asked.limit()).unwrap_or(&rows);
    let read = rows.iter().map(|row| Ok((read(op, row)?, row)));
    let mut found = read.collect::<Result<Vec<_>, Error>>()?;
    let place = match found.last() {
        Some((last, _)) if !is_last => Some(last.id.uuid()),
        _ if window.is_cut && op.optional(&FIND_BEFORE, &[window.from()])?.is_some() => {
            Some(window.from)
        }
        _ => None,
    };
    let next = place.map(|place| asked.cursor_of_numbers(op, &[0], place)).transpose()?;
    found.sort_by_key(|(event, _)| Reverse(arrival(event)));
    let (recorded, rows): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let zone = op.me().zone.clone();
    let events = in_words(op, recorded, &zone)?;
    let names = op.names()?;
    let items = events.into_iter().zip(rows).map(|(event, row)| describe(&names, event, row));
    let mut items = items.collect::<Result<Vec<_>, _>>()?;
    name_entries(op, &mut items)?;
    Ok(Paged { items, next })
}

/// Entries are called by their notes; of one whose event says none, by that of now, also in the trash.
fn name_entries(op: &mut Op, items: &mut [RecordedEvent]) -> Result<(), Error> {
    let mut notes = BTreeMap::new();
    for item in items {
        if item.thing.is_some() || item.object_kind != "time_entry" || !item.is_there {
            continue;
        }
        let note = match notes.entry(item.object) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(note_of(op, TimeEntryId::from_uuid(item.object))?),
        };
        item.thing.clone_from(note);
    }
    Ok(())
}

/// The note of an entry that the reader may see; none where it is empty, or the entry is gone.
fn note_of(op: &mut Op, id: TimeEntryId) -> Result<Option<String>, Error> {
    let entry = match load_unasked(op, id) {
        Err(Error::NotFound) => return Ok(None),
        entry => entry?,
    };
    let relation = relation_of(op, entry.member, entry.project)?;
    let is_said = op.may(Right::ReadTime, relation) && !entry.note.is_empty();
    Ok(is_said.then_some(entry.note))
}

/// What events of one page are ordered by. Ids rise with the millisecond; within one, the ledger knows what
/// came first, and what has no place yet came after what has one. Pages are cut by ids alone, which the
/// primary key gives for nothing.
fn arrival(event: &Recorded) -> (u128, u64, EventId) {
    (event.id.uuid().as_u128() >> 80, event.place.unwrap_or(u64::MAX), event.id)
}

/// Between which ids a page looks.
#[derive(Clone, Copy)]
struct Window {
    before: Uuid,
    from: Uuid,
    /// Whether it begins later than was asked for.
    is_cut: bool,
}

impl Window {
    fn of(op: &Op, asked: &Asked, filter: RecordFilter) -> Result<Self, Error> {
        let zone = op.me().zone.clone();
        let from = filter.first.map_or(Ok(Uuid::nil()), |day| beginning(&zone, "first", day))?;
        let until = filter.last.map_or(Ok(Uuid::max()), |day| end(&zone, day))?;
        let before = asked.numbers::<1>(op)?.map_or(until, |(_, id)| id.min(until));
        // Of one thing, and of what is not of time, an index has all there is.
        let is_among_time = filter.part.is_some_and(|part| !is_apart(part));
        let is_rare = filter.object.is_none() && (is_among_time || filter.member.is_some());
        if filter.first.is_some() || !is_rare {
            return Ok(Self { before, from, is_cut: false });
        }
        let latest = made_at(before).map_or(op.now(), |at| at.min(op.now()));
        let back = latest.checked_sub(REACH).unwrap_or(Timestamp::UNIX_EPOCH);
        Ok(Self { before, from: domain::ids::uuid_v7(back, [0; 10]), is_cut: true })
    }

    fn from(self) -> Value {
        EventId::from_uuid(self.from).into()
    }
}

/// One row more than asked for, where there is one.
fn find(
    op: &mut Op,
    asked: &Asked,
    filter: RecordFilter,
    window: Window,
) -> Result<Vec<Row>, Error> {
    let limit = i64::try_from(asked.limit() + 1).map_err(|_| Error::bug("a limit"))?;
    let kinds = match filter.part {
        None if !of_support(op) => String::new(),
        part => kinds_of(op, part),
    };
    let before = EventId::from_uuid(window.before);
    let values = [before.into(), window.from(), kinds.into(), limit.into()];
    let member = filter.member.map(|member| {
        let side = filter.side.map_or("", Side::as_str);
        [member.into(), side.into()]
    });
    let object = filter.object.map(Value::from);
    let is_apart = filter.part.is_some_and(is_apart);
    let (statement, more) = match (member, object) {
        (None, None) if is_apart => (&LIST_APART, Vec::new()),
        (None, None) => (&LIST, Vec::new()),
        (Some(member), None) if is_apart => (&LIST_OF_MEMBER_APART, member.into()),
        (Some(member), None) => (&LIST_OF_MEMBER, member.into()),
        (None, Some(object)) => (&LIST_OF_OBJECT, vec![object]),
        (Some(member), Some(object)) => (&LIST_OF_BOTH, [&member[..], &[object]].concat()),
    };
    op.query(statement, &[&values[..], &more].concat())
}

/// Whether nothing of a part happens to entries: support looks at them, too.
const fn is_apart(part: Part) -> bool {
    !matches!(part, Part::Time | Part::Support)
}

/// Ids are UUIDv7: they rise with the millisecond.
fn beginning(zone: &Zone, field: &'static str, day: Date) -> Result<Uuid, Error> {
    let out_of_range = || Error::invalid(field, "out_of_range", "Choose a day from 1970 to 2200.");
    let fits = (FIRST_DAY..=LAST_DAY).contains(&day);
    let at = day.to_zoned(zone.time_zone()).ok().filter(|_| fits).ok_or_else(out_of_range)?;
    Ok(domain::ids::uuid_v7(at.timestamp(), [0; 10]))
}

/// Where the next day begins.
fn end(zone: &Zone, day: Date) -> Result<Uuid, Error> {
    let this = beginning(zone, "last", day)?;
    let next = day.tomorrow().ok().and_then(|next| next.to_zoned(zone.time_zone()).ok());
    Ok(next.map_or(this, |next| domain::ids::uuid_v7(next.timestamp(), [0; 10])))
}

/// The instant that an id was made at.
fn made_at(id: Uuid) -> Option<Timestamp> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
}

/// The words of the part's kinds that the reader is shown, each between commas; of all parts without one.
fn kinds_of(op: &Op, part: Option<Part>) -> String {
    let is_of_part = |kind: Kind| part.is_none_or(|part| part_of(kind) == part);
    let kinds = Kind::ALL.iter().filter(|kind| is_of_part(**kind) && is_shown(op, **kind));
    kinds.fold(",".to_owned(), |text, kind| text + kind.as_str() + ",")
}

/// Whether events of a kind are for the reader at all: how people sign in, their tokens and their profiles
/// are not for support, whatever was given.
pub(super) fn is_shown(op: &Op, kind: Kind) -> bool {
    !of_support(op) || part_of(kind) != Part::SignIn && kind != Kind::MemberChanged
}

fn of_support(op: &Op) -> bool {
    matches!(op.me().via, Via::Support(..))
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
        subject: row.get(9)?,
        place: place(row, 10)?,
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
        is_there: match object_kind.as_str() {
            "project" => {
                is_kept(names.projects.get(&ProjectId::from_uuid(object)), |one| one.deleted_at)
            }
            "team" => names.teams.contains_key(&TeamId::from_uuid(object)),
            kind => kind == "time_entry" && event.kind != Kind::TimeEntryPurged,
        },
        thing: name_of(names, &object_kind, object)
            .or_else(|| name_then(&event))
            .filter(|thing| event.kind != Kind::MemberJoined || *thing != event.actor),
        about: about.map(|member| member.name.clone()),
        event,
        object_kind,
        object,
    })
}

fn is_kept<T>(thing: Option<&T>, deleted_at: impl Fn(&T) -> Option<Timestamp>) -> bool {
    thing.is_some_and(|thing| deleted_at(thing).is_none())
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
        "member" | "time" => names.members.get(&MemberId::from_uuid(id))?.name.clone(),
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

/// A page of events with more conditions. The place is looked up for what is shown alone. A word is in a list
/// of words when taking it out changes the list.
macro_rules! events {
    ($($more:expr),*) => {
        concat!(
            "SELECT e.id, e.at, e.actor_kind, e.actor_id, e.kind, e.facts, e.texts_sealed,
                    e.object_kind, e.object_id, e.subject_id,
                    (SELECT l.position FROM ledger_leaves l WHERE l.event_id = e.id)
             FROM events e
             WHERE e.id < $1 AND e.id >= $2
               AND ($3 = '' OR replace($3, ',' || e.kind || ',', '') <> $3)",
            $($more,)*
            " ORDER BY e.id DESC LIMIT $4"
        )
    };
}

/// What a member did, or what was done to them.
macro_rules! of_member {
    () => {
        " AND ($6 <> 'about'
               AND (e.actor_id = $5 AND e.actor_kind <> 'token'
                    OR e.actor_kind = 'token'
                       AND e.actor_id IN (SELECT id FROM api_tokens WHERE member_id = $5))
               OR $6 <> 'by'
               AND (e.subject_id = $5 OR e.object_id = $5 AND e.object_kind = 'member'))"
    };
}

/// What the index `events_apart` has.
macro_rules! apart {
    () => {
        " AND e.object_kind <> 'time_entry'"
    };
}

/// By the primary key.
const LIST: Statement = Statement::new("record.list", events!());

/// Index `events_apart`.
const LIST_APART: Statement = Statement::new("record.list_apart", events!(apart!()));

/// By the primary key.
const LIST_OF_MEMBER: Statement = Statement::new("record.list_of_member", events!(of_member!()));

/// Index `events_apart`.
const LIST_OF_MEMBER_APART: Statement =
    Statement::new("record.list_of_member_apart", events!(of_member!(), apart!()));

/// Index `events_object`.
const LIST_OF_OBJECT: Statement =
    Statement::new("record.list_of_object", events!(" AND e.object_id = $5"));

/// As above.
const LIST_OF_BOTH: Statement = Statement::new(
    "record.list_of_object_and_member",
    events!(of_member!(), " AND e.object_id = $7"),
);

/// The primary key; without an order PostgreSQL would read the table until it finds one.
const FIND_BEFORE: Statement = Statement::new(
    "record.find_before",
    "SELECT id FROM events WHERE id < $1 ORDER BY id DESC LIMIT 1",
);

pub(super) const STATEMENTS: &[Statement] = &[
    LIST,
    LIST_APART,
    LIST_OF_MEMBER,
    LIST_OF_MEMBER_APART,
    LIST_OF_OBJECT,
    LIST_OF_BOTH,
    FIND_BEFORE,
];
