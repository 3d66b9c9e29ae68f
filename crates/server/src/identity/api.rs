//! `tp login` in the API: a program asks for a token, a person confirms in the browser.

use app::identity::{policy::GRANT_POLL_S, start_grant};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    device::{
        CollectDeviceGrant, CollectedDeviceGrant, DeviceGrant, DeviceGrantState, NewDeviceGrant,
        PendingDeviceGrant,
    },
    problem::Problem,
};

use crate::{
    error::{ApiError, Failure},
    extract::{JsonBody, RequestInfo, RequestOrigin},
    net::network,
    state::Server,
};

/// Routes of programs that ask for a token.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(collect))
}

/// Asks for a code that a person confirms at `verification_url`; at most 20 an hour from a network.
/// Needs no token. The code works for 10 minutes.
#[utoipa::path(post, path = "/device-grants", operation_id = "createDeviceGrant",
    tag = "sign-in", security(()), request_body = NewDeviceGrant,
    responses((status = 200, body = DeviceGrant), (status = "default", body = Problem)))]
async fn create(
    State(server): State<Server>,
    request: RequestInfo,
    JsonBody(body): JsonBody<NewDeviceGrant>,
) -> Result<Json<DeviceGrant>, ApiError> {
    let fail = |failure: Failure| ApiError::new(failure, request.id);
    let name = app::input::name("name", &body.name).map_err(|error| fail(error.into()))?;
    let now = server.app.clock().now();
    if let Err(wait_s) = server.memory.device_grants.take(network(request.peer), now) {
        return Err(fail(Failure::too_many(wait_s)));
    }
    let started = server
        .app
        .write_directory(request.id, move |op| start_grant(op, &name))
        .await
        .map_err(|error| fail(error.into()))?;
    Ok(Json(DeviceGrant {
        device_code: started.device_code.expose().clone(),
        user_code: started.user_code.expose().clone(),
        verification_url: format!("{}/device", server.config.base_url()),
        expires_at: started.expires_at,
        interval_s: started.interval_s,
    }))
}

/// Asks whether the code was confirmed. Until then the answer is 202: ask again after `interval_s`
/// seconds. A confirmed one is answered with a token, once; one that was denied, has expired or was
/// collected before is 409 `grant.not_valid`. Needs no token.
#[utoipa::path(post, path = "/device-grants/collect", operation_id = "collectDeviceGrant",
    tag = "sign-in", security(()), request_body = CollectDeviceGrant,
    responses((status = 200, body = CollectedDeviceGrant), (status = 202, body = PendingDeviceGrant),
              (status = "default", body = Problem)))]
async fn collect(
    State(server): State<Server>,
    request: RequestInfo,
    RequestOrigin(origin): RequestOrigin,
    JsonBody(body): JsonBody<CollectDeviceGrant>,
) -> Result<Response, ApiError> {
    let collected = server.app.collect_token(request.id, body.device_code, &origin).await;
    let collected = collected.map_err(|error| ApiError::new(error, request.id))?;
    let Some(collected) = collected else {
        return Ok(pending());
    };
    let collected = CollectedDeviceGrant {
        token: collected.created.secret.expose().clone(),
        workspace_id: collected.workspace.uuid(),
        workspace_name: collected.workspace_name,
        member_name: collected.member_name,
        expires_at: collected.created.token.expires_at,
    };
    Ok(Json(collected).into_response())
}

fn pending() -> Response {
    let wait = [(header::RETRY_AFTER, GRANT_POLL_S.to_string())];
    let body = PendingDeviceGrant { state: DeviceGrantState::Pending, interval_s: GRANT_POLL_S };
    (StatusCode::ACCEPTED, wait, Json(body)).into_response()
}
