//! Teams in the API, and who is in them.

use app::{
    ChangeNamed,
    input::optional,
    names::Team as Row,
    paging::by_name,
    team::{
        TeamMember as Place, add_team, change_team, delete_team, get_team, list_team_members,
        list_teams, put_team_member, remove_team_member,
    },
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::ids::{MemberId, TeamId};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use wire::{
    page::Page,
    problem::Problem,
    team::{ChangeTeam, NewTeam, PutTeamMember, Team, TeamMember},
};

use crate::{
    api::page,
    error::ApiError,
    extract::{Caller, IfMatch, JsonBody, Made, Making, PageQuery, Paging, PathIds, versioned},
    state::Server,
};

/// Routes of teams.
pub fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
        .routes(routes!(list_members))
        .routes(routes!(put_member, remove_member))
}

/// A team on the wire.
fn to_wire(row: Row) -> Team {
    Team {
        id: row.id.uuid(),
        archived: row.archived_at.is_some(),
        version: row.version,
        name: row.name,
    }
}

/// Teams, by name; archived ones too.
#[utoipa::path(get, path = "/workspaces/{workspace}/teams", operation_id = "listTeams",
    tag = "teams", params(("workspace" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Team>), (status = "default", body = Problem)))]
async fn list(
    State(server): State<Server>,
    caller: Caller,
    Paging(asked): Paging,
) -> Result<Json<Page<Team>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let rows = list_teams(op)?;
        by_name(op, &asked, rows, |row| (row.name.as_str(), row.id))
    });
    Ok(page(paged.await?, to_wire))
}

/// Makes a team.
#[utoipa::path(post, path = "/workspaces/{workspace}/teams", operation_id = "createTeam",
    tag = "teams",
    params(("workspace" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewTeam,
    responses((status = 201, body = Team), (status = 200, body = Team),
              (status = "default", body = Problem)))]
async fn create(
    State(server): State<Server>,
    caller: Caller,
    making: Making,
    JsonBody(body): JsonBody<NewTeam>,
) -> Result<Made<Team>, ApiError> {
    let added = caller
        .write(&server, move |op| {
            let (id, mac) = making.identify(op, "createTeam", body.id, &body)?;
            let name = app::input::name("name", &body.name)?;
            add_team(op, id, &name, mac)
        })
        .await?;
    Ok(Made::from_added(added, to_wire, |row| {
        (format!("/api/v1/workspaces/{}/teams/{}", caller.workspace, row.id), row.version)
    }))
}

/// A team.
#[utoipa::path(get, path = "/workspaces/{workspace}/teams/{id}", operation_id = "getTeam",
    tag = "teams", params(("workspace" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Team), (status = "default", body = Problem)))]
async fn get(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let row = caller.read(&server, move |op| get_team(op, TeamId::from_uuid(id))).await?;
    Ok(answer(row))
}

/// Changes a team; with If-Match, only as it was read.
#[utoipa::path(patch, path = "/workspaces/{workspace}/teams/{id}", operation_id = "changeTeam",
    tag = "teams",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = ChangeTeam,
    responses((status = 200, body = Team), (status = "default", body = Problem)))]
async fn change(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
    JsonBody(body): JsonBody<ChangeTeam>,
) -> Result<Response, ApiError> {
    let row = caller
        .write(&server, move |op| {
            let change = ChangeNamed {
                name: optional(app::input::name, "name", body.name.as_deref())?,
                archived: body.archived,
                expected_version,
            };
            change_team(op, TeamId::from_uuid(id), change)
        })
        .await?;
    Ok(answer(row))
}

/// Deletes a team for good; time and people stay.
#[utoipa::path(delete, path = "/workspaces/{workspace}/teams/{id}", operation_id = "deleteTeam",
    tag = "teams",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn delete(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    IfMatch(expected_version): IfMatch,
) -> Result<StatusCode, ApiError> {
    caller
        .write(&server, move |op| delete_team(op, TeamId::from_uuid(id), expected_version))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is in a team, by name; without those who have left.
#[utoipa::path(get, path = "/workspaces/{workspace}/teams/{id}/members", operation_id = "listTeamMembers",
    tag = "teams", params(("workspace" = Uuid, Path), ("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<TeamMember>), (status = "default", body = Problem)))]
async fn list_members(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id)): PathIds<(Uuid, Uuid)>,
    Paging(asked): Paging,
) -> Result<Json<Page<TeamMember>>, ApiError> {
    let paged = caller.read(&server, move |op| {
        let places = list_team_members(op, TeamId::from_uuid(id))?;
        let names = op.names()?;
        let name = |place: &Place| {
            names.members.get(&place.member).map_or_else(String::new, |member| member.name.clone())
        };
        let named: Vec<_> = places.into_iter().map(|place| (name(&place), place)).collect();
        by_name(op, &asked, named, |(name, place)| (name.as_str(), place.member))
    });
    Ok(page(paged.await?, |(_, place)| place_to_wire(place)))
}

/// Puts a member in a team, or changes their place.
#[utoipa::path(put, path = "/workspaces/{workspace}/teams/{id}/members/{member}", operation_id = "putTeamMember",
    tag = "teams",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("member" = Uuid, Path)),
    request_body = PutTeamMember,
    responses((status = 200, body = TeamMember), (status = "default", body = Problem)))]
async fn put_member(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id, member)): PathIds<(Uuid, Uuid, Uuid)>,
    JsonBody(body): JsonBody<PutTeamMember>,
) -> Result<Json<TeamMember>, ApiError> {
    let place = caller
        .write(&server, move |op| {
            let (team, member) = (TeamId::from_uuid(id), MemberId::from_uuid(member));
            put_team_member(op, team, member, body.manager)
        })
        .await?;
    Ok(Json(place_to_wire(place)))
}

/// Takes a member out of a team.
#[utoipa::path(delete, path = "/workspaces/{workspace}/teams/{id}/members/{member}", operation_id = "removeTeamMember",
    tag = "teams",
    params(("workspace" = Uuid, Path), ("id" = Uuid, Path), ("member" = Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove_member(
    State(server): State<Server>,
    caller: Caller,
    PathIds((_, id, member)): PathIds<(Uuid, Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    caller
        .write(&server, move |op| {
            let (team, member) = (TeamId::from_uuid(id), MemberId::from_uuid(member));
            remove_team_member(op, team, member)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn place_to_wire(place: Place) -> TeamMember {
    TeamMember { member_id: place.member.uuid(), manager: place.is_manager }
}

fn answer(row: Row) -> Response {
    versioned(row.version, to_wire(row))
}
