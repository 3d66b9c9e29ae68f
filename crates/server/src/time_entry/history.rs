//! What happened to an entry: beside its form, and as a page of its own.

use app::{
    Error, Op,
    time_entry::{get_time_entry, time_entry_history},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use domain::ids::TimeEntryId;

use super::view::HistoryPage;
use crate::{
    page::Place,
    record::{
        view::HistoryEvent,
        words::{history_row, what_was_done_to_it},
    },
    state::Server,
    web::{Frame, PageResult, SignedIn, page_with},
};

/// What happened, oldest first; nothing for whom it is not to be seen by.
///
/// Errors: [`Error::Store`].
pub(super) fn events(op: &mut Op, id: TimeEntryId) -> Result<Vec<HistoryEvent>, Error> {
    match time_entry_history(op, id) {
        Ok(events) => Ok(events
            .into_iter()
            .map(|event| history_row(op, event, what_was_done_to_it))
            .collect()),
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
            let events = events
                .into_iter()
                .map(|event| history_row(op, event, what_was_done_to_it))
                .collect();
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
    let layout = layout.live_with_record();
    Ok(page_with(StatusCode::OK, &HistoryPage { layout, ..page }))
}
