//! Roles of a workspace's own in the API.

use app::{
    input::optional,
    names::OwnRole as Row,
    paging::by_name,
    role::{
        AddRole, ChangeRole as Change, add_role, change_own_role, delete_role, get_role, list_roles,
    },
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    ids::RoleId,
    permission::{Grant, Grants},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    page::Page,
    problem::Problem,
    role::{ChangeRole, NewRole, Role},
};

use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, IfMatch, JsonBody, Made, Making, PageQuery, Paging, PathIds, versioned},
    state::Server,
};

/// Routes of roles.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, change, delete))
}

/// A role on the wire.
fn to_wire(row: Row) -> Role {
    Role {
        id: row.id.uuid(),
        rights: row.grants.iter().map(|grant| grant.as_str().to_owned()).collect(),
        version: row.version,
        name: row.name,
    }
}

/// Roles that the workspace has built itself, by name.
#[utoipa::path(get, path = "/workspaces/{workspace}/roles", operation_id = "listRoles",
    tag = "members", params(("workspace" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Role>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    Paging(asked): Paging,
) -> Result<Json<Page<Role>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let rows = list_roles(op)?;
        by_name(op, &asked, rows, |row| (row.name.as_str(), row.id))
    });
    Ok(page(paged.await?, to_wire))
}

/// Makes a role of single rights; nobody gives a right that they lack.
#[utoipa::path(post, path = "/workspaces/{workspace}/roles", operation_id = "createRole",
    tag = "members",
    params(("workspace" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewRole,
    responses((status = 201, body = Role), (status = 200, body = Role),
              (status = "default", body = Problem)))]
async fn create(
    State(server): State<Server>,
    caller: Caller,
    making: Making,
    JsonBody(body): JsonBody<NewRole>,
) -> Result<Made<Role>, ApiError> {
    let added = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "createRole", body.id, &body)?;
            let name = app::input::name("name", &body.name)?;
            let grants = read_rights(&body.rights)?;
            add_role(op, AddRole { id, name, grants, body: mac })
        })
        .await?;
    Ok(Made::from_added(added, to_wire, |row| {
        (format!("/api/v1/workspaces/{}/roles/{}", caller.workspace, row.id), row.version)
    }))
}

/// A role.
#[utoipa::path(get, path = "/workspaces/{workspace}/roles/{id}", operation_id = "getRole",
    tag = "members", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Role), (status = "default", body = Problem)))]
async fn get(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let row = caller.read(&server, move |op| get_role(op, RoleId::from_uuid(id))).await?;
    Ok(answer(row))
}

/// Changes a role, for everybody who has it; with If-Match, only as it was read.
#[utoipa::path(patch, path = "/workspaces/{workspace}/roles/{id}", operation_id = "changeRole",
    tag = "members",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeRole,
    responses((status = 200, body = Role), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeRole>,
) -> Result<Response, ApiError> {
    let row = caller
        .write(&server, move |op| {
            let change = Change {
                name: optional(app::input::name, "name", body.name.as_deref())?,
                grants: body.rights.as_deref().map(read_rights).transpose()?,
                expected_version,
            };
            change_own_role(op, RoleId::from_uuid(id), change)
        })
        .await?;
    Ok(answer(row))
}

/// Deletes a role that nobody has.
#[utoipa::path(delete, path = "/workspaces/{workspace}/roles/{id}", operation_id = "deleteRole",
    tag = "members",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn delete(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
) -> Result<StatusCode, ApiError> {
    caller
        .write(&server, move |op| delete_role(op, RoleId::from_uuid(id), expected_version))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads single rights by their words.
fn read_rights(words: &[String]) -> Result<Grants, app::Error> {
    if words.len() > Grant::ALL.len() {
        return Err(app::Error::invalid("rights", "too_many", "Name each right once."));
    }
    let grants = words.iter().map(|word| app::input::choice::<Grant>("rights", word));
    Ok(Grants::of(grants.collect::<Result<Vec<_>, _>>()?))
}

fn answer(row: Row) -> Response {
    versioned(row.version, to_wire(row))
}
