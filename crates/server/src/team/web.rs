//! The pages of teams: the list, and one with its people.

use app::{
    ChangeNamed, Error, Op,
    names::Team,
    team::{
        add_team, change_team, delete_team, get_team, list_team_members, list_teams,
        put_team_member, remove_team_member,
    },
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::{
    ids::{MemberId, TeamId},
    permission::{Relation, Right},
};

use super::view::{TeamMemberRow, TeamPage, TeamRow, TeamsPage};
use crate::{
    page::{Field, Place, Select, initials},
    state::Server,
    web::{Flash, Frame, PageResult, Refused, SignedIn, Typed, hue_of_member, page_with},
};

/// Routes of the pages of teams.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/teams", get(list).post(add))
        .route("/w/{workspace}/teams/{id}", get(one).post(save))
        .route("/w/{workspace}/teams/{id}/archive", post(archive))
        .route("/w/{workspace}/teams/{id}/restore", post(restore))
        .route("/w/{workspace}/teams/{id}/delete", post(delete))
        .route("/w/{workspace}/teams/{id}/members", post(put_member))
        .route("/w/{workspace}/teams/{id}/members/{member}/remove", post(remove_member))
}

type One = Path<(String, String)>;

async fn list(State(server): State<Server>, member: SignedIn) -> PageResult {
    show_list(&server, &member, None).await
}

async fn show_list(server: &Server, member: &SignedIn, refused: Option<Refused>) -> PageResult {
    let (frame, mut page) =
        member.read(server, |op| Ok((Frame::read(op)?, read_list(op)?))).await?;
    let mut status = StatusCode::OK;
    if let Some(refused) = refused {
        status = refused.status;
        page.add = refused.only_field("name", "");
    }
    let layout = frame.layout(server, member, Place::Teams, "teams", "Teams").await?;
    Ok(page_with(status, &TeamsPage { layout, ..page }))
}

fn read_list(op: &mut Op) -> Result<TeamsPage, Error> {
    let mut teams = list_teams(op)?;
    teams.sort_by_key(|team| team.archived_at.is_some());
    let rows = teams.into_iter().map(|team| row(op, team));
    Ok(TeamsPage {
        teams: rows.collect::<Result<_, _>>()?,
        can_edit: op.may(Right::ManageTeams, Relation::Workspace),
        ..TeamsPage::default()
    })
}

fn row(op: &mut Op, team: Team) -> Result<TeamRow, Error> {
    let places = list_team_members(op, team.id)?;
    let names = op.names()?;
    let name = |id: &MemberId| names.members.get(id).map(|member| member.name.clone());
    let managers: Vec<String> = places
        .iter()
        .filter(|place| place.is_manager)
        .filter_map(|place| name(&place.member))
        .collect();
    let people = match places.len() {
        0 => "nobody in it yet".to_owned(),
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    };
    let remark = match managers.as_slice() {
        [] => people,
        managers => format!("{people} · managed by {}", managers.join(", ")),
    };
    let is_archived = team.archived_at.is_some();
    Ok(TeamRow { id: team.id.to_string(), name: team.name, remark, is_archived })
}

/// Which form on a team's page was refused.
enum Form {
    Name,
    AddMember,
}

async fn one(State(server): State<Server>, member: SignedIn, Path((_, id)): One) -> PageResult {
    let id = member.id(&id)?;
    show_one(&server, &member, id, None).await
}

async fn show_one(
    server: &Server,
    member: &SignedIn,
    id: TeamId,
    refused: Option<(Form, Refused)>,
) -> PageResult {
    let root = member.root();
    let (frame, mut page) =
        member.read(server, move |op| Ok((Frame::read(op)?, read_one(op, id, &root)?))).await?;
    let mut status = StatusCode::OK;
    match refused {
        None => {}
        Some((Form::Name, refused)) => {
            status = refused.status;
            page.name = refused.only_field("name", &page.title);
        }
        Some((Form::AddMember, refused)) => {
            status = refused.status;
            refused.choose(&mut page.others, "member");
            page.is_manager = refused.typed().is_ticked("manager");
            if page.others.error.is_empty() {
                page.error = refused.sentence();
            }
        }
    }
    let title = page.title.clone();
    let layout = frame.layout(server, member, Place::Teams, "team", &title).await?;
    Ok(page_with(status, &TeamPage { layout, ..page }))
}

