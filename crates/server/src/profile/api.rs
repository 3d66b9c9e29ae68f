//! The asking member in the API.

use app::member::{ChangeMe as Change, Profile, change_me, get_me};
use axum::{extract::State, response::Response};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    member::{ChangeMe, Me},
    problem::Problem,
};

use crate::{
    error::ApiError,
    extract::{Caller, IfMatch, JsonBody, versioned},
    state::Server,
};

/// Routes of the asking member's profile.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(get, change))
}

fn to_wire(profile: Profile) -> Me {
    Me {
        id: profile.id.uuid(),
        name: profile.name,
        email: profile.address,
        role: profile.role.role.as_str().to_owned(),
        role_id: profile.role.own.map(domain::ids::RoleId::uuid),
        client_id: profile.role.client.map(domain::ids::ClientId::uuid),
        zone: profile.zone.as_str().to_owned(),
        week_start: profile.week_start.as_str().to_owned(),
        locale: profile.locale.as_str().to_owned(),
        clock_format: profile.clock_format.as_str().to_owned(),
        version: profile.version,
    }
}

/// The asking member's profile.
#[utoipa::path(get, path = "/workspaces/{workspace}/me", operation_id = "getMe",
    tag = "members", params(("workspace" = uuid::Uuid, Path)),
    responses((status = 200, body = Me), (status = "default", body = Problem)))]
async fn get(State(server): State<Server>, caller: Caller) -> Result<Response, ApiError> {
    let profile = caller.read(&server, get_me).await?;
    Ok(answer(profile))
}

/// Changes the asking member's profile; with If-Match, only as it was read. Entries keep the zone
/// they were made in.
#[utoipa::path(patch, path = "/workspaces/{workspace}/me", operation_id = "changeMe",
    tag = "members", params(("workspace" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeMe,
    responses((status = 200, body = Me), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeMe>,
) -> Result<Response, ApiError> {
    let has_zone = body.zone.is_some();
    let profile = caller
        .write(&server, move |op| change_me(op, read_change(&body, expected_version)?))
        .await?;
    if has_zone {
        super::keep_zone(&server, caller.actor.request, &profile).await;
    }
    Ok(answer(profile))
}

fn read_change(body: &ChangeMe, expected_version: Option<i64>) -> Result<Change, app::Error> {
    use app::input::{choice, optional};
    Ok(Change {
        name: optional(app::input::name, "name", body.name.as_deref())?,
        zone: optional(app::input::zone, "zone", body.zone.as_deref())?,
        week_start: optional(choice, "week_start", body.week_start.as_deref())?,
        locale: optional(choice, "locale", body.locale.as_deref())?,
        clock_format: optional(choice, "clock_format", body.clock_format.as_deref())?,
        expected_version,
    })
}

fn answer(profile: Profile) -> Response {
    versioned(profile.version, to_wire(profile))
}
