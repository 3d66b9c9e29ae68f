//! Reads the small tables of a workspace and opens their names.

use std::collections::HashMap;

use domain::{
    ids::{ClientId, MemberId, ProjectId, RoleId, TagId, TaskId, TeamId},
    permission::Grants,
};
use store::Statement;

use super::{Client, Member, Names, OwnRole, Project, Tag, Task, Team};
use crate::{
    Error, Op, field,
    op::{instant, instant_or_none, key, word},
};

impl Names {
    /// Reads and opens the small tables.
    pub(crate) fn load(op: &mut Op) -> Result<Self, Error> {
        let settings = op.settings();
        let workspace = op.open(
            field::WORKSPACE_NAME,
            op.workspace(),
            settings.sealed_rev,
            &settings.name_sealed,
        )?;
        let members = members(op)?;
        Ok(Self {
            workspace,
            clients: clients(op)?,
            projects: projects(op, &members)?,
            tasks: tasks(op)?,
            tags: tags(op)?,
            members,
            roles: roles(op)?,
            teams: teams(op)?,
        })
    }
}

fn clients(op: &mut Op) -> Result<HashMap<ClientId, Client>, Error> {
    let rows = op.query(&LIST_CLIENTS, &[])?;
    rows.iter()
        .map(|row| {
            let (id, sealed_rev) = (row.get(0)?, row.get(2)?);
            let name = op.open(field::CLIENT_NAME, id, sealed_rev, &row.get::<Vec<u8>>(1)?)?;
            let client = Client {
                id,
                name,
                archived_at: instant_or_none(row, 3)?,
                deleted_at: instant_or_none(row, 4)?,
                version: row.get(5)?,
                sealed_rev,
            };
            Ok((id, client))
        })
        .collect()
}

fn projects(
    op: &mut Op,
    members: &HashMap<MemberId, Member>,
) -> Result<HashMap<ProjectId, Project>, Error> {
    let mut guests: HashMap<ClientId, Vec<MemberId>> = HashMap::new();
    for member in members.values() {
        if let Some(client) = member.client {
            guests.entry(client).or_default().push(member.id);
        }
    }
    let mut places: HashMap<ProjectId, HashMap<MemberId, bool>> = HashMap::new();
    for row in op.query(&LIST_PROJECT_MEMBERS, &[])? {
        places.entry(row.get(0)?).or_default().insert(row.get(1)?, row.get(2)?);
    }
    let rows = op.query(&LIST_PROJECTS, &[])?;
    rows.iter()
        .map(|row| {
            let (id, sealed_rev) = (row.get(0)?, row.get(2)?);
            let name = op.open(field::PROJECT_NAME, id, sealed_rev, &row.get::<Vec<u8>>(1)?)?;
            let client: Option<ClientId> = row.get(6)?;
            let project = Project {
                id,
                name,
                guests: client.and_then(|id| guests.get(&id).cloned()).unwrap_or_default(),
                archived_at: instant_or_none(row, 3)?,
                deleted_at: instant_or_none(row, 4)?,
                version: row.get(5)?,
                client,
                hue: row.get(7)?,
                is_billable: row.get(8)?,
                is_open: row.get(9)?,
                members: places.remove(&id).unwrap_or_default(),
                sealed_rev,
            };
            Ok((id, project))
        })
        .collect()
}

fn tasks(op: &mut Op) -> Result<HashMap<TaskId, Task>, Error> {
    let rows = op.query(&LIST_TASKS, &[])?;
    rows.iter()
        .map(|row| {
            let (id, sealed_rev) = (row.get(0)?, row.get(2)?);
            let name = op.open(field::TASK_NAME, id, sealed_rev, &row.get::<Vec<u8>>(1)?)?;
            let task = Task {
                id,
                name,
                archived_at: instant_or_none(row, 3)?,
                deleted_at: instant_or_none(row, 4)?,
                version: row.get(5)?,
                project: row.get(6)?,
                sealed_rev,
            };
            Ok((id, task))
        })
        .collect()
}

fn tags(op: &mut Op) -> Result<HashMap<TagId, Tag>, Error> {
    let rows = op.query(&LIST_TAGS, &[])?;
    rows.iter()
        .map(|row| {
            let (id, sealed_rev) = (row.get(0)?, row.get(2)?);
            let name = op.open(field::TAG_NAME, id, sealed_rev, &row.get::<Vec<u8>>(1)?)?;
            let tag = Tag {
                id,
                name,
                archived_at: instant_or_none(row, 3)?,
                deleted_at: instant_or_none(row, 4)?,
                version: row.get(5)?,
                sealed_rev,
            };
            Ok((id, tag))
        })
        .collect()
}

