//! Projects as their pages show them.

use std::collections::HashMap;

use app::{
    Error, Names, Op,
    names::{Member, Project, Task},
    project::list_project_members,
    task::list_tasks,
};
use domain::{
    ids::ProjectId,
    permission::{Relation, Right},
    preference::Hue,
};

use super::view::{
    ProjectForm, ProjectGroup, ProjectMemberRow, ProjectMembers, ProjectPage, ProjectRow,
    ProjectsPage,
};
use crate::{
    page::{Field, HueChoice, Select, initials},
    report::present::hue,
    task::view::TaskRow,
    web::{Refused, Typed, hue_of_member},
};

/// Everything below the frame of the list.
pub(super) fn list(op: &mut Op) -> Result<ProjectsPage, Error> {
    let names = op.names()?;
    let mut tasks: HashMap<ProjectId, usize> = HashMap::new();
    for task in names.tasks.values().filter(|task| task.deleted_at.is_none()) {
        *tasks.entry(task.project).or_default() += 1;
    }
    let projects = names.visible_projects(op);
    let (live, archived): (Vec<&Project>, Vec<&Project>) =
        projects.into_iter().partition(|project| project.archived_at.is_none());
    let me = op.me().member;
    let counted = |project: &Project| {
        let count = tasks.get(&project.id).copied();
        count.filter(|_| op.may(Right::ReadTasks, project.relation(me)))
    };
    let row = |project: &Project| row(op, &names, project, counted(project));
    let (unpaid, paid): (Vec<&Project>, Vec<&Project>) =
        live.into_iter().partition(|project| project.client.is_none());
    let mut groups: Vec<ProjectGroup> = Vec::new();
    for project in paid.into_iter().chain(unpaid) {
        let client = client_name(&names, project);
        match groups.last_mut().filter(|group| group.client == client) {
            Some(group) => group.projects.push(row(project)),
            None => groups.push(ProjectGroup { client, projects: vec![row(project)] }),
        }
    }
    Ok(ProjectsPage {
        groups,
        archived: archived.into_iter().map(row).collect(),
        add: op.may(Right::ManageProjects, Relation::Workspace).then(|| new_form(op, &names)),
        ..ProjectsPage::default()
    })
}

fn client_name(names: &Names, project: &Project) -> String {
    let client = project.client.and_then(|id| names.clients.get(&id));
    client.map_or_else(|| "No client".to_owned(), |client| client.name.clone())
}

fn row(op: &Op, names: &Names, project: &Project, tasks: Option<usize>) -> ProjectRow {
    let tasks = match tasks {
        None | Some(0) => None,
        Some(1) => Some("1 task".to_owned()),
        Some(many) => Some(format!("{many} tasks")),
    };
    let remark: Vec<String> = tasks.into_iter().chain(managers(op, names, project)).collect();
    ProjectRow {
        id: project.id.to_string(),
        name: project.name.clone(),
        hue: hue(project.hue),
        remark: remark.join(" · "),
        is_billable: project.is_billable,
        is_closed: !project.is_open,
    }
}

/// `Ann and Ben manage it`, for those who may see who is on it.
fn managers(op: &Op, names: &Names, project: &Project) -> Option<String> {
    if !op.may(Right::ReadProjectMembers, project.relation(op.me().member)) {
        return None;
    }
    let mut managers: Vec<&str> = project
        .members
        .iter()
        .filter(|(_, is_manager)| **is_manager)
        .filter_map(|(id, _)| names.members.get(id))
        .filter(|member| member.removed_at.is_none())
        .map(|member| member.name.as_str())
        .collect();
    managers.sort_unstable();
    match managers.as_slice() {
        [] => None,
        [one] => Some(format!("{one} manages it")),
        [first @ .., last] => Some(format!("{} and {last} manage it", first.join(", "))),
    }
}

/// An empty form.
fn new_form(op: &Op, names: &Names) -> ProjectForm {
    let existing = u64::try_from(names.projects.len()).unwrap_or(0);
    ProjectForm {
        clients: clients(op, names, ""),
        hue: HueChoice(Hue::for_nth(existing).get()),
        is_billable: true,
        is_open: true,
        ..ProjectForm::default()
    }
}

fn form_of(op: &Op, names: &Names, project: &Project) -> ProjectForm {
    let client = project.client.map(|id| id.to_string()).unwrap_or_default();
    ProjectForm {
        version: project.version.to_string(),
        error: String::new(),
        name: Field::new(project.name.clone()),
        clients: clients(op, names, &client),
        hue: HueChoice(hue(project.hue)),
        is_billable: project.is_billable,
        is_open: project.is_open,
    }
}

