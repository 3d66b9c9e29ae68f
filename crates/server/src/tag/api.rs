//! Tags in the API.

use app::{
    ChangeNamed,
    input::optional,
    names::Tag as Row,
    paging::by_name,
    tag::{add_tag, change_tag, delete_tag, get_tag, list_tags, restore_tag},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::ids::TagId;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    page::Page,
    problem::Problem,
    tag::{ChangeTag, NewTag, Tag},
};

use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, IfMatch, JsonBody, Made, Making, PageQuery, Paging, PathIds, versioned},
    state::Server,
};

/// Routes of tags.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
        .routes(routes!(restore))
}

/// A tag on the wire.
pub(crate) fn to_wire(row: Row) -> Tag {
    Tag {
        id: row.id.uuid(),
        archived: row.archived_at.is_some(),
        version: row.version,
        name: row.name,
    }
}

/// Tags that are not in the trash, by name; archived ones too.
#[utoipa::path(get, path = "/workspaces/{workspace}/tags", operation_id = "listTags",
    tag = "tags", params(("workspace" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Tag>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    Paging(asked): Paging,
) -> Result<Json<Page<Tag>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let rows = list_tags(op)?;
        by_name(op, &asked, rows, |row| (row.name.as_str(), row.id))
    });
    Ok(page(paged.await?, to_wire))
}

/// Adds a tag.
#[utoipa::path(post, path = "/workspaces/{workspace}/tags", operation_id = "createTag",
    tag = "tags",
    params(("workspace" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewTag,
    responses((status = 201, body = Tag), (status = 200, body = Tag),
              (status = "default", body = Problem)))]
async fn create(
    State(server): State<Server>,
    caller: Caller,
    making: Making,
    JsonBody(body): JsonBody<NewTag>,
) -> Result<Made<Tag>, ApiError> {
    let added = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "createTag", body.id, &body)?;
            let name = app::input::name("name", &body.name)?;
            add_tag(op, id, &name, mac)
        })
        .await?;
    Ok(Made::from_added(added, to_wire, |row| {
        (format!("/api/v1/workspaces/{}/tags/{}", caller.workspace, row.id), row.version)
    }))
}

/// A tag.
#[utoipa::path(get, path = "/workspaces/{workspace}/tags/{id}", operation_id = "getTag",
    tag = "tags", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Tag), (status = "default", body = Problem)))]
async fn get(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let row = caller.read(&server, move |op| get_tag(op, TagId::from_uuid(id))).await?;
    Ok(answer(row))
}

/// Changes a tag; with If-Match, only as it was read.
#[utoipa::path(patch, path = "/workspaces/{workspace}/tags/{id}", operation_id = "changeTag",
    tag = "tags",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeTag,
    responses((status = 200, body = Tag), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeTag>,
) -> Result<Response, ApiError> {
    let row = caller
        .write(&server, move |op| {
            let change = ChangeNamed {
                name: optional(app::input::name, "name", body.name.as_deref())?,
                archived: body.archived,
                expected_version,
            };
            change_tag(op, TagId::from_uuid(id), change)
        })
        .await?;
    Ok(answer(row))
}

/// Puts a tag that nothing uses in the trash.
#[utoipa::path(delete, path = "/workspaces/{workspace}/tags/{id}", operation_id = "deleteTag",
    tag = "tags",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn delete(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
) -> Result<StatusCode, ApiError> {
    caller.write(&server, move |op| delete_tag(op, TagId::from_uuid(id), expected_version)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a tag out of the trash.
#[utoipa::path(post, path = "/workspaces/{workspace}/tags/{id}/restore", operation_id = "restoreTag",
    tag = "tags", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Tag), (status = "default", body = Problem)))]
async fn restore(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let row = caller.write(&server, move |op| restore_tag(op, TagId::from_uuid(id))).await?;
    Ok(answer(row))
}

fn answer(row: Row) -> Response {
    versioned(row.version, to_wire(row))
}