fn members(op: &mut Op) -> Result<HashMap<MemberId, Member>, Error> {
    let rows = op.query(&LIST_MEMBERS, &[])?;
    rows.iter()
        .map(|row| {
            let (id, sealed_rev) = (row.get(0)?, row.get(3)?);
            let name = op.open(field::MEMBER_NAME, id, sealed_rev, &row.get::<Vec<u8>>(1)?)?;
            let address =
                op.open(field::MEMBER_ADDRESS, id, sealed_rev, &row.get::<Vec<u8>>(2)?)?;
            let member = Member {
                id,
                name,
                address,
                user: row.get(4)?,
                role: word(row, 5)?,
                own_role: row.get(10)?,
                client: row.get(11)?,
                key: key(row.get(6)?)?,
                joined_at: instant(row, 7)?,
                removed_at: instant_or_none(row, 8)?,
                version: row.get(9)?,
                sealed_rev,
            };
            Ok((id, member))
        })
        .collect()
}

fn roles(op: &mut Op) -> Result<HashMap<RoleId, OwnRole>, Error> {
    let rows = op.query(&LIST_ROLES, &[])?;
    rows.iter()
        .map(|row| {
            let (id, sealed_rev) = (row.get(0)?, row.get(2)?);
            let name = op.open(field::ROLE_NAME, id, sealed_rev, &row.get::<Vec<u8>>(1)?)?;
            let role = OwnRole {
                id,
                name,
                grants: Grants::from_bits(row.get(3)?),
                deleted_at: instant_or_none(row, 4)?,
                version: row.get(5)?,
                sealed_rev,
            };
            Ok((id, role))
        })
        .collect()
}

fn teams(op: &mut Op) -> Result<HashMap<TeamId, Team>, Error> {
    let mut places: HashMap<TeamId, HashMap<MemberId, bool>> = HashMap::new();
    for row in op.query(&LIST_TEAM_MEMBERS, &[])? {
        places.entry(row.get(0)?).or_default().insert(row.get(1)?, row.get(2)?);
    }
    let rows = op.query(&LIST_TEAMS, &[])?;
    rows.iter()
        .map(|row| {
            let (id, sealed_rev) = (row.get(0)?, row.get(2)?);
            let name = op.open(field::TEAM_NAME, id, sealed_rev, &row.get::<Vec<u8>>(1)?)?;
            let team = Team {
                id,
                name,
                archived_at: instant_or_none(row, 3)?,
                version: row.get(4)?,
                members: places.remove(&id).unwrap_or_default(),
                sealed_rev,
            };
            Ok((id, team))
        })
        .collect()
}

const LIST_CLIENTS: Statement = Statement::new(
    "names.list_clients",
    "SELECT id, name_sealed, sealed_rev, archived_at, deleted_at, version FROM clients",
);

const LIST_PROJECTS: Statement = Statement::new(
    "names.list_projects",
    "SELECT id, name_sealed, sealed_rev, archived_at, deleted_at, version, client_id, hue,
            is_billable, is_open
     FROM projects",
);

const LIST_PROJECT_MEMBERS: Statement = Statement::new(
    "names.list_project_members",
    "SELECT project_id, member_id, is_manager FROM project_members",
);

const LIST_TASKS: Statement = Statement::new(
    "names.list_tasks",
    "SELECT id, name_sealed, sealed_rev, archived_at, deleted_at, version, project_id FROM tasks",
);

const LIST_TAGS: Statement = Statement::new(
    "names.list_tags",
    "SELECT id, name_sealed, sealed_rev, archived_at, deleted_at, version FROM tags",
);

const LIST_MEMBERS: Statement = Statement::new(
    "names.list_members",
    "SELECT id, name_sealed, address_sealed, sealed_rev, user_id, role, key_id, joined_at,
            removed_at, version, role_id, client_id
     FROM members",
);

const LIST_ROLES: Statement = Statement::new(
    "names.list_roles",
    "SELECT id, name_sealed, sealed_rev, rights, deleted_at, version FROM roles",
);

const LIST_TEAMS: Statement = Statement::new(
    "names.list_teams",
    "SELECT id, name_sealed, sealed_rev, archived_at, version FROM teams",
);

const LIST_TEAM_MEMBERS: Statement = Statement::new(
    "names.list_team_members",
    "SELECT team_id, member_id, is_manager FROM team_members",
);

/// All statements of this file.
pub(crate) const STATEMENTS: &[Statement] = &[
    LIST_CLIENTS,
    LIST_PROJECTS,
    LIST_PROJECT_MEMBERS,
    LIST_TASKS,
    LIST_TAGS,
    LIST_MEMBERS,
    LIST_ROLES,
    LIST_TEAMS,
    LIST_TEAM_MEMBERS,
];