/// Clients that can get projects, and the one it has.
fn clients(op: &Op, names: &Names, chosen: &str) -> Select {
    if !op.may(Right::ReadClients, Relation::Workspace) {
        return Select::default();
    }
    let live = names.clients.values().filter(|client| client.deleted_at.is_none());
    let mut clients: Vec<(String, String)> = live
        .filter(|client| client.archived_at.is_none() || client.id.to_string() == chosen)
        .map(|client| (client.id.to_string(), client.name.clone()))
        .collect();
    clients.sort_by_cached_key(|(_, name)| domain::text::fold(name));
    Select::of(clients, chosen)
}

/// The form as it was typed, with its sentences.
pub(super) fn refuse(form: ProjectForm, refused: &Refused) -> ProjectForm {
    let typed = refused.typed();
    let mut clients = form.clients;
    refused.choose(&mut clients, "client");
    clients.error = refused.error("client_id");
    ProjectForm {
        version: form.version,
        error: [refused.whole(), refused.error("hue")].concat(),
        name: refused.field("name"),
        clients,
        hue: typed_hue(typed),
        is_billable: typed.is_ticked("billable"),
        is_open: typed.is_ticked("open"),
    }
}

pub(super) fn typed_hue(typed: &Typed) -> HueChoice {
    HueChoice(typed.get("hue").parse().unwrap_or(0))
}

/// Everything below the frame of one project.
pub(super) fn one(op: &mut Op, id: ProjectId) -> Result<ProjectPage, Error> {
    let names = op.names()?;
    let project = names.visible_project(op, id)?;
    let relation = project.relation(op.me().member);
    let client = project.client.and_then(|id| names.clients.get(&id));
    let form = op.may(Right::ManageProjects, relation).then(|| form_of(op, &names, project));
    Ok(ProjectPage {
        sees_time: op.may(Right::ReadTime, relation),
        id: id.to_string(),
        name: project.name.clone(),
        client: client.map(|client| client.name.clone()).unwrap_or_default(),
        hue: hue(project.hue),
        is_archived: project.archived_at.is_some(),
        form,
        tasks: tasks(op, id, relation)?,
        can_edit_tasks: op.may(Right::ManageTasks, relation),
        members: members(op, &names, project)?,
        ..ProjectPage::default()
    })
}

/// Its tasks, for those who may see them.
fn tasks(op: &mut Op, id: ProjectId, relation: Relation) -> Result<Option<Vec<TaskRow>>, Error> {
    if !op.may(Right::ReadTasks, relation) {
        return Ok(None);
    }
    let (live, archived): (Vec<Task>, Vec<Task>) =
        list_tasks(op, Some(id))?.into_iter().partition(|task| task.archived_at.is_none());
    Ok(Some(live.into_iter().chain(archived).map(task_row).collect()))
}

fn task_row(task: Task) -> TaskRow {
    TaskRow {
        id: task.id.to_string(),
        name: Field::new(task.name),
        version: task.version.to_string(),
        is_archived: task.archived_at.is_some(),
        is_open: false,
    }
}

/// Who is on it, for those who may see that.
fn members(op: &mut Op, names: &Names, project: &Project) -> Result<Option<ProjectMembers>, Error> {
    let relation = project.relation(op.me().member);
    if !op.may(Right::ReadProjectMembers, relation) {
        return Ok(None);
    }
    let can_edit = op.may(Right::ManageProjectMembers, relation);
    let on_it = list_project_members(op, project.id)?;
    let rows = on_it.iter().filter_map(|place| {
        let member = names.members.get(&place.member)?;
        Some(member_row(names, member, place.is_manager))
    });
    let others = names.members.values().filter(|member| {
        let is_on_it = on_it.iter().any(|place| place.member == member.id);
        can_edit && member.removed_at.is_none() && !is_on_it
    });
    let mut others: Vec<(String, String)> =
        others.map(|member| (member.id.to_string(), member.name.clone())).collect();
    others.sort_by_cached_key(|(_, name)| domain::text::fold(name));
    let members = rows.collect();
    let others = Select::of(others, "");
    Ok(Some(ProjectMembers { members, others, can_edit, ..ProjectMembers::default() }))
}

fn member_row(names: &Names, member: &Member, is_manager: bool) -> ProjectMemberRow {
    ProjectMemberRow {
        id: member.id.to_string(),
        name: member.name.clone(),
        initials: initials(&member.name),
        hue: hue_of_member(member.id.uuid()),
        is_manager,
        can_manage: names.standing(member.assignment()).can_manage_projects(),
    }
}
