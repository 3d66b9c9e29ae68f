//! Personal access tokens in the API.

use app::{
    actor::Scope,
    paging::newest_first,
    token::{
        CreateToken, CreatedToken, Token, get_token, list_tokens, list_tokens_of, revoke_token,
    },
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::ids::{MemberId, TokenId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    page::Page,
    problem::Problem,
    token::{ApiToken, CreatedApiToken, NewApiToken},
};

use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, JsonBody, Making, Parameters, PathIds, RequestOrigin},
    state::Server,
};

/// Routes of tokens.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, revoke))
}

fn to_wire(token: Token) -> ApiToken {
    ApiToken {
        id: token.id.uuid(),
        member_id: token.member.uuid(),
        name: token.name,
        scope: token.scope.as_str().to_owned(),
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
        last_network: token.last_network,
        networks: token.networks.iter().map(ToString::to_string).collect(),
        is_program: token.is_program,
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Whose; one's own when left out.
    member_id: Option<Uuid>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when left out.
    limit: Option<i64>,
}

/// Tokens that are not revoked, newest first; expired ones too. Without their secrets.
#[utoipa::path(get, path = "/workspaces/{workspace}/tokens", operation_id = "listTokens",
    tag = "tokens", params(("workspace" = Uuid, Path), ListQuery),
    responses((status = 200, body = Page<ApiToken>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    uri: Uri,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Json<Page<ApiToken>>, ApiError> {
    let asked = crate::api::asked(&uri, query.cursor, query.limit);
    let asked = asked.map_err(|failure| ApiError::new(failure, caller.request))?;
    let paged = caller.read(&server, move |op| {
        let tokens = match query.member_id {
            None => list_tokens(op)?,
            Some(member) => list_tokens_of(op, MemberId::from_uuid(member))?,
        };
        newest_first(op, &asked, tokens, |token| (token.created_at, token.id.uuid()))
    });
    Ok(page(paged.await?, to_wire))
}

/// Makes a token of one's own. Its secret is in this answer and nowhere else: the same request sent
/// again is 409 `token.shown_once`.
#[utoipa::path(post, path = "/workspaces/{workspace}/tokens", operation_id = "createToken",
    tag = "tokens",
    params(("workspace" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewApiToken,
    responses((status = 201, body = CreatedApiToken), (status = "default", body = Problem)))]
async fn create(
    State(server): State<Server>,
    caller: Caller,
    making: Making,
    RequestOrigin(origin): RequestOrigin,
    JsonBody(body): JsonBody<NewApiToken>,
) -> Result<Response, ApiError> {
    let created = server.app.make_token(caller.actor, caller.workspace, &origin, move |op| {
        let (id, mac) = making.identify(op, "createToken", body.id, &body)?;
        Ok(CreateToken {
            id,
            name: app::input::name("name", &body.name)?,
            scope: app::input::choice::<Scope>("scope", &body.scope)?,
            expires_in_days: body.expires_in_days,
            networks: app::input::networks("networks", &body.networks.join("\n"))?,
            body: mac,
        })
    });
    let created = created.await.map_err(|error| ApiError::new(error, caller.request))?;
    let place = format!("/api/v1/workspaces/{}/tokens/{}", caller.workspace, created.token.id);
    let headers = [(header::LOCATION, place)];
    Ok((StatusCode::CREATED, headers, Json(created_to_wire(created))).into_response())
}

fn created_to_wire(created: CreatedToken) -> CreatedApiToken {
    let (token, secret) = (created.token, created.secret);
    CreatedApiToken {
        id: token.id.uuid(),
        name: token.name,
        scope: token.scope.as_str().to_owned(),
        created_at: token.created_at,
        expires_at: token.expires_at,
        networks: token.networks.iter().map(ToString::to_string).collect(),
        token: secret.expose().clone(),
    }
}

/// A token that is not revoked, without its secret: one's own, or for an admin anybody's.
#[utoipa::path(get, path = "/workspaces/{workspace}/tokens/{id}", operation_id = "getToken",
    tag = "tokens", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = ApiToken), (status = "default", body = Problem)))]
async fn get(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Json<ApiToken>, ApiError> {
    let token = caller.read(&server, move |op| get_token(op, TokenId::from_uuid(id))).await?;
    Ok(Json(to_wire(token)))
}

/// Revokes a token: it opens nothing from the next request on.
#[utoipa::path(delete, path = "/workspaces/{workspace}/tokens/{id}", operation_id = "revokeToken",
    tag = "tokens", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn revoke(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    caller.write(&server, move |op| revoke_token(op, TokenId::from_uuid(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}
