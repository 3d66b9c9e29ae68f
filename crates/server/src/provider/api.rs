//! Providers of sign-ins in the API.

use app::{
    Op,
    identity::provider::Which,
    paging::by_name,
    provider::{
        AddProvider, ChangeProvider as Change, Provider as Row, Typed, add_provider,
        change_provider, get_provider, list_providers, read_issuer, read_secret, read_settings,
        remove_provider,
    },
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::ids::{ProviderId, WorkspaceId};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    page::Page,
    problem::Problem,
    provider::{ChangeProvider, NewProvider, Provider},
};

use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, IfMatch, JsonBody, Made, Making, PageQuery, Paging, PathIds, versioned},
    identity::provider::{callback_path, logout_path},
    state::Server,
};

/// Routes of providers.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, change, delete))
}

/// A provider on the wire.
fn to_wire(server: &Server, workspace: WorkspaceId, row: Row) -> Provider {
    let which = Which { id: row.id, workspace: Some(workspace) };
    let base_url = server.config.base_url();
    Provider {
        id: row.id.uuid(),
        label: row.label,
        issuer: row.issuer.as_str().to_owned(),
        client_id: row.client_id,
        asks_second_factor: row.asks_second,
        classes: row.classes.split_whitespace().map(str::to_owned).collect(),
        callback_url: format!("{base_url}{}", callback_path(which)),
        logout_url: format!("{base_url}{}", logout_path(which)),
        version: row.version,
    }
}

/// The providers by which people sign in to this workspace, by label.
#[utoipa::path(get, path = "/workspaces/{workspace}/providers", operation_id = "listProviders",
    tag = "workspace", params(("workspace" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Provider>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    Paging(asked): Paging,
) -> Result<Json<Page<Provider>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let rows = list_providers(op)?;
        by_name(op, &asked, rows, |row| (row.label.as_str(), row.id))
    });
    let workspace = caller.workspace;
    Ok(page(paged.await?, |row| to_wire(&server, workspace, row)))
}

/// Sets a provider up; people can sign in by it at once, to this workspace alone.
#[utoipa::path(post, path = "/workspaces/{workspace}/providers", operation_id = "createProvider",
    tag = "workspace",
    params(("workspace" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewProvider,
    responses((status = 201, body = Provider), (status = 200, body = Provider),
              (status = "default", body = Problem)))]
async fn create(
    State(server): State<Server>,
    caller: Caller,
    making: Making,
    JsonBody(body): JsonBody<NewProvider>,
) -> Result<Made<Provider>, ApiError> {
    let workspace = caller.workspace;
    let prepared = server.app.prepare_provider_secrets(caller.actor, workspace).await;
    prepared.map_err(|error| ApiError::new(error, caller.actor.request))?;
    let added = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "createProvider", body.id, &body)?;
            let classes = body.classes.join(" ");
            let typed = Typed {
                label: &body.label,
                client_id: &body.client_id,
                asks_second: body.asks_second_factor,
                classes: &classes,
            };
            let new = AddProvider {
                id,
                issuer: read_issuer(&body.issuer)?,
                settings: read_settings(typed)?,
                secret: read_secret(&body.client_secret)?,
                body: mac,
            };
            add_provider(op, &new)
        })
        .await?;
    Ok(Made::from_added(
        added,
        |row| to_wire(&server, workspace, row),
        |row| (format!("/api/v1/workspaces/{workspace}/providers/{}", row.id), row.version),
    ))
}

/// A provider.
#[utoipa::path(get, path = "/workspaces/{workspace}/providers/{id}", operation_id = "getProvider",
    tag = "workspace", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Provider), (status = "default", body = Problem)))]
async fn get(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let row = caller.read(&server, move |op| get_provider(op, ProviderId::from_uuid(id))).await?;
    Ok(answer(&server, &caller, row))
}

/// Changes a provider, but not which one it is; with If-Match, only as it was read.
#[utoipa::path(patch, path = "/workspaces/{workspace}/providers/{id}",
    operation_id = "changeProvider", tag = "workspace",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeProvider,
    responses((status = 200, body = Provider), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeProvider>,
) -> Result<Response, ApiError> {
    let changed = caller.write(&server, move |op| {
        let change = read_change(op, ProviderId::from_uuid(id), &body, expected_version)?;
        change_provider(op, &change)
    });
    let row = changed.await?;
    Ok(answer(&server, &caller, row))
}

fn read_change(
    op: &mut Op,
    id: ProviderId,
    body: &ChangeProvider,
    expected_version: Option<i64>,
) -> Result<Change, app::Error> {
    let before = get_provider(op, id)?;
    let classes = body.classes.as_ref().map(|classes| classes.join(" "));
    let settings = read_settings(Typed {
        label: body.label.as_deref().unwrap_or(&before.label),
        client_id: body.client_id.as_deref().unwrap_or(&before.client_id),
        asks_second: body.asks_second_factor.unwrap_or(before.asks_second),
        classes: classes.as_deref().unwrap_or(&before.classes),
    })?;
    let secret = body.client_secret.as_deref().map(read_secret).transpose()?;
    Ok(Change { id, settings, secret, expected_version })
}

/// Removes a provider: who has signed in by it is out with their next request. With If-Match, only as it
/// was read.
#[utoipa::path(delete, path = "/workspaces/{workspace}/providers/{id}",
    operation_id = "deleteProvider", tag = "workspace",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn delete(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
) -> Result<StatusCode, ApiError> {
    let id = ProviderId::from_uuid(id);
    caller.write(&server, move |op| remove_provider(op, id, expected_version)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn answer(server: &Server, caller: &Caller, row: Row) -> Response {
    versioned(row.version, to_wire(server, caller.workspace, row))
}
