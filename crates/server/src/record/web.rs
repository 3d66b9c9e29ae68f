//! The page of the record.

use app::{
    Error, Op,
    ledger::{Head, last_head},
    paging::Asked,
    record::{RecordFilter, RecordedEvent, list_record},
};
use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    routing::get,
};
use domain::{
    ids::MemberId,
    permission::{Relation, Right},
    record::{Part, Side},
};
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    fields::side_words,
    view::{HistoryEvent, LogHead, RecordDay, RecordPage, RecordRow},
    words::{history_row, take_look, what_was_done},
};
use crate::{
    page::{Field, Place, Select, capital},
    state::Server,
    wall,
    web::{Frame, PageResult, SignedIn, page_with, rfc3339},
};

/// Events on a page.
const LIMIT: usize = 50;

/// Routes of the page of the record.
pub fn routes() -> Router<Server> {
    Router::new().route("/w/{workspace}/record", get(record))
}

/// What the address says; what is empty asks for nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Which {
    member: String,
    side: String,
    object: String,
    part: String,
    first: String,
    last: String,
    cursor: String,
}

async fn record(
    State(server): State<Server>,
    member: SignedIn,
    Query(which): Query<Which>,
) -> PageResult {
    let root = member.root();
    let (frame, (status, page)) = member
        .read(&server, move |op| {
            op.require(Right::ReadRecord, Relation::Workspace)?;
            let mut page = bare(op, &which, &root)?;
            let filled =
                read_filter(&which).and_then(|filter| fill(op, &mut page, filter, &which, &root));
            let status = match filled {
                Ok(()) => StatusCode::OK,
                Err(Error::Invalid(fields)) => {
                    for field in fields.0 {
                        let wrong = match field.field {
                            "first" => &mut page.first.error,
                            "last" => &mut page.last.error,
                            "part" => &mut page.parts.error,
                            "side" => &mut page.sides.error,
                            "object" => &mut page.things.error,
                            _ => &mut page.members.error,
                        };
                        *wrong = field.message;
                    }
                    StatusCode::UNPROCESSABLE_ENTITY
                }
                Err(error) => return Err(error),
            };
            Ok((Frame::read(op)?, (status, page)))
        })
        .await?;
    let layout = frame.layout(&server, &member, Place::Record, "record", "Record").await?;
    let layout = layout.live_with_record();
    Ok(page_with(status, &RecordPage { layout, ..page }))
}

fn read_filter(which: &Which) -> Result<RecordFilter, Error> {
    let chosen = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let none =
        |field| move || Error::invalid(field, "not_found", "There is no such thing to choose.");
    let member = chosen(&which.member).map(|text| text.parse::<MemberId>());
    let side = chosen(&which.side).map(|text| text.parse::<Side>());
    let object = chosen(&which.object).map(|text| text.parse::<Uuid>());
    let part = chosen(&which.part).map(|text| text.parse::<Part>());
    let day = |field, text| chosen(text).map(|text| wall::read_day(field, &text)).transpose();
    Ok(RecordFilter {
        member: member.transpose().map_err(|_| none("member")())?,
        side: side.transpose().map_err(|_| none("side")())?,
        object: object.transpose().map_err(|_| none("object")())?,
        part: part.transpose().map_err(|_| none("part")())?,
        first: day("first", &which.first)?,
        last: day("last", &which.last)?,
    })
}

/// The page without events.
fn bare(op: &mut Op, which: &Which, root: &str) -> Result<RecordPage, Error> {
    let names = op.names()?;
    let mut members: Vec<_> =
        names.members.values().map(|member| (member.removed_at.is_some(), member)).collect();
    members.sort_by_cached_key(|(is_gone, member)| {
        (*is_gone, domain::text::fold(&member.name), member.id)
    });
    let members = members.into_iter().map(|(_, one)| (one.id.to_string(), one.name.clone()));
    let sides = Side::ALL.iter().map(|side| (side.to_string(), capital(side_words(*side))));
    let parts = Part::ALL.iter().map(|part| (part.to_string(), part.title().to_owned()));
    Ok(RecordPage {
        members: Select::of(members, &which.member),
        sides: Select::of(sides, &which.side),
        parts: Select::of(parts, &which.part),
        newest_url: format!("{root}/{}", address(which, "")),
        is_newest: which.cursor.is_empty(),
        log: last_head(op)?.map(|head| log_head(op, &head)).transpose()?,
        first: Field::new(which.first.clone()),
        last: Field::new(which.last.clone()),
        ..RecordPage::default()
    })
}

