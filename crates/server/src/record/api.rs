//! The record in the API.

use app::record::{
    HistoryChange, HistoryEvent as Event, RecordFilter, RecordedEvent as Row, list_record,
};
use axum::{Json, extract::State, http::Uri};
use domain::{
    ids::MemberId,
    record::{Part, Side},
};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    history::{Change, HistoryEvent},
    page::Page,
    problem::Problem,
    record::RecordedEvent,
};

use crate::{
    api::{bad_query, page},
    error::{ApiError, Failure},
    extract::{Caller, Parameters},
    state::Server,
};

/// Routes of the record.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct RecordQuery {
    /// What this member did, and what was done to them or to their time.
    member_id: Option<Uuid>,
    /// Only what they did (`by`), or only what was done to them (`about`).
    side: Option<String>,
    /// What happened to the thing with this id, of whatever kind.
    object_id: Option<Uuid>,
    /// One part: `time`, `work`, `people`, `sign_in`, `workspace` or
    /// `support`.
    part: Option<String>,
    /// From this day on, in one's own zone.
    first: Option<Date>,
    /// Until this day, and on it.
    last: Option<Date>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when left out.
    limit: Option<i64>,
}

/// Everything that was done in the workspace, and by whom, the latest first.
#[utoipa::path(get, path = "/workspaces/{workspace}/record", operation_id = "listRecord",
    tag = "record", params(("workspace" = Uuid, Path), RecordQuery),
    responses((status = 200, body = Page<RecordedEvent>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    uri: Uri,
    Parameters(query): Parameters<RecordQuery>,
) -> Result<Json<Page<RecordedEvent>>, ApiError> {
    let fail = |failure: Failure| ApiError::new(failure, caller.request);
    let asked = crate::api::asked(&uri, query.cursor, query.limit).map_err(fail)?;
    let part = query.part.as_deref().map(str::parse::<Part>).transpose();
    let part = part.map_err(|_| fail(bad_query("There is no such part of the record.")))?;
    let side = query.side.as_deref().map(str::parse::<Side>).transpose();
    let side = side.map_err(|_| fail(bad_query("A side is `by` or `about`.")))?;
    let filter = RecordFilter {
        member: query.member_id.map(MemberId::from_uuid),
        side,
        object: query.object_id,
        part,
        first: query.first,
        last: query.last,
    };
    let paged = caller.read(&server, move |op| list_record(op, &asked, filter));
    Ok(page(paged.await?, to_wire))
}

fn to_wire(row: Row) -> RecordedEvent {
    let event = row.event;
    RecordedEvent {
        id: event.id.uuid(),
        at: event.at,
        actor: event.actor,
        kind: event.kind.as_str().to_owned(),
        object_kind: row.object_kind,
        object_id: row.object,
        thing: row.thing,
        about: row.about,
        place: event.place,
        changes: event.changes.into_iter().map(change_to_wire).collect(),
    }
}

/// An event of a history, in words for programs.
pub(crate) fn event_to_wire(event: Event) -> HistoryEvent {
    HistoryEvent {
        id: event.id.uuid(),
        at: event.at,
        actor: event.actor,
        kind: event.kind.as_str().to_owned(),
        place: event.place,
        changes: event.changes.into_iter().map(change_to_wire).collect(),
    }
}

/// What a field was and became, in words for programs.
fn change_to_wire(change: HistoryChange) -> Change {
    Change {
        field: change.field,
        before: change.before.map(|value| value.to_string()),
        after: change.after.map(|value| value.to_string()),
    }
}
