//! The page of the trash.

use app::time_entry::list_trash;
use axum::{extract::State, http::StatusCode, response::Response};
use domain::duration::format_hm;
use jiff::{Timestamp, ToSpan};

use super::view::{TrashPage, TrashedEntry};
use crate::{
    page::{Notice, Place},
    state::Server,
    wall,
    web::{Frame, PageError, PageResult, SignedIn, chip, page_with},
};

pub(super) async fn trash(State(server): State<Server>, member: SignedIn) -> PageResult {
    show(&server, &member, StatusCode::OK, None).await
}

/// Shows the page, with what could not be done.
pub(super) async fn show(
    server: &Server,
    member: &SignedIn,
    status: StatusCode,
    notice: Option<Notice>,
) -> Result<Response, PageError> {
    let (frame, rows) = member
        .read(server, |op| {
            let entries = list_trash(op)?;
            let names = op.names()?;
            let me = op.me();
            let rows: Vec<TrashedEntry> = entries
                .iter()
                .map(|entry| TrashedEntry {
                    id: entry.id.to_string(),
                    note: entry.note.clone(),
                    project: chip(&names, entry),
                    when: me.locale.format_day_short(entry.first_day),
                    duration: format_hm(entry.seconds(op.now())),
                    remark: entry.deleted_at.map(|at| until(me, at)).unwrap_or_default(),
                })
                .collect();
            Ok((Frame::read(op)?, rows))
        })
        .await?;
    let frame = frame.with_notice(notice);
    let layout = frame.layout(server, member, Place::Trash, "trash", "Trash").await?;
    Ok(page_with(status, &TrashPage { layout, entries: rows }))
}

/// The day on which it leaves the trash for good.
fn until(me: &app::Me, deleted_at: Timestamp) -> String {
    let day = wall::local(&me.zone, deleted_at).date();
    let last = day.checked_add(30.days());
    last.map(|day| format!("Goes for good on {}", me.locale.format_day_short(day)))
        .unwrap_or_default()
}
