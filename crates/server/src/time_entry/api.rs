//! Time entries in the API.

use app::{
    input::optional,
    paging::{Paged, oldest_first},
    time_entry::{
        AddTimeEntry, Added, ChangeTimeEntry as Change, Cursor, Filter, MayMake, NewSpan,
        SplitPoint, TimeEntry as Entry, add_quick_entry, add_time_entry, booking_by_path,
        change_time_entry, delete_time_entry, duplicate_time_entry, get_time_entry,
        list_time_entries, list_trash, read_quick_entry, restore_time_entry, split_time_entry,
        time_entry_history,
    },
};
use axum::{Json, extract::State, http::Uri, response::Response};
use domain::{
    ids::{MemberId, ProjectId, TagId, TaskId, TimeEntryId, WorkspaceId},
    period::PeriodError,
};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    history::HistoryEvent,
    page::Page,
    problem::Problem,
    quick_entry::{Completion, NewQuickEntry, QuickEntryReading, ReadQuickEntry},
    time_entry::{ChangeTimeEntry, CopyTimeEntry, NewTimeEntry, SplitTimeEntry, TimeEntry},
};

use crate::{
    api::page,
    error::{ApiError, Failure},
    extract::{
        Caller, IfMatch, JsonBody, Made, Making, PageQuery, Paging, Parameters, PathIds, versioned,
    },
    record::api::event_to_wire,
    state::Server,
    timer::api::booking,
};

/// Routes of time entries.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(trash))
        .routes(routes!(get, change, delete))
        .routes(routes!(restore))
        .routes(routes!(duplicate))
        .routes(routes!(continue_entry))
        .routes(routes!(split))
        .routes(routes!(history))
        .routes(routes!(quick))
        .routes(routes!(read_quick))
}

/// Where an entry can be read, and its version.
fn entry_place(workspace: WorkspaceId) -> impl FnOnce(&TimeEntry) -> (String, i64) {
    move |entry| {
        let path = format!("/api/v1/workspaces/{workspace}/time-entries/{}", entry.id);
        (path, entry.version)
    }
}

/// An entry that was added, on the wire.
pub(crate) fn made(added: Added<Entry>, now: Timestamp, workspace: WorkspaceId) -> Made<TimeEntry> {
    Made::from_added(added, |entry| to_wire(entry, now), entry_place(workspace))
}