fn fill(
    op: &mut Op,
    page: &mut RecordPage,
    filter: RecordFilter,
    which: &Which,
    root: &str,
) -> Result<(), Error> {
    let cursor = Some(which.cursor.clone()).filter(|text| !text.is_empty());
    let asked = Asked::new(address(which, ""), cursor, LIMIT);
    let listed = list_record(op, &asked, filter)?;
    if !which.object.is_empty() {
        page.things = Select::of([(which.object.clone(), label_of(&listed.items))], &which.object);
    }
    for event in listed.items {
        let day = wall::local(&op.me().zone, event.event.at).date();
        let word = day.to_string();
        if page.days.last().is_none_or(|last| last.day != word) {
            let title = op.me().locale.format_day_long(day);
            page.days.push(RecordDay { day: word, title, rows: Vec::new() });
        }
        if let Some(last) = page.days.last_mut() {
            last.rows.push(row(op, event, root, which));
        }
    }
    page.older_url =
        listed.next.map(|next| format!("{root}/{}", address(which, &next))).unwrap_or_default();
    Ok(())
}

/// What the log's last head says.
fn log_head(op: &Op, head: &Head) -> Result<LogHead, Error> {
    let signed = Timestamp::from_microsecond(head.at);
    let at = signed.map_err(|_| Error::bug("a head that was signed at no time"))?;
    let (me, local) = (op.me(), wall::local(&op.me().zone, at));
    let time = me.locale.format_time_to_second(local.time(), me.clock_format);
    Ok(LogHead {
        size: head.size.to_string(),
        at: format!("{}, {time}", me.locale.format_date(local.date())),
        instant: rfc3339(at),
    })
}

/// What the one thing is called that a page is of.
fn label_of(events: &[RecordedEvent]) -> String {
    let name = events.iter().find_map(|event| event.thing.clone());
    name.unwrap_or_else(|| "The one that was chosen".to_owned())
}

fn row(op: &Op, mut event: RecordedEvent, root: &str, which: &Which) -> RecordRow {
    let look = take_look(&mut event.event);
    let only = Which { object: event.object.to_string(), cursor: String::new(), ..which.clone() };
    let is_one = !which.object.is_empty();
    let href = match event.object_kind.as_str() {
        "project" => format!("{root}/projects/{}", event.object),
        "team" => format!("{root}/teams/{}", event.object),
        "time_entry" => format!("{root}/entries/{}/history", event.object),
        _ => String::new(),
    };
    let href = if event.is_there { href } else { String::new() };
    let actor = event.event.actor.clone();
    let unnamed = if look.is_some() { "see it" } else { "no name" };
    let told = history_row(op, event.event, what_was_done);
    RecordRow {
        only_url: if is_one { String::new() } else { format!("{root}/{}", address(&only, "")) },
        event: HistoryEvent { what: look.unwrap_or(told.what), ..told },
        unnamed,
        thing: event.thing.unwrap_or_default(),
        href,
        about: event.about.filter(|about| *about != actor).unwrap_or_default(),
    }
}

/// The page's address below the workspace, with what is asked for.
fn address(which: &Which, cursor: &str) -> String {
    let all = [
        ("member", which.member.as_str()),
        ("side", &which.side),
        ("object", &which.object),
        ("part", &which.part),
        ("first", &which.first),
        ("last", &which.last),
        ("cursor", cursor),
    ];
    let said: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    match serde_urlencoded::to_string(said) {
        Ok(query) if !query.is_empty() => format!("record?{query}"),
        _ => "record".to_owned(),
    }
}
