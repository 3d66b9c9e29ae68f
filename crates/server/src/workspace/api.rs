//! The workspace in the API.

use app::{
    paging::by_name,
    workspace::{ChangeWorkspace as Change, Workspace as Found, change_workspace, get_workspace},
};
use axum::{Json, extract::State, response::Response};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    page::Page,
    problem::Problem,
    workspace::{ChangeWorkspace, Workspace},
};

use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, IfMatch, JsonBody, PageQuery, Paging, versioned},
    state::Server,
};

/// Routes of workspaces.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get, change))
}

fn to_wire(found: Found) -> Workspace {
    let settings = found.settings;
    Workspace {
        id: found.id.uuid(),
        name: found.name,
        currency: settings.currency.as_str().to_owned(),
        bare_number: settings.bare_number.as_str().to_owned(),
        second_timer: settings.second_timer.as_str().to_owned(),
        overlaps: settings.overlaps.as_str().to_owned(),
        week_start: settings.week_start.as_str().to_owned(),
        zone: settings.zone.as_str().to_owned(),
        member_id: found.member.uuid(),
        role: found.role.role.as_str().to_owned(),
        role_id: found.role.own.map(domain::ids::RoleId::uuid),
        client_id: found.role.client.map(domain::ids::ClientId::uuid),
        version: settings.version,
    }
}

/// The workspaces that the token opens: the one it was made in.
#[utoipa::path(get, path = "/workspaces", operation_id = "listWorkspaces", tag = "workspace",
    params(PageQuery),
    responses((status = 200, body = Page<Workspace>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    Paging(asked): Paging,
) -> Result<Json<Page<Workspace>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let found = get_workspace(op)?;
        let id = op.workspace();
        by_name(op, &asked, vec![found], |found| (found.name.as_str(), id))
    });
    Ok(page(paged.await?, to_wire))
}

/// The workspace and its settings, as the asking member sees it.
#[utoipa::path(get, path = "/workspaces/{workspace}", operation_id = "getWorkspace",
    tag = "workspace", params(("workspace" = uuid::Uuid, Path)),
    responses((status = 200, body = Workspace), (status = "default", body = Problem)))]
async fn get(State(server): State<Server>, caller: Caller) -> Result<Response, ApiError> {
    let found = caller.read(&server, get_workspace).await?;
    Ok(answer(found))
}

/// Changes the name and the settings; with If-Match, only as they were read.
#[utoipa::path(patch, path = "/workspaces/{workspace}", operation_id = "changeWorkspace",
    tag = "workspace", params(("workspace" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeWorkspace,
    responses((status = 200, body = Workspace), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeWorkspace>,
) -> Result<Response, ApiError> {
    let found = caller
        .write(&server, move |op| change_workspace(op, read_change(&body, expected_version)?))
        .await?;
    Ok(answer(found))
}

fn read_change(
    body: &ChangeWorkspace,
    expected_version: Option<i64>,
) -> Result<Change, app::Error> {
    use app::input::{choice, optional};
    Ok(Change {
        name: optional(app::input::name, "name", body.name.as_deref())?,
        currency: optional(choice, "currency", body.currency.as_deref())?,
        bare_number: optional(choice, "bare_number", body.bare_number.as_deref())?,
        second_timer: optional(choice, "second_timer", body.second_timer.as_deref())?,
        overlaps: optional(choice, "overlaps", body.overlaps.as_deref())?,
        week_start: optional(choice, "week_start", body.week_start.as_deref())?,
        zone: optional(app::input::zone, "zone", body.zone.as_deref())?,
        expected_version,
    })
}

fn answer(found: Found) -> Response {
    versioned(found.settings.version, to_wire(found))
}
