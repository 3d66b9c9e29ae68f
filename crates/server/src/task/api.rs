//! Tasks in the API.

use app::{
    ChangeNamed,
    input::optional,
    names::Task as Row,
    paging::by_name,
    task::{add_task, change_task, delete_task, get_task, list_tasks, restore_task},
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use domain::ids::{ProjectId, TaskId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    page::Page,
    problem::Problem,
    task::{ChangeTask, NewTask, Task},
};

use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, IfMatch, JsonBody, Made, Making, Parameters, PathIds, versioned},
    state::Server,
};

/// Routes of tasks.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
        .routes(routes!(restore))
}

/// A task on the wire.
pub(crate) fn to_wire(row: Row) -> Task {
    Task {
        id: row.id.uuid(),
        archived: row.archived_at.is_some(),
        version: row.version,
        project_id: row.project.uuid(),
        name: row.name,
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Tasks of this project.
    project_id: Option<Uuid>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when left out.
    limit: Option<i64>,
}

/// Tasks that are not in the trash, by name; archived ones too.
#[utoipa::path(get, path = "/workspaces/{workspace}/tasks", operation_id = "listTasks",
    tag = "tasks", params(("workspace" = Uuid, Path), ListQuery),
    responses((status = 200, body = Page<Task>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    uri: Uri,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Json<Page<Task>>, ApiError> {
    let asked = crate::api::asked(&uri, query.cursor, query.limit);
    let asked = asked.map_err(|failure| ApiError::new(failure, caller.request))?;
    let project = query.project_id.map(ProjectId::from_uuid);
    let paged = caller.read(&server, move |op| {
        let rows = list_tasks(op, project)?;
        by_name(op, &asked, rows, |row| (row.name.as_str(), row.id))
    });
    Ok(page(paged.await?, to_wire))
}

/// Adds a task.
#[utoipa::path(post, path = "/workspaces/{workspace}/tasks", operation_id = "createTask",
    tag = "tasks",
    params(("workspace" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewTask,
    responses((status = 201, body = Task), (status = 200, body = Task),
              (status = "default", body = Problem)))]
async fn create(
    State(server): State<Server>,
    caller: Caller,
    making: Making,
    JsonBody(body): JsonBody<NewTask>,
) -> Result<Made<Task>, ApiError> {
    let added = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "createTask", body.id, &body)?;
            let name = app::input::name("name", &body.name)?;
            add_task(op, id, ProjectId::from_uuid(body.project_id), &name, mac)
        })
        .await?;
    Ok(Made::from_added(added, to_wire, |row| {
        (format!("/api/v1/workspaces/{}/tasks/{}", caller.workspace, row.id), row.version)
    }))
}

/// A task.
#[utoipa::path(get, path = "/workspaces/{workspace}/tasks/{id}", operation_id = "getTask",
    tag = "tasks", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Task), (status = "default", body = Problem)))]
async fn get(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let row = caller.read(&server, move |op| get_task(op, TaskId::from_uuid(id))).await?;
    Ok(answer(row))
}

/// Changes a task; with If-Match, only as it was read.
#[utoipa::path(patch, path = "/workspaces/{workspace}/tasks/{id}", operation_id = "changeTask",
    tag = "tasks",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeTask,
    responses((status = 200, body = Task), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeTask>,
) -> Result<Response, ApiError> {
    let row = caller
        .write(&server, move |op| {
            let change = ChangeNamed {
                name: optional(app::input::name, "name", body.name.as_deref())?,
                archived: body.archived,
                expected_version,
            };
            change_task(op, TaskId::from_uuid(id), change)
        })
        .await?;
    Ok(answer(row))
}

/// Puts a task that nothing uses in the trash.
#[utoipa::path(delete, path = "/workspaces/{workspace}/tasks/{id}", operation_id = "deleteTask",
    tag = "tasks",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn delete(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
) -> Result<StatusCode, ApiError> {
    caller
        .write(&server, move |op| delete_task(op, TaskId::from_uuid(id), expected_version))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a task out of the trash.
#[utoipa::path(post, path = "/workspaces/{workspace}/tasks/{id}/restore", operation_id = "restoreTask",
    tag = "tasks", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Task), (status = "default", body = Problem)))]
async fn restore(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let row = caller.write(&server, move |op| restore_task(op, TaskId::from_uuid(id))).await?;
    Ok(answer(row))
}

fn answer(row: Row) -> Response {
    versioned(row.version, to_wire(row))
}
