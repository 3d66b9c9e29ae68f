//! Members in the API.

use app::{
    member::{VisibleMember, change_role, get_any_member, list_all_members, list_members},
    paging::by_name,
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use domain::ids::{ClientId, MemberId, RoleId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    member::{ChangeMember, Member},
    page::Page,
    problem::Problem,
};

use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, IfMatch, JsonBody, Parameters, PathIds, versioned},
    state::Server,
};

/// Routes of members.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, change, remove))
        .routes(routes!(leave))
}

fn to_wire(member: VisibleMember) -> Member {
    Member {
        id: member.id.uuid(),
        name: member.name,
        email: member.address,
        role: member.role.role.as_str().to_owned(),
        role_id: member.role.own.map(RoleId::uuid),
        client_id: member.role.client.map(ClientId::uuid),
        joined_at: member.joined_at,
        removed_at: member.removed_at,
        version: member.version,
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Whether those who have left are listed too, whose time is here; false when left out.
    with_removed: bool,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when left out.
    limit: Option<i64>,
}

/// Members, by name; without those who have left, unless they are asked for.
#[utoipa::path(get, path = "/workspaces/{workspace}/members", operation_id = "listMembers",
    tag = "members", params(("workspace" = Uuid, Path), ListQuery),
    responses((status = 200, body = Page<Member>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    uri: Uri,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Json<Page<Member>>, ApiError> {
    let asked = crate::api::asked(&uri, query.cursor, query.limit);
    let asked = asked.map_err(|failure| ApiError::new(failure, caller.request))?;
    let paged = caller.read(&server, move |op| {
        let members = if query.with_removed { list_all_members(op)? } else { list_members(op)? };
        by_name(op, &asked, members, |member| (member.name.as_str(), member.id))
    });
    Ok(page(paged.await?, to_wire))
}

/// A member, also one who has left (then with `removed_at`); oneself always.
#[utoipa::path(get, path = "/workspaces/{workspace}/members/{id}", operation_id = "getMember",
    tag = "members", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Member), (status = "default", body = Problem)))]
async fn get(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let id = MemberId::from_uuid(id);
    let member = caller.read(&server, move |op| get_any_member(op, id)).await?;
    Ok(answer(member))
}

/// Gives a member another role; with If-Match, only as they were read. Nobody gives, or takes away, a
/// right that they lack.
#[utoipa::path(patch, path = "/workspaces/{workspace}/members/{id}", operation_id = "changeMemberRole",
    tag = "members",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeMember,
    responses((status = 200, body = Member), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeMember>,
) -> Result<Response, ApiError> {
    let member = caller
        .write(&server, move |op| {
            let own = body.role_id.map(RoleId::from_uuid);
            let client = body.client_id.map(ClientId::from_uuid);
            let role = app::input::assignment(&body.role, own, client)?;
            change_role(op, MemberId::from_uuid(id), role, expected_version)
        })
        .await?;
    Ok(answer(member))
}

/// Removes a member: their timer stops, their tokens end, their time stays.
#[utoipa::path(delete, path = "/workspaces/{workspace}/members/{id}", operation_id = "removeMember",
    tag = "members", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    server
        .app
        .remove_member(caller.actor, caller.workspace, MemberId::from_uuid(id))
        .await
        .map_err(|error| ApiError::new(error, caller.request))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leaves the workspace: one's timer stops, one's tokens end (also the one that asks), one's time
/// stays. The last owner is refused.
#[utoipa::path(delete, path = "/workspaces/{workspace}/members/me", operation_id = "leaveWorkspace",
    tag = "members", params(("workspace" = Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn leave(State(server): State<Server>, caller: Caller) -> Result<StatusCode, ApiError> {
    server
        .app
        .leave(caller.actor, caller.workspace)
        .await
        .map_err(|error| ApiError::new(error, caller.request))?;
    Ok(StatusCode::NO_CONTENT)
}

fn answer(member: VisibleMember) -> Response {
    versioned(member.version, to_wire(member))
}
