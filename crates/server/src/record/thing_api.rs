//! The histories of things in the API.

use app::{
    Error, Op,
    paging::{Asked, Paged, oldest_first},
    record::{
        HistoryEvent as Event, ThingHistory, client_history, member_history, project_history,
        role_history, settings_history, tag_history, task_history, team_history,
    },
};
use axum::{Json, extract::State};
use domain::ids::{ClientId, MemberId, ProjectId, RoleId, TagId, TaskId, TeamId};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{history::HistoryEvent, page::Page, problem::Problem};

use super::api::event_to_wire;
use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, PageQuery, Paging, PathIds},
    state::Server,
};

/// Routes of the histories of things.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(project))
        .routes(routes!(task))
        .routes(routes!(client))
        .routes(routes!(tag))
        .routes(routes!(team))
        .routes(routes!(role))
        .routes(routes!(member))
        .routes(routes!(settings))
}

type OnThing = PathIds<(Uuid, Uuid)>;
type Answer = Result<Json<Page<HistoryEvent>>, ApiError>;

/// What happened to a project, who was put on it among it; oldest first.
#[utoipa::path(get, path = "/workspaces/{workspace}/projects/{id}/history", operation_id = "projectHistory",
    tag = "record", params(("workspace" = Uuid, Path), ("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<HistoryEvent>), (status = "default", body = Problem)))]
async fn project(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): OnThing,
    Paging(asked): Paging,
) -> Answer {
    let id = ProjectId::from_uuid(id);
    answer(&server, &caller, asked, move |op| project_history(op, id)).await
}

/// What happened to a task; oldest first.
#[utoipa::path(get, path = "/workspaces/{workspace}/tasks/{id}/history", operation_id = "taskHistory",
    tag = "record", params(("workspace" = Uuid, Path), ("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<HistoryEvent>), (status = "default", body = Problem)))]
async fn task(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): OnThing,
    Paging(asked): Paging,
) -> Answer {
    let id = TaskId::from_uuid(id);
    answer(&server, &caller, asked, move |op| task_history(op, id)).await
}

/// What happened to a client; oldest first.
#[utoipa::path(get, path = "/workspaces/{workspace}/clients/{id}/history", operation_id = "clientHistory",
    tag = "record", params(("workspace" = Uuid, Path), ("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<HistoryEvent>), (status = "default", body = Problem)))]
async fn client(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): OnThing,
    Paging(asked): Paging,
) -> Answer {
    let id = ClientId::from_uuid(id);
    answer(&server, &caller, asked, move |op| client_history(op, id)).await
}

/// What happened to a tag; oldest first.
#[utoipa::path(get, path = "/workspaces/{workspace}/tags/{id}/history", operation_id = "tagHistory",
    tag = "record", params(("workspace" = Uuid, Path), ("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<HistoryEvent>), (status = "default", body = Problem)))]
async fn tag(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): OnThing,
    Paging(asked): Paging,
) -> Answer {
    let id = TagId::from_uuid(id);
    answer(&server, &caller, asked, move |op| tag_history(op, id)).await
}

/// What happened to a team, who was put into it among it; oldest first.
#[utoipa::path(get, path = "/workspaces/{workspace}/teams/{id}/history", operation_id = "teamHistory",
    tag = "record", params(("workspace" = Uuid, Path), ("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<HistoryEvent>), (status = "default", body = Problem)))]
async fn team(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): OnThing,
    Paging(asked): Paging,
) -> Answer {
    let id = TeamId::from_uuid(id);
    answer(&server, &caller, asked, move |op| team_history(op, id)).await
}

/// What happened to a role of the workspace's own; oldest first.
#[utoipa::path(get, path = "/workspaces/{workspace}/roles/{id}/history", operation_id = "roleHistory",
    tag = "record", params(("workspace" = Uuid, Path), ("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<HistoryEvent>), (status = "default", body = Problem)))]
async fn role(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): OnThing,
    Paging(asked): Paging,
) -> Answer {
    let id = RoleId::from_uuid(id);
    answer(&server, &caller, asked, move |op| role_history(op, id)).await
}

/// What happened to a membership: its role, its profile, its end; oldest first.
#[utoipa::path(get, path = "/workspaces/{workspace}/members/{id}/history", operation_id = "memberHistory",
    tag = "record", params(("workspace" = Uuid, Path), ("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<HistoryEvent>), (status = "default", body = Problem)))]
async fn member(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): OnThing,
    Paging(asked): Paging,
) -> Answer {
    let id = MemberId::from_uuid(id);
    answer(&server, &caller, asked, move |op| member_history(op, id)).await
}

/// What happened to the settings of the workspace, and to how people sign in; oldest first.
#[utoipa::path(get, path = "/workspaces/{workspace}/settings/history", operation_id = "settingsHistory",
    tag = "record", params(("workspace" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<HistoryEvent>), (status = "default", body = Problem)))]
async fn settings(State(server): State<Server>, caller: Caller, Paging(asked): Paging) -> Answer {
    answer(&server, &caller, asked, settings_history).await
}

async fn answer(
    server: &Server,
    caller: &Caller,
    asked: Asked,
    mut read: impl FnMut(&mut Op) -> Result<ThingHistory, Error> + Send + 'static,
) -> Answer {
    let paged = caller.read(server, move |op| paged(op, &asked, &mut read));
    Ok(page(paged.await?, event_to_wire))
}

fn paged(
    op: &mut Op,
    asked: &Asked,
    read: &mut impl FnMut(&mut Op) -> Result<ThingHistory, Error>,
) -> Result<Paged<Event>, Error> {
    let history = read(op)?;
    oldest_first(op, asked, history.events, |event| (event.at, event.id.uuid()))
}
