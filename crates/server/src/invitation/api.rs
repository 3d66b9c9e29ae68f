//! Invitations in the API.

use app::{
    Invite,
    invitation::{Invitation as Open, get_invitation, list_invitations, revoke_invitation},
    paging::newest_first,
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::ids::{ClientId, InvitationId, RoleId};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    invitation::{Invitation, NewInvitation},
    page::Page,
    problem::Problem,
};

use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, JsonBody, Made, Making, PageQuery, Paging, PathIds, versioned},
    state::Server,
};

/// Routes of invitations.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, revoke))
}

fn to_wire(open: Open) -> Invitation {
    Invitation {
        id: open.id.uuid(),
        email: open.address,
        role: open.role.role.as_str().to_owned(),
        role_id: open.role.own.map(RoleId::uuid),
        client_id: open.role.client.map(ClientId::uuid),
        invited_by: open.invited_by.uuid(),
        created_at: open.created_at,
        expires_at: open.expires_at,
        version: open.version,
    }
}

/// Invitations that can be accepted, newest first.
#[utoipa::path(get, path = "/workspaces/{workspace}/invitations", operation_id = "listInvitations",
    tag = "members", params(("workspace" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Invitation>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    Paging(asked): Paging,
) -> Result<Json<Page<Invitation>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let open = list_invitations(op)?;
        newest_first(op, &asked, open, |open| (open.created_at, open.id.uuid()))
    });
    Ok(page(paged.await?, to_wire))
}

/// Invites a person: they are sent a link that works for 14 days.
#[utoipa::path(post, path = "/workspaces/{workspace}/invitations", operation_id = "createInvitation",
    tag = "members",
    params(("workspace" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewInvitation,
    responses((status = 201, body = Invitation), (status = 200, body = Invitation),
              (status = "default", body = Problem)))]
async fn create(
    State(server): State<Server>,
    caller: Caller,
    making: Making,
    JsonBody(body): JsonBody<NewInvitation>,
) -> Result<Made<Invitation>, ApiError> {
    let fail = |error| ApiError::new(error, caller.request);
    let id: Option<InvitationId> = making
        .identify_ahead(&server.app, &caller, "createInvitation", body.id)
        .await
        .map_err(fail)?;
    let command = read_command(&server, id, &body).map_err(fail)?;
    let added = server.app.invite(caller.actor, caller.workspace, command).await.map_err(fail)?;
    Ok(Made::from_added(added, to_wire, |row| {
        let place = format!("/api/v1/workspaces/{}/invitations/{}", caller.workspace, row.id);
        (place, row.version)
    }))
}

fn read_command(
    server: &Server,
    id: Option<InvitationId>,
    body: &NewInvitation,
) -> Result<Invite, app::Error> {
    let request_body = serde_json::to_vec(body).map_err(|e| app::Error::bug(e.to_string()))?;
    Ok(Invite {
        id,
        address: app::input::address("email", &body.email)?,
        role: app::input::assignment(
            &body.role,
            body.role_id.map(RoleId::from_uuid),
            body.client_id.map(ClientId::from_uuid),
        )?,
        base_url: server.config.base_url(),
        request_body: Some(request_body),
    })
}

/// An invitation that can be accepted.
#[utoipa::path(get, path = "/workspaces/{workspace}/invitations/{id}", operation_id = "getInvitation",
    tag = "members", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Invitation), (status = "default", body = Problem)))]
async fn get(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let open =
        caller.read(&server, move |op| get_invitation(op, InvitationId::from_uuid(id))).await?;
    Ok(versioned(open.version, to_wire(open)))
}

/// Takes an invitation back; its link stops working.
#[utoipa::path(delete, path = "/workspaces/{workspace}/invitations/{id}", operation_id = "revokeInvitation",
    tag = "members", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn revoke(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    caller.write(&server, move |op| revoke_invitation(op, InvitationId::from_uuid(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}
