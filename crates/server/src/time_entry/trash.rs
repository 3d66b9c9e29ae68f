//! The page of the trash: deleted time, page by page, and deleted clients, projects, tasks and tags.

use app::{
    Me, Names, Op,
    paging::Asked,
    time_entry::{TimeEntry, list_trash},
    trash::{Trashed, list_trashed},
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use domain::duration::format_hm;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::view::{TrashPage, TrashedEntry, TrashedThing};
use crate::{
    page::{Notice, Place},
    state::Server,
    wall,
    web::{Frame, PageError, PageResult, SignedIn, chip, page_with},
};

/// Entries on a page.
const LIMIT: usize = 50;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    cursor: String,
}

pub(super) async fn trash(
    State(server): State<Server>,
    member: SignedIn,
    Query(which): Query<Which>,
) -> PageResult {
    let cursor = Some(which.cursor).filter(|text| !text.is_empty());
    show(&server, &member, StatusCode::OK, None, cursor).await
}

/// Shows the page, with what could not be done; entries from a cursor on.
pub(crate) async fn show(
    server: &Server,
    member: &SignedIn,
    status: StatusCode,
    notice: Option<Notice>,
    cursor: Option<String>,
) -> Result<Response, PageError> {
    let root = member.root();
    let is_first = cursor.is_none();
    let asked = Asked::new("trash", cursor, LIMIT);
    let (frame, page) = member
        .read(server, move |op| {
            let listed = list_trash(op, &asked)?;
            let things = if is_first { list_trashed(op)? } else { Vec::new() };
            let names = op.names()?;
            let older = listed.next.map(|next| format!("{root}/trash?cursor={next}"));
            let page = TrashPage {
                entries: listed.items.iter().map(|entry| entry_row(op, &names, entry)).collect(),
                things: things.into_iter().map(|thing| thing_row(op.me(), thing)).collect(),
                older_url: older.unwrap_or_default(),
                newest_url: if is_first { String::new() } else { format!("{root}/trash") },
                ..TrashPage::default()
            };
            Ok((Frame::read(op)?, page))
        })
        .await?;
    let frame = frame.with_notice(notice);
    let layout = frame.layout(server, member, Place::Trash, "trash", "Trash").await?;
    Ok(page_with(status, &TrashPage { layout, ..page }))
}

fn entry_row(op: &Op, names: &Names, entry: &TimeEntry) -> TrashedEntry {
    let me = op.me();
    TrashedEntry {
        id: entry.id.to_string(),
        note: entry.note.clone(),
        project: chip(names, entry),
        when: me.locale.format_day_short(entry.first_day),
        duration: format_hm(entry.seconds(op.now())),
        remark: entry.deleted_at.map(|at| until(me, at)).unwrap_or_default(),
    }
}

fn thing_row(me: &Me, thing: Trashed) -> TrashedThing {
    TrashedThing {
        id: thing.id.uuid().to_string(),
        kind: thing.id.kind(),
        name: thing.name,
        of: thing.of.unwrap_or_default(),
        remark: until(me, thing.deleted_at),
    }
}

/// The day on which it leaves the trash for good.
fn until(me: &Me, deleted_at: Timestamp) -> String {
    let day = wall::local(&me.zone, deleted_at).date();
    let last = day.checked_add(30.days());
    last.map(|day| format!("Goes for good on {}", me.locale.format_day_short(day)))
        .unwrap_or_default()
}