fn read_one(op: &mut Op, id: TeamId, root: &str) -> Result<TeamPage, Error> {
    let team = get_team(op, id)?;
    let places = list_team_members(op, id)?;
    let names = op.names()?;
    let me = op.me().member;
    let can_edit = op.may(Right::ManageTeams, Relation::Workspace);
    let members = places.iter().filter_map(|place| {
        let member = names.members.get(&place.member)?;
        let relation = names.relation_of_members(me, member.id);
        let sees_time = member.id != me && op.may(Right::ReadTime, relation);
        let standing = names.standing(member.assignment());
        Some(TeamMemberRow {
            id: member.id.to_string(),
            name: member.name.clone(),
            initials: initials(&member.name),
            hue: hue_of_member(member.id.uuid()),
            is_manager: place.is_manager,
            can_manage: standing.can_manage_teams(),
            time_url: if sees_time {
                format!("{root}/time?member={}", member.id)
            } else {
                String::new()
            },
        })
    });
    let members = members.collect();
    let others = names.members.values().filter(|member| {
        let is_in_it = places.iter().any(|place| place.member == member.id);
        can_edit && member.removed_at.is_none() && !is_in_it
    });
    let mut others: Vec<(String, String)> =
        others.map(|member| (member.id.to_string(), member.name.clone())).collect();
    others.sort_by_cached_key(|(_, name)| domain::text::fold(name));
    Ok(TeamPage {
        id: id.to_string(),
        name: Field::new(team.name.clone()),
        title: team.name,
        version: team.version.to_string(),
        is_archived: team.archived_at.is_some(),
        can_edit,
        members,
        others: Select::of(others, ""),
        ..TeamPage::default()
    })
}

fn back(member: &SignedIn, id: TeamId, flash: Flash) -> Response {
    member.back(&format!("teams/{id}"), Some(flash))
}

async fn add(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let name = form.get("name").to_owned();
    let added = member
        .try_write(&server, move |op| {
            op.require(Right::ManageTeams, Relation::Workspace)?;
            add_team(op, None, &app::input::name("name", &name)?, None)
        })
        .await;
    match added {
        Ok(team) => Ok(back(&member, team.into_inner().id, Flash::Added)),
        Err(error) => {
            let refused = Refused::new(&member, form, error)?;
            show_list(&server, &member, Some(refused)).await
        }
    }
}

async fn save(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let typed = form.clone();
    let saved = member
        .try_write(&server, move |op| {
            require_managed(op, id)?;
            let name = Some(app::input::name("name", typed.get("name"))?);
            let change = ChangeNamed { name, archived: None, expected_version: typed.version() };
            change_team(op, id, change)
        })
        .await;
    match saved {
        Ok(_) => Ok(back(&member, id, Flash::Saved)),
        Err(error) => {
            let refused = Refused::new(&member, form, error)?;
            show_one(&server, &member, id, Some((Form::Name, refused))).await
        }
    }
}

async fn set_archived(
    server: &Server,
    member: &SignedIn,
    id: &str,
    is_archived: bool,
) -> PageResult {
    let id = member.id(id)?;
    let change = ChangeNamed { archived: Some(is_archived), ..ChangeNamed::default() };
    member.write(server, move |op| change_team(op, id, change.clone())).await?;
    Ok(back(member, id, if is_archived { Flash::Archived } else { Flash::Restored }))
}

async fn archive(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    set_archived(&server, &member, &id, true).await
}

async fn restore(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    set_archived(&server, &member, &id, false).await
}

async fn delete(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    member.write(&server, move |op| delete_team(op, id, None)).await?;
    Ok(member.back("teams", Some(Flash::Deleted)))
}

/// Asked before a form is read: what is wrong with it is told to those alone who may send it.
fn require_managed(op: &mut Op, id: TeamId) -> Result<(), Error> {
    get_team(op, id)?;
    op.require(Right::ManageTeams, Relation::Workspace)
}

/// Puts somebody in it, or changes whether they manage it.
async fn put_member(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: TeamId = member.id(&id)?;
    let is_manager = form.is_ticked("manager");
    let who = form.get("member").parse::<MemberId>();
    let put = member
        .try_write(&server, move |op| {
            require_managed(op, id)?;
            let who =
                who.as_ref().map_err(|_| Error::invalid("member", "empty", "Choose a person."))?;
            put_team_member(op, id, *who, is_manager)
        })
        .await;
    match put {
        Ok(_) => Ok(back(&member, id, Flash::Saved)),
        Err(error) => {
            let refused = Refused::new(&member, form, error)?;
            show_one(&server, &member, id, Some((Form::AddMember, refused))).await
        }
    }
}

async fn remove_member(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id, who)): Path<(String, String, String)>,
    _form: Typed,
) -> PageResult {
    let id: TeamId = member.id(&id)?;
    let who: MemberId = member.id(&who)?;
    member.write(&server, move |op| remove_team_member(op, id, who)).await?;
    Ok(back(&member, id, Flash::Saved))
}
