//! Projects in the API.

use app::{
    input::optional,
    names::Project as Row,
    paging::by_name,
    project::{
        AddProject, ChangeProject as Change, ProjectMember as Place, add_project, change_project,
        delete_project, get_project, list_project_members, list_projects, put_project_member,
        remove_project_member, restore_project,
    },
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    ids::{ClientId, MemberId, ProjectId},
    preference::Hue,
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    page::Page,
    problem::Problem,
    project::{ChangeProject, NewProject, Project, ProjectMember, PutProjectMember},
};

use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, IfMatch, JsonBody, Made, Making, PageQuery, Paging, PathIds, versioned},
    state::Server,
};

/// Routes of projects.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
        .routes(routes!(restore))
        .routes(routes!(list_members))
        .routes(routes!(put_member, remove_member))
}

/// A project on the wire.
pub(crate) fn to_wire(row: Row) -> Project {
    Project {
        id: row.id.uuid(),
        archived: row.archived_at.is_some(),
        version: row.version,
        client_id: row.client.map(ClientId::uuid),
        hue: row.hue,
        billable: row.is_billable,
        open: row.is_open,
        name: row.name,
    }
}

/// Projects that are not in the trash, by name; archived ones too.
#[utoipa::path(get, path = "/workspaces/{workspace}/projects", operation_id = "listProjects",
    tag = "projects", params(("workspace" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Project>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    Paging(asked): Paging,
) -> Result<Json<Page<Project>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let rows = list_projects(op)?;
        by_name(op, &asked, rows, |row| (row.name.as_str(), row.id))
    });
    Ok(page(paged.await?, to_wire))
}

/// Adds a project.
#[utoipa::path(post, path = "/workspaces/{workspace}/projects", operation_id = "createProject",
    tag = "projects",
    params(("workspace" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewProject,
    responses((status = 201, body = Project), (status = 200, body = Project),
              (status = "default", body = Problem)))]
async fn create(
    State(server): State<Server>,
    caller: Caller,
    making: Making,
    JsonBody(body): JsonBody<NewProject>,
) -> Result<Made<Project>, ApiError> {
    let added = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "createProject", body.id, &body)?;
            let name = app::input::name("name", &body.name)?;
            let command = AddProject {
                id,
                client: body.client_id.map(ClientId::from_uuid),
                name,
                hue: hue(body.hue)?,
                billable: body.billable,
                open: body.open,
                body: mac,
            };
            add_project(op, command)
        })
        .await?;
    Ok(Made::from_added(added, to_wire, |row| {
        (format!("/api/v1/workspaces/{}/projects/{}", caller.workspace, row.id), row.version)
    }))
}

/// A project.
#[utoipa::path(get, path = "/workspaces/{workspace}/projects/{id}", operation_id = "getProject",
    tag = "projects", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Project), (status = "default", body = Problem)))]
async fn get(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let row = caller.read(&server, move |op| get_project(op, ProjectId::from_uuid(id))).await?;
    Ok(answer(row))
}

/// Changes a project; with If-Match, only as it was read.
#[utoipa::path(patch, path = "/workspaces/{workspace}/projects/{id}", operation_id = "changeProject",
    tag = "projects",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeProject,
    responses((status = 200, body = Project), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeProject>,
) -> Result<Response, ApiError> {
    let row = caller
        .write(&server, move |op| {
            let change = Change {
                name: optional(app::input::name, "name", body.name.as_deref())?,
                archived: body.archived,
                client: body.client_id.map(|id| id.map(ClientId::from_uuid)),
                hue: hue(body.hue)?,
                billable: body.billable,
                open: body.open,
                expected_version,
            };
            change_project(op, ProjectId::from_uuid(id), change)
        })
        .await?;
    Ok(answer(row))
}

/// Puts a project that nothing uses in the trash.
#[utoipa::path(delete, path = "/workspaces/{workspace}/projects/{id}", operation_id = "deleteProject",
    tag = "projects",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn delete(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
) -> Result<StatusCode, ApiError> {
    caller
        .write(&server, move |op| delete_project(op, ProjectId::from_uuid(id), expected_version))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a project out of the trash.
#[utoipa::path(post, path = "/workspaces/{workspace}/projects/{id}/restore", operation_id = "restoreProject",
    tag = "projects", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Project), (status = "default", body = Problem)))]
async fn restore(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let row =
        caller.write(&server, move |op| restore_project(op, ProjectId::from_uuid(id))).await?;
    Ok(answer(row))
}

fn answer(row: Row) -> Response {
    versioned(row.version, to_wire(row))
}

/// Who is on a project, by name.
#[utoipa::path(get, path = "/workspaces/{workspace}/projects/{id}/members", operation_id = "listProjectMembers",
    tag = "projects", params(("workspace" = Uuid, Path), ("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<ProjectMember>), (status = "default", body = Problem)))]
async fn list_members(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    Paging(asked): Paging,
) -> Result<Json<Page<ProjectMember>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let places = list_project_members(op, ProjectId::from_uuid(id))?;
        let names = op.names()?;
        let name = |place: &Place| {
            names.members.get(&place.member).map_or_else(String::new, |member| member.name.clone())
        };
        let named: Vec<_> = places.into_iter().map(|place| (name(&place), place)).collect();
        by_name(op, &asked, named, |(name, place)| (name.as_str(), place.member))
    });
    Ok(page(paged.await?, |(_, place)| place_to_wire(place)))
}

/// Puts a member on a project, or changes their place.
#[utoipa::path(put, path = "/workspaces/{workspace}/projects/{id}/members/{member}", operation_id = "putProjectMember",
    tag = "projects",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("member" = Uuid, Path)),
    request_body = PutProjectMember,
    responses((status = 200, body = ProjectMember), (status = "default", body = Problem)))]
async fn put_member(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id, member)): PathIds<(Uuid, Uuid, Uuid)>,
    JsonBody(body): JsonBody<PutProjectMember>,
) -> Result<Json<ProjectMember>, ApiError> {
    let place = caller
        .write(&server, move |op| {
            let (project, member) = (ProjectId::from_uuid(id), MemberId::from_uuid(member));
            put_project_member(op, project, member, body.manager)
        })
        .await?;
    Ok(Json(place_to_wire(place)))
}

/// Takes a member off a project.
#[utoipa::path(delete, path = "/workspaces/{workspace}/projects/{id}/members/{member}", operation_id = "removeProjectMember",
    tag = "projects",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("member" = Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove_member(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id, member)): PathIds<(Uuid, Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    caller
        .write(&server, move |op| {
            let (project, member) = (ProjectId::from_uuid(id), MemberId::from_uuid(member));
            remove_project_member(op, project, member).map(drop)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn place_to_wire(place: Place) -> ProjectMember {
    ProjectMember { member_id: place.member.uuid(), manager: place.is_manager }
}

/// Reads a colour.
pub(crate) fn hue(number: Option<i64>) -> Result<Option<Hue>, app::Error> {
    let Some(number) = number else {
        return Ok(None);
    };
    let hue = u8::try_from(number).ok().and_then(|number| Hue::new(number).ok());
    hue.map(Some)
        .ok_or_else(|| app::Error::invalid("hue", "not_a_choice", "Choose a colour from 1 to 12."))
}