/// An entry on the wire.
pub(crate) fn to_wire(entry: Entry, now: Timestamp) -> TimeEntry {
    TimeEntry {
        id: entry.id.uuid(),
        member_id: entry.member.uuid(),
        project_id: entry.project.map(ProjectId::uuid),
        task_id: entry.task.map(TaskId::uuid),
        tag_ids: entry.tags.iter().copied().map(TagId::uuid).collect(),
        billable: entry.is_billable,
        started_at: entry.start(),
        stopped_at: entry.stop(),
        duration_s: entry.seconds(now),
        running: entry.is_running(),
        day: entry.first_day,
        zone: entry.zone.as_str().to_owned(),
        created_at: entry.created_at,
        version: entry.version,
        note: entry.note,
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Entries that start on or after this day.
    first: Option<Date>,
    /// Entries that start on or before this day.
    last: Option<Date>,
    member_id: Option<Uuid>,
    project_id: Option<Uuid>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when left out.
    limit: Option<i64>,
}

/// Entries, newest first: one's own, a managed project's, or everybody's for an admin.
#[utoipa::path(get, path = "/workspaces/{workspace}/time-entries", operation_id = "listTimeEntries",
    tag = "time entries", params(("workspace" = Uuid, Path), ListQuery),
    responses((status = 200, body = Page<TimeEntry>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    uri: Uri,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Json<Page<TimeEntry>>, ApiError> {
    let fail = |failure: Failure| ApiError::new(failure, caller.request);
    let asked = crate::api::asked(&uri, query.cursor, query.limit).map_err(fail)?;
    if let (Some(first), Some(last)) = (query.first, query.last)
        && last < first
    {
        let detail = crate::report::range::sentence(PeriodError::LastBeforeFirst);
        return Err(fail(crate::api::bad_query(detail)));
    }
    let filter = Filter {
        first: query.first,
        last: query.last,
        member: query.member_id.map(MemberId::from_uuid),
        project: query.project_id.map(ProjectId::from_uuid),
        after: None,
        limit: i64::try_from(asked.limit()).unwrap_or(1),
    };
    let now = server.app.clock().now();
    let listed = caller.read(&server, move |op| {
        let after = Cursor::read(op, &asked)?;
        let listed = list_time_entries(op, Filter { after, ..filter.clone() })?;
        let next = listed.next.map(|next| next.write(op, &asked)).transpose()?;
        Ok(Paged { items: listed.entries, next })
    });
    Ok(page(listed.await?, |entry| to_wire(entry, now)))
}

/// Adds an entry: a range, or a duration on a day.
#[utoipa::path(post, path = "/workspaces/{workspace}/time-entries", operation_id = "createTimeEntry",
    tag = "time entries",
    params(("workspace" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewTimeEntry,
    responses((status = 201, body = TimeEntry), (status = 200, body = TimeEntry),
              (status = "default", body = Problem)))]
async fn create(
    State(server): State<Server>,
    caller: Caller,
    making: Making,
    JsonBody(body): JsonBody<NewTimeEntry>,
) -> Result<Made<TimeEntry>, ApiError> {
    let now = server.app.clock().now();
    let added = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "createTimeEntry", body.id, &body)?;
            let booking = booking(body.project_id, body.task_id, &body.tag_ids);
            let command = AddTimeEntry {
                id,
                member: body.member_id.map(MemberId::from_uuid),
                booking: booking_by_path(op, id, mac, &body.project_path, booking)?,
                note: app::input::note("note", &body.note)?,
                billable: body.billable,
                span: new_span(&body)?,
                body: mac,
            };
            add_time_entry(op, command)
        })
        .await?;
    Ok(made(added, now, caller.workspace))
}

fn new_span(body: &NewTimeEntry) -> Result<NewSpan, app::Error> {
    match (body.started_at, body.stopped_at, body.day, body.duration_s) {
        (Some(start), Some(stop), None, None) => Ok(NewSpan::Range { start, stop }),
        (None, None, Some(day), Some(seconds)) => Ok(NewSpan::Duration { day, seconds }),
        _ => Err(app::Error::invalid(
            "started_at",
            "needs_span",
            "Give either started_at and stopped_at, or day and duration_s.",
        )),
    }
}

/// One's own entries in the trash, the latest deleted first.
#[utoipa::path(get, path = "/workspaces/{workspace}/time-entries/trash", operation_id = "listDeletedTimeEntries",
    tag = "time entries", params(("workspace" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<TimeEntry>), (status = "default", body = Problem)))]
async fn trash(
    State(server): State<Server>,
    caller: Caller,
    Paging(asked): Paging,
) -> Result<Json<Page<TimeEntry>>, ApiError> {
    let now = server.app.clock().now();
    let paged = caller.read(&server, move |op| list_trash(op, &asked)).await?;
    Ok(page(paged, |entry| to_wire(entry, now)))
}

type OnEntry = PathIds<(Uuid, Uuid)>;

/// An entry.
#[utoipa::path(get, path = "/workspaces/{workspace}/time-entries/{id}", operation_id = "getTimeEntry",
    tag = "time entries", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = TimeEntry), (status = "default", body = Problem)))]
async fn get(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): OnEntry,
) -> Result<Response, ApiError> {
    let now = server.app.clock().now();
    let entry =
        caller.read(&server, move |op| get_time_entry(op, TimeEntryId::from_uuid(id))).await?;
    Ok(answer(entry, now))
}

fn answer(entry: Entry, now: Timestamp) -> Response {
    versioned(entry.version, to_wire(entry, now))
}

