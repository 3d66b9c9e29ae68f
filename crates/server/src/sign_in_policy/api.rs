//! The sign-in policy in the API.

use app::{
    Op,
    sign_in_policy::{ChangePolicy, ReadPolicy, change_policy, get_policy},
};
use axum::{extract::State, response::Response};
use domain::sign_in_policy::{SignInPolicy, Way, Ways};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    problem::Problem,
    sign_in_policy::{ChangeSignInPolicy, SignInPolicy as Wire},
};

use crate::{
    error::ApiError,
    extract::{Caller, IfMatch, JsonBody, versioned},
    state::Server,
};

/// Routes of the sign-in policy.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(get, change))
}

fn answer(read: ReadPolicy) -> Response {
    let ReadPolicy { policy, version } = read;
    let body = Wire {
        allows_mail: policy.ways.allows(Way::Mail),
        allows_passwords: policy.ways.allows(Way::Passwords),
        allows_passkeys: policy.ways.allows(Way::Passkeys),
        allows_providers: policy.ways.allows(Way::Providers),
        second_factor: policy.second_factor.as_str().to_owned(),
        networks: policy.networks.iter().map(ToString::to_string).collect(),
        allows_remembering: policy.allows_remembering,
        longest_session: policy.longest_session.as_str().to_owned(),
        version,
    };
    versioned(version, body)
}

/// How people may come into the workspace.
#[utoipa::path(get, path = "/workspaces/{workspace}/sign-in-policy",
    operation_id = "getSignInPolicy", tag = "workspace",
    params(("workspace" = uuid::Uuid, Path)),
    responses((status = 200, body = Wire), (status = "default", body = Problem)))]
async fn get(State(server): State<Server>, caller: Caller) -> Result<Response, ApiError> {
    Ok(answer(caller.read(&server, get_policy).await?))
}

/// Changes how people may come in, in force for everyone with their next request; with If-Match, only
/// as it was read. A token lets more in and keeps nobody out: an owner makes it stricter in a browser.
#[utoipa::path(patch, path = "/workspaces/{workspace}/sign-in-policy",
    operation_id = "changeSignInPolicy", tag = "workspace",
    params(("workspace" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeSignInPolicy,
    responses((status = 200, body = Wire), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeSignInPolicy>,
) -> Result<Response, ApiError> {
    let actor = caller.actor;
    let changed = caller.write(&server, move |op| {
        let policy = read_change(op, &body)?;
        change_policy(op, ChangePolicy { policy, expected_version, actor })
    });
    Ok(answer(changed.await?))
}

fn read_change(op: &mut Op, body: &ChangeSignInPolicy) -> Result<SignInPolicy, app::Error> {
    let before = get_policy(op)?.policy;
    let rule = body.second_factor.as_deref();
    let rule = app::input::optional(app::input::choice, "second_factor", rule)?;
    let networks = match &body.networks {
        None => before.networks,
        Some(texts) => app::input::networks("networks", &texts.join("\n"))?,
    };
    let longest = body.longest_session.as_deref();
    let longest = app::input::optional(app::input::choice, "longest_session", longest)?;
    Ok(SignInPolicy {
        ways: read_ways(before.ways, body),
        second_factor: rule.unwrap_or(before.second_factor),
        networks,
        allows_remembering: body.allows_remembering.unwrap_or(before.allows_remembering),
        longest_session: longest.unwrap_or(before.longest_session),
    })
}

fn read_ways(before: Ways, body: &ChangeSignInPolicy) -> Ways {
    let wanted = [
        (Way::Mail, body.allows_mail),
        (Way::Passwords, body.allows_passwords),
        (Way::Passkeys, body.allows_passkeys),
        (Way::Providers, body.allows_providers),
    ];
    wanted.into_iter().fold(before, |ways, (way, wanted)| match wanted {
        Some(is_allowed) => ways.with(way, is_allowed),
        None => ways,
    })
}
