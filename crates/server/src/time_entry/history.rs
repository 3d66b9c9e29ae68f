//! What happened to an entry: beside its form, and as a page of its own.

use app::{
    Error, Me, Op,
    time_entry::{HistoryChange as Changed, HistoryValue, get_time_entry, time_entry_history},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use domain::ids::TimeEntryId;
use jiff::{Zoned, tz::AmbiguousOffset};

use super::view::{HistoryChange, HistoryEvent, HistoryPage};
use crate::{
    page::Place,
    state::Server,
    wall,
    web::{Frame, PageResult, SignedIn, page_with, rfc3339},
};

/// What happened, oldest first; nothing for whom it is not to be seen by.
///
/// Errors: [`Error::Store`].
pub(super) fn events(op: &mut Op, id: TimeEntryId) -> Result<Vec<HistoryEvent>, Error> {
    match time_entry_history(op, id) {
        Ok(events) => Ok(events.into_iter().map(|event| history_row(op, event)).collect()),
        Err(Error::Forbidden | Error::NotFound) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

pub(super) async fn history(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id: TimeEntryId = member.id(&id)?;
    let (frame, page) = member
        .read(&server, move |op| {
            let events = time_entry_history(op, id)?;
            let entry = get_time_entry(op, id);
            let is_deleted = matches!(entry, Err(Error::NotFound));
            let about = match &entry {
                Ok(entry) if !entry.note.is_empty() => entry.note.clone(),
                Ok(_) => "An entry without a note".to_owned(),
                Err(Error::NotFound) => "An entry in the trash".to_owned(),
                Err(_) => return Err(Error::NotFound),
            };
            let events = events.into_iter().map(|event| history_row(op, event)).collect();
            let page = HistoryPage {
                id: id.to_string(),
                about,
                is_deleted,
                events,
                ..HistoryPage::default()
            };
            Ok((Frame::read(op)?, page))
        })
        .await?;
    let layout = frame.layout(&server, &member, Place::Today, "history", "History").await?;
    Ok(page_with(StatusCode::OK, &HistoryPage { layout, ..page }))
}

fn history_row(op: &app::Op, event: app::time_entry::HistoryEvent) -> HistoryEvent {
    let me = op.me();
    let local = wall::local(&me.zone, event.at);
    let day = me.locale.format_day_short(local.date());
    let time = wall::time(me, &me.zone, event.at);
    HistoryEvent {
        actor: event.actor,
        what: what(event.kind.as_str()).to_owned(),
        at: format!("{day} {}, {time}", local.date().year()),
        instant: rfc3339(event.at),
        changes: event
            .changes
            .into_iter()
            .map(|change| {
                let [before, after] = shown(me, &change);
                HistoryChange { field: field_name(&change.field).to_owned(), before, after }
            })
            .collect(),
    }
}

/// What a field was and what it became, as the member writes days and times: to the second, and with the
/// offset, where the two differ in that.
fn shown(me: &Me, change: &Changed) -> [String; 2] {
    let both = [change.before.as_ref(), change.after.as_ref()];
    let differ = match both {
        [Some(HistoryValue::Instant(before)), Some(HistoryValue::Instant(after))] => {
            [before.second() != after.second(), before.offset() != after.offset()]
        }
        _ => [false, false],
    };
    both.map(|value| match value {
        None => String::new(),
        Some(HistoryValue::Words(words)) => words.clone(),
        Some(HistoryValue::Day(day)) => me.locale.format_date(*day),
        Some(HistoryValue::Instant(at)) => instant(me, at, differ),
    })
}

/// `20 Nov 2026, 13:05`, with the place of its zone where that has another time than the member’s, and
/// with the offset in the hour that autumn repeats.
fn instant(me: &Me, at: &Zoned, [to_second, with_offset]: [bool; 2]) -> String {
    let time = if to_second {
        me.locale.format_time_to_second(at.time(), me.clock_format)
    } else {
        me.locale.format_time(at.time(), me.clock_format)
    };
    let mut text = format!("{}, {time}", me.locale.format_date(at.date()));
    let is_twice = at.time_zone().to_ambiguous_timestamp(at.datetime()).offset();
    if with_offset || matches!(is_twice, AmbiguousOffset::Fold { .. }) {
        text.push_str(&at.strftime(" %:z").to_string());
    }
    let here = at.timestamp().to_zoned(me.zone.time_zone());
    let name = at.time_zone().iana_name().filter(|_| here.datetime() != at.datetime());
    match name {
        Some(zone) => format!("{text} {}", wall::place_of(zone)),
        None => text,
    }
}

fn what(kind: &str) -> &'static str {
    match kind {
        "timer.started" => "started the timer",
        "timer.stopped" => "stopped the timer",
        "timer.discarded" => "discarded the timer",
        "time_entry.added" => "added it",
        "time_entry.changed" => "changed it",
        "time_entry.split" => "split it",
        "time_entry.deleted" => "deleted it",
        "time_entry.restored" => "restored it",
        _ => "did something",
    }
}

fn field_name(field: &str) -> &str {
    match field {
        "member" => "Member",
        "project" => "Project",
        "task" => "Task",
        "billable" => "Billable",
        "started_at" => "Start",
        "stopped_at" => "End",
        "duration_s" => "Duration",
        "day" => "Day",
        "zone" => "Time zone",
        "tags" => "Tags",
        "note" => "Note",
        "deleted" => "Deleted",
        other => other,
    }
}