/// Changes an entry; with If-Match, only as it was read.
#[utoipa::path(patch, path = "/workspaces/{workspace}/time-entries/{id}", operation_id = "changeTimeEntry",
    tag = "time entries",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeTimeEntry,
    responses((status = 200, body = TimeEntry), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): OnEntry,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeTimeEntry>,
) -> Result<Response, ApiError> {
    let now = server.app.clock().now();
    let entry = caller
        .write(&server, move |op| {
            let change = Change {
                project: body.project_id.map(|id| id.map(ProjectId::from_uuid)),
                task: body.task_id.map(|id| id.map(TaskId::from_uuid)),
                tags: body
                    .tag_ids
                    .as_ref()
                    .map(|tags| tags.iter().copied().map(TagId::from_uuid).collect()),
                note: optional(app::input::note, "note", body.note.as_deref())?,
                billable: body.billable,
                started_at: body.started_at,
                stopped_at: body.stopped_at,
                day: body.day,
                duration_s: body.duration_s,
                expected_version,
            };
            change_time_entry(op, TimeEntryId::from_uuid(id), change)
        })
        .await?;
    Ok(answer(entry, now))
}

/// Puts an entry in the trash, from where it can be restored for 30 days.
#[utoipa::path(delete, path = "/workspaces/{workspace}/time-entries/{id}", operation_id = "deleteTimeEntry",
    tag = "time entries",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = TimeEntry), (status = "default", body = Problem)))]
async fn delete(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): OnEntry,
    IfMatch(expected_version): IfMatch,
) -> Result<Response, ApiError> {
    let now = server.app.clock().now();
    let entry = caller
        .write(&server, move |op| {
            delete_time_entry(op, TimeEntryId::from_uuid(id), expected_version)
        })
        .await?;
    Ok(answer(entry, now))
}

/// Takes an entry out of the trash.
#[utoipa::path(post, path = "/workspaces/{workspace}/time-entries/{id}/restore", operation_id = "restoreTimeEntry",
    tag = "time entries", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = TimeEntry), (status = "default", body = Problem)))]
async fn restore(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): OnEntry,
) -> Result<Response, ApiError> {
    let now = server.app.clock().now();
    let entry =
        caller.write(&server, move |op| restore_time_entry(op, TimeEntryId::from_uuid(id))).await?;
    Ok(answer(entry, now))
}

/// Adds a copy of an entry.
#[utoipa::path(post, path = "/workspaces/{workspace}/time-entries/{id}/duplicate", operation_id = "duplicateTimeEntry",
    tag = "time entries",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = CopyTimeEntry,
    responses((status = 201, body = TimeEntry), (status = 200, body = TimeEntry),
              (status = "default", body = Problem)))]
async fn duplicate(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, of)): OnEntry,
    making: Making,
    JsonBody(body): JsonBody<CopyTimeEntry>,
) -> Result<Made<TimeEntry>, ApiError> {
    let now = server.app.clock().now();
    let added = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "duplicateTimeEntry", body.id, &(of, &body))?;
            duplicate_time_entry(op, TimeEntryId::from_uuid(of), id, mac)
        })
        .await?;
    Ok(made(added, now, caller.workspace))
}

/// Starts the timer with what an entry was booked on and said.
#[utoipa::path(post, path = "/workspaces/{workspace}/time-entries/{id}/continue", operation_id = "continueTimeEntry",
    tag = "time entries",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = CopyTimeEntry,
    responses((status = 201, body = TimeEntry), (status = 200, body = TimeEntry),
              (status = "default", body = Problem)))]
async fn continue_entry(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, of)): OnEntry,
    making: Making,
    JsonBody(body): JsonBody<CopyTimeEntry>,
) -> Result<Made<TimeEntry>, ApiError> {
    let now = server.app.clock().now();
    let added = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "continueTimeEntry", body.id, &(of, &body))?;
            app::timer::continue_time_entry(op, TimeEntryId::from_uuid(of), id, mac)
        })
        .await?;
    Ok(made(added, now, caller.workspace))
}

/// Splits an entry in two; answers the second part.
#[utoipa::path(post, path = "/workspaces/{workspace}/time-entries/{id}/split", operation_id = "splitTimeEntry",
    tag = "time entries",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = SplitTimeEntry,
    responses((status = 201, body = TimeEntry), (status = 200, body = TimeEntry),
              (status = "default", body = Problem)))]
