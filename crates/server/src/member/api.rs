//! Members in the API.

use app::{
    member::{VisibleMember, change_role, get_member, list_members},
    paging::by_name,
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::ids::MemberId;
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
    extract::{Caller, IfMatch, JsonBody, PageQuery, Paging, PathIds, versioned},
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
        role: member.role.as_str().to_owned(),
        joined_at: member.joined_at,
        version: member.version,
    }
}

/// Members, by name; without those who have left.
#[utoipa::path(get, path = "/workspaces/{workspace}/members", operation_id = "listMembers",
    tag = "members", params(("workspace" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Member>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    Paging(asked): Paging,
) -> Result<Json<Page<Member>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let members = list_members(op)?;
        by_name(op, &asked, members, |member| (member.name.as_str(), member.id))
    });
    Ok(page(paged.await?, to_wire))
}

/// A member who has not left; oneself always.
#[utoipa::path(get, path = "/workspaces/{workspace}/members/{id}", operation_id = "getMember",
    tag = "members", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Member), (status = "default", body = Problem)))]
async fn get(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let member = caller.read(&server, move |op| get_member(op, MemberId::from_uuid(id))).await?;
    Ok(answer(member))
}

/// Gives a member another role; with If-Match, only as they were read.
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
            let role = app::input::choice("role", &body.role)?;
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
