//! The rule about mail domains in the API.

use app::joining::{ChangeJoinRule as Change, ReadJoinRule, get_join_rule};
use axum::{extract::State, response::Response};
use domain::{
    ids::RoleId,
    joining::MailDomain,
    permission::{Relation, Right},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    joining::{ChangeJoinRule, JoinRule},
    problem::Problem,
};

use crate::{
    error::ApiError,
    extract::{Caller, IfMatch, JsonBody, versioned},
    state::Server,
};

/// Routes of the rule.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(get, change))
}

fn answer(read: ReadJoinRule) -> Response {
    let ReadJoinRule { rule, version, is_in_force } = read;
    let body = JoinRule {
        domains: rule.domains.iter().map(MailDomain::shown).collect(),
        role: rule.role.role.as_str().to_owned(),
        role_id: rule.role.own.map(RoleId::uuid),
        in_force: is_in_force,
        version,
    };
    versioned(version, body)
}

/// Who may join the workspace without an invitation.
#[utoipa::path(get, path = "/workspaces/{workspace}/join-rule", operation_id = "getJoinRule",
    tag = "workspace", params(("workspace" = uuid::Uuid, Path)),
    responses((status = 200, body = JoinRule), (status = "default", body = Problem)))]
async fn get(State(server): State<Server>, caller: Caller) -> Result<Response, ApiError> {
    Ok(answer(caller.read(&server, get_join_rule).await?))
}

/// Changes who may join without an invitation; links that were mailed before stop working. With If-Match,
/// only as it was read.
#[utoipa::path(patch, path = "/workspaces/{workspace}/join-rule", operation_id = "changeJoinRule",
    tag = "workspace",
    params(("workspace" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeJoinRule,
    responses((status = 200, body = JoinRule), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeJoinRule>,
) -> Result<Response, ApiError> {
    let fail = |error| ApiError::new(error, caller.request);
    // What is wrong with it is told to those alone who may send it.
    caller.read(&server, |op| op.require(Right::NarrowSignIn, Relation::Workspace)).await?;
    let change = read_change(&body, expected_version).map_err(fail)?;
    let changed = server.app.change_join_rule(caller.actor, caller.workspace, change).await;
    changed.map(answer).map_err(fail)
}

fn read_change(body: &ChangeJoinRule, expected_version: Option<i64>) -> Result<Change, app::Error> {
    let domains = body.domains.as_ref().map(|domains| domains.join("\n"));
    let domains = app::input::optional(app::input::mail_domains, "domains", domains.as_deref())?;
    let own = body.role_id.map(RoleId::from_uuid);
    let role = match (&body.role, own) {
        (None, None) => None,
        (Some(role), own) => Some(app::input::assignment(role, own, None)?),
        (None, Some(_)) => Some(app::input::assignment("own", own, None)?),
    };
    Ok(Change { domains, role, expected_version })
}