async fn split(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, of)): OnEntry,
    making: Making,
    JsonBody(body): JsonBody<SplitTimeEntry>,
) -> Result<Made<TimeEntry>, ApiError> {
    let now = server.app.clock().now();
    let added: Added<(Entry, Entry)> = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "splitTimeEntry", body.id, &(of, &body))?;
            let of = TimeEntryId::from_uuid(of);
            split_time_entry(op, of, split_point(&body)?, id, mac)
        })
        .await?;
    let place = entry_place(caller.workspace);
    Ok(Made::from_added(added, |(_, second)| to_wire(second, now), place))
}

fn split_point(body: &SplitTimeEntry) -> Result<SplitPoint, app::Error> {
    match (body.at, body.after_s) {
        (Some(at), None) => Ok(SplitPoint::At(at)),
        (None, Some(seconds)) => Ok(SplitPoint::AfterStart(seconds)),
        _ => Err(app::Error::invalid("at", "needs_point", "Give either at or after_s.")),
    }
}

/// What happened to an entry, oldest first.
#[utoipa::path(get, path = "/workspaces/{workspace}/time-entries/{id}/history", operation_id = "timeEntryHistory",
    tag = "time entries", params(("workspace" = Uuid, Path), ("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<HistoryEvent>), (status = "default", body = Problem)))]
async fn history(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): OnEntry,
    Paging(asked): Paging,
) -> Result<Json<Page<HistoryEvent>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let events = time_entry_history(op, TimeEntryId::from_uuid(id))?;
        oldest_first(op, &asked, events, |event| (event.at, event.id.uuid()))
    });
    Ok(page(paged.await?, event_to_wire))
}

/// Adds an entry from one line, or starts the timer when the line gives no length.
#[utoipa::path(post, path = "/workspaces/{workspace}/quick-entries", operation_id = "createQuickEntry",
    tag = "time entries",
    params(("workspace" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewQuickEntry,
    responses((status = 201, body = TimeEntry), (status = 200, body = TimeEntry),
              (status = "default", body = Problem)))]
async fn quick(
    State(server): State<Server>,
    caller: Caller,
    making: Making,
    JsonBody(body): JsonBody<NewQuickEntry>,
) -> Result<Made<TimeEntry>, ApiError> {
    let now = server.app.clock().now();
    let added = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "createQuickEntry", body.id, &body)?;
            let may_make = MayMake { tags: body.create_tags, project: body.create_project };
            add_quick_entry(op, id, &body.text, may_make, mac)
        })
        .await?;
    Ok(made(added, now, caller.workspace))
}

/// What a line means, with completions, without writing anything.
#[utoipa::path(post, path = "/workspaces/{workspace}/quick-entries/read", operation_id = "readQuickEntry",
    tag = "time entries", params(("workspace" = Uuid, Path)), request_body = ReadQuickEntry,
    responses((status = 200, body = QuickEntryReading), (status = "default", body = Problem)))]
async fn read_quick(
    State(server): State<Server>,
    caller: Caller,
    JsonBody(body): JsonBody<ReadQuickEntry>,
) -> Result<Json<QuickEntryReading>, ApiError> {
    let reading =
        caller.read(&server, move |op| read_quick_entry(op, &body.text, body.cursor)).await?;
    Ok(Json(reading_to_wire(reading)))
}

/// A reading on the wire.
pub(crate) fn reading_to_wire(reading: app::time_entry::QuickReading) -> QuickEntryReading {
    let completions = reading.completions.into_iter().map(|completion| Completion {
        label: completion.label,
        text: completion.text,
        cursor: completion.cursor,
    });
    QuickEntryReading {
        echo: reading.echo,
        note: reading.note,
        project_id: reading.project.map(ProjectId::uuid),
        task_id: reading.task.map(TaskId::uuid),
        target: reading.target,
        tags: reading.tags,
        billable: reading.billable,
        day: reading.day,
        duration_s: reading.duration_s,
        unknown: reading.unknown,
        offer: reading.offer,
        problem: reading.problem,
        completions: completions.collect(),
    }
}
