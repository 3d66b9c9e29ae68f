//! The timer in the API.

use app::{
    time_entry::{Added, Booking},
    timer,
};
use axum::{Json, extract::State, response::Response};
use domain::ids::{ProjectId, TagId, TaskId, TimeEntryId};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    problem::Problem,
    time_entry::TimeEntry,
    timer::{ChangeTimer, StartTimer, StopTimer, Timer},
};

use crate::{
    error::ApiError,
    extract::{Caller, JsonBody, Made, Making, versioned},
    state::Server,
    time_entry::api::{made, to_wire},
};

/// Routes of the timer.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(get_timer, start_timer, change_timer, discard_timer))
        .routes(routes!(stop_timer))
}

/// The running entry, or null.
#[utoipa::path(get, path = "/workspaces/{workspace}/timer", operation_id = "getTimer", tag = "timer",
    params(("workspace" = uuid::Uuid, Path)),
    responses((status = 200, body = Timer), (status = "default", body = Problem)))]
async fn get_timer(State(server): State<Server>, caller: Caller) -> Result<Json<Timer>, ApiError> {
    let now = server.app.clock().now();
    let running = caller.read(&server, timer::running_entry).await?;
    Ok(Json(Timer { running: running.map(|entry| to_wire(entry, now)) }))
}

/// Starts the timer; what runs is stopped, or the start is refused, as the workspace says.
#[utoipa::path(post, path = "/workspaces/{workspace}/timer", operation_id = "startTimer", tag = "timer",
    params(("workspace" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = StartTimer,
    responses((status = 201, body = TimeEntry), (status = 200, body = TimeEntry),
              (status = "default", body = Problem)))]
async fn start_timer(
    State(server): State<Server>,
    caller: Caller,
    making: Making,
    JsonBody(body): JsonBody<StartTimer>,
) -> Result<Made<TimeEntry>, ApiError> {
    let now = server.app.clock().now();
    let added: Added<_> = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "startTimer", body.id, &body)?;
            let command = timer::StartTimer {
                id,
                booking: booking(body.project_id, body.task_id, &body.tag_ids),
                note: app::input::note("note", &body.note)?,
                billable: body.billable,
                started_at: body.started_at,
                body: mac,
            };
            timer::start_timer(op, command)
        })
        .await?;
    Ok(made(added, now, caller.workspace))
}

/// Moves the start of the running entry.
#[utoipa::path(patch, path = "/workspaces/{workspace}/timer", operation_id = "changeTimer", tag = "timer",
    params(("workspace" = uuid::Uuid, Path)), request_body = ChangeTimer,
    responses((status = 200, body = TimeEntry), (status = "default", body = Problem)))]
async fn change_timer(
    State(server): State<Server>,
    caller: Caller,
    JsonBody(body): JsonBody<ChangeTimer>,
) -> Result<Response, ApiError> {
    let now = server.app.clock().now();
    let entry =
        caller.write(&server, move |op| timer::change_timer_start(op, body.started_at)).await?;
    Ok(versioned(entry.version, to_wire(entry, now)))
}

/// Discards the running entry; it can be restored from the trash for 30 days.
#[utoipa::path(delete, path = "/workspaces/{workspace}/timer", operation_id = "discardTimer", tag = "timer",
    params(("workspace" = uuid::Uuid, Path)),
    responses((status = 200, body = TimeEntry), (status = "default", body = Problem)))]
async fn discard_timer(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Json<TimeEntry>, ApiError> {
    let now = server.app.clock().now();
    let entry = caller.write(&server, timer::discard_timer).await?;
    Ok(Json(to_wire(entry, now)))
}

/// Stops the timer; with `id` only if it is that one.
#[utoipa::path(post, path = "/workspaces/{workspace}/timer/stop", operation_id = "stopTimer", tag = "timer",
    params(("workspace" = uuid::Uuid, Path)), request_body = StopTimer,
    responses((status = 200, body = TimeEntry), (status = "default", body = Problem)))]
async fn stop_timer(
    State(server): State<Server>,
    caller: Caller,
    JsonBody(body): JsonBody<StopTimer>,
) -> Result<Response, ApiError> {
    let now = server.app.clock().now();
    let entry = caller
        .write(&server, move |op| match body.id {
            Some(id) => timer::stop_this_timer(op, TimeEntryId::from_uuid(id), body.stopped_at),
            None => timer::stop_timer(op, body.stopped_at),
        })
        .await?;
    Ok(versioned(entry.version, to_wire(entry, now)))
}

/// Ids of the wire as a booking.
pub(crate) fn booking(
    project: Option<uuid::Uuid>,
    task: Option<uuid::Uuid>,
    tags: &[uuid::Uuid],
) -> Booking {
    Booking {
        project: project.map(ProjectId::from_uuid),
        task: task.map(TaskId::from_uuid),
        tags: tags.iter().copied().map(TagId::from_uuid).collect(),
    }
}
