//! The page of the record.

use app::{
    Error, Op,
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
    record::Part,
};
use serde::Deserialize;

use super::{
    view::{RecordDay, RecordPage, RecordRow},
    words::{history_row, what_was_done},
};
use crate::{
    page::{Field, Place, Select},
    state::Server,
    wall,
    web::{Frame, PageResult, SignedIn, page_with},
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
            let mut page = bare(op, &which)?;
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
    Ok(page_with(status, &RecordPage { layout, ..page }))
}

fn read_filter(which: &Which) -> Result<RecordFilter, Error> {
    let chosen = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let none =
        |field| move || Error::invalid(field, "not_found", "There is no such thing to choose.");
    let member = chosen(&which.member).map(|text| text.parse::<MemberId>());
    let part = chosen(&which.part).map(|text| text.parse::<Part>());
    let day = |field, text| chosen(text).map(|text| wall::read_day(field, &text)).transpose();
    Ok(RecordFilter {
        member: member.transpose().map_err(|_| none("member")())?,
        part: part.transpose().map_err(|_| none("part")())?,
        first: day("first", &which.first)?,
        last: day("last", &which.last)?,
    })
}

/// The page without events.
fn bare(op: &mut Op, which: &Which) -> Result<RecordPage, Error> {
    let names = op.names()?;
    let mut members: Vec<_> =
        names.members.values().map(|member| (member.removed_at.is_some(), member)).collect();
    members.sort_by_cached_key(|(is_gone, member)| {
        (*is_gone, domain::text::fold(&member.name), member.id)
    });
    let members = members.into_iter().map(|(_, one)| (one.id.to_string(), one.name.clone()));
    let parts = Part::ALL.iter().map(|part| (part.to_string(), part.title().to_owned()));
    Ok(RecordPage {
        members: Select::of(members, &which.member),
        parts: Select::of(parts, &which.part),
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
    for event in listed.items {
        let day = wall::local(&op.me().zone, event.event.at).date();
        let word = day.to_string();
        if page.days.last().is_none_or(|last| last.day != word) {
            let title = op.me().locale.format_day_long(day);
            page.days.push(RecordDay { day: word, title, rows: Vec::new() });
        }
        if let Some(last) = page.days.last_mut() {
            last.rows.push(row(op, event, root));
        }
    }
    page.older_url =
        listed.next.map(|next| format!("{root}/{}", address(which, &next))).unwrap_or_default();
    if !which.cursor.is_empty() {
        page.newest_url = format!("{root}/{}", address(which, ""));
    }
    Ok(())
}

fn row(op: &Op, event: RecordedEvent, root: &str) -> RecordRow {
    let href = match event.object_kind.as_str() {
        "project" => format!("{root}/projects/{}", event.object),
        "team" => format!("{root}/teams/{}", event.object),
        "time_entry" => format!("{root}/entries/{}/history", event.object),
        _ => String::new(),
    };
    let href = if event.is_there { href } else { String::new() };
    let actor = event.event.actor.clone();
    RecordRow {
        id: event.event.id.uuid().to_string(),
        event: history_row(op, event.event, what_was_done),
        thing: event.thing.unwrap_or_default(),
        href,
        about: event.about.filter(|about| *about != actor).unwrap_or_default(),
    }
}

/// The page's address below the workspace, with what is asked for.
fn address(which: &Which, cursor: &str) -> String {
    let all = [
        ("member", which.member.as_str()),
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
