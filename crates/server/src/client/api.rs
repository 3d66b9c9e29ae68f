//! Clients in the API.

use app::{
    ChangeNamed,
    client::{add_client, change_client, delete_client, get_client, list_clients, restore_client},
    input::optional,
    names::Client as Row,
    paging::by_name,
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::ids::ClientId;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    client::{ChangeClient, Client, NewClient},
    page::Page,
    problem::Problem,
};

use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, IfMatch, JsonBody, Made, Making, PageQuery, Paging, PathIds, versioned},
    state::Server,
};

/// Routes of clients.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
        .routes(routes!(restore))
}

/// A client on the wire.
pub(crate) fn to_wire(row: Row) -> Client {
    Client {
        id: row.id.uuid(),
        archived: row.archived_at.is_some(),
        version: row.version,
        name: row.name,
    }
}

/// Clients that are not in the trash, by name; archived ones too.
#[utoipa::path(get, path = "/workspaces/{workspace}/clients", operation_id = "listClients",
    tag = "clients", params(("workspace" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Client>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    Paging(asked): Paging,
) -> Result<Json<Page<Client>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let rows = list_clients(op)?;
        by_name(op, &asked, rows, |row| (row.name.as_str(), row.id))
    });
    Ok(page(paged.await?, to_wire))
}

/// Adds a client.
#[utoipa::path(post, path = "/workspaces/{workspace}/clients", operation_id = "createClient",
    tag = "clients",
    params(("workspace" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewClient,
    responses((status = 201, body = Client), (status = 200, body = Client),
              (status = "default", body = Problem)))]
async fn create(
    State(server): State<Server>,
    caller: Caller,
    making: Making,
    JsonBody(body): JsonBody<NewClient>,
) -> Result<Made<Client>, ApiError> {
    let added = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "createClient", body.id, &body)?;
            let name = app::input::name("name", &body.name)?;
            add_client(op, id, &name, mac)
        })
        .await?;
    Ok(Made::from_added(added, to_wire, |row| {
        (format!("/api/v1/workspaces/{}/clients/{}", caller.workspace, row.id), row.version)
    }))
}

/// A client.
#[utoipa::path(get, path = "/workspaces/{workspace}/clients/{id}", operation_id = "getClient",
    tag = "clients", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Client), (status = "default", body = Problem)))]
async fn get(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let row = caller.read(&server, move |op| get_client(op, ClientId::from_uuid(id))).await?;
    Ok(answer(row))
}

/// Changes a client; with If-Match, only as it was read.
#[utoipa::path(patch, path = "/workspaces/{workspace}/clients/{id}", operation_id = "changeClient",
    tag = "clients",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeClient,
    responses((status = 200, body = Client), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeClient>,
) -> Result<Response, ApiError> {
    let row = caller
        .write(&server, move |op| {
            let change = ChangeNamed {
                name: optional(app::input::name, "name", body.name.as_deref())?,
                archived: body.archived,
                expected_version,
            };
            change_client(op, ClientId::from_uuid(id), change)
        })
        .await?;
    Ok(answer(row))
}

/// Puts a client that nothing uses in the trash.
#[utoipa::path(delete, path = "/workspaces/{workspace}/clients/{id}", operation_id = "deleteClient",
    tag = "clients",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn delete(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
) -> Result<StatusCode, ApiError> {
    caller
        .write(&server, move |op| delete_client(op, ClientId::from_uuid(id), expected_version))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a client out of the trash.
#[utoipa::path(post, path = "/workspaces/{workspace}/clients/{id}/restore", operation_id = "restoreClient",
    tag = "clients", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Client), (status = "default", body = Problem)))]
async fn restore(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let row = caller.write(&server, move |op| restore_client(op, ClientId::from_uuid(id))).await?;
    Ok(answer(row))
}

fn answer(row: Row) -> Response {
    versioned(row.version, to_wire(row))
}
