//! What happened to one thing: a project, a task, a team, a member …
//!
//! Whoever may not see a thing is told that it is not there; whoever sees it, and not what happened to it,
//! that they may not.

use domain::{
    ids::{ClientId, Id, MemberId, ProjectId, RoleId, TagId, TaskId, TeamId},
    permission::{Relation, Right},
};

use super::{HistoryEvent, in_words, list::is_shown};
use crate::{
    Error, Op,
    audit::{self, Kind},
    client::{get_client, relation_of_client},
    member::get_any_member,
    project::get_project,
    role::get_role,
    tag::get_tag,
    task::get_task,
    team::get_team,
};

/// What happened to a thing.
#[derive(Debug, Clone)]
pub struct ThingHistory {
    /// What it is called now.
    pub name: String,
    /// Oldest first.
    pub events: Vec<HistoryEvent>,
}

/// What happened to a project, who was put on it among it.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub fn project_history(op: &mut Op, id: ProjectId) -> Result<ThingHistory, Error> {
    let project = get_project(op, id)?;
    op.require(Right::ReadHistory, project.relation(op.me().member))?;
    let name = op.names()?.project_label(&project);
    read(op, "project", id, name)
}

/// What happened to a task.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub fn task_history(op: &mut Op, id: TaskId) -> Result<ThingHistory, Error> {
    let task = get_task(op, id)?;
    let relation = get_project(op, task.project)?.relation(op.me().member);
    op.require(Right::ReadHistory, relation)?;
    read(op, "task", id, task.name)
}

/// What happened to a client.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub fn client_history(op: &mut Op, id: ClientId) -> Result<ThingHistory, Error> {
    let client = get_client(op, id)?;
    let relation = relation_of_client(op, id)?;
    op.require(Right::ReadHistory, relation)?;
    read(op, "client", id, client.name)
}

/// What happened to a tag.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub fn tag_history(op: &mut Op, id: TagId) -> Result<ThingHistory, Error> {
    let tag = get_tag(op, id)?;
    op.require(Right::ReadHistory, Relation::Workspace)?;
    read(op, "tag", id, tag.name)
}

/// What happened to a team, who was put into it among it.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`].
pub fn team_history(op: &mut Op, id: TeamId) -> Result<ThingHistory, Error> {
    let team = get_team(op, id)?;
    op.require(Right::ReadHistory, Relation::Workspace)?;
    read(op, "team", id, team.name)
}

/// What happened to a role of the workspace's own.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub fn role_history(op: &mut Op, id: RoleId) -> Result<ThingHistory, Error> {
    let role = get_role(op, id)?;
    op.require(Right::ReadHistory, Relation::Workspace)?;
    read(op, "role", id, role.name)
}

/// What happened to a membership: when it began and ended, its role, its profile. One's own may be read by
/// everybody of the house; acts of the account, such as sign-ins, by oneself and who reads the record.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub fn member_history(op: &mut Op, id: MemberId) -> Result<ThingHistory, Error> {
    let member = get_any_member(op, id)?;
    let relation = op.names()?.relation_of_members(op.me().member, id);
    op.require(Right::ReadHistory, relation)?;
    let mut history = read(op, "member", id, member.name)?;
    if relation != Relation::Own && !op.may(Right::ReadRecord, Relation::Workspace) {
        history.events.retain(|event| event.kind != Kind::DirectoryAct);
    }
    Ok(history)
}

/// What happened to the settings of the workspace, and to how people sign in.
///
/// Errors: [`Error::Forbidden`].
pub fn settings_history(op: &mut Op) -> Result<ThingHistory, Error> {
    op.require(Right::ReadRecord, Relation::Workspace)?;
    let name = op.names()?.workspace.clone();
    let workspace = op.workspace();
    read(op, "workspace", workspace, name)
}

fn read(op: &mut Op, kind: &'static str, id: impl Id, name: String) -> Result<ThingHistory, Error> {
    let mut recorded = audit::history(op, kind, id)?;
    recorded.retain(|event| is_shown(op, event.kind));
    let zone = op.me().zone.clone();
    Ok(ThingHistory { name, events: in_words(op, recorded, &zone)? })
}
