//! Names of a line that are not known here: what could be made of them, and by whom.
//!
//! Nothing is made unless the line's sender was told what, and agreed.

use domain::{
    ids::{ClientId, ProjectId, TaskId},
    lookup::{For, Missing, NamedProject, find_missing, which_project},
    permission::{Relation, Right},
};

use crate::{
    Error, Names, Op, Refusal,
    client::add_client,
    input,
    names::fold,
    project::{AddProject, add_project},
    task::add_task,
};

/// What is missing for a path, with the ids of what is there.
type MissingHere<'a> = Missing<'a, ClientId, ProjectId>;

/// Projects that the asking member sees and that take time.
pub(super) fn known_projects<'a>(op: &Op, names: &'a Names) -> Vec<NamedProject<'a, ProjectId>> {
    let visible = names.visible_projects(op);
    let live = visible.into_iter().filter(|project| project.is_live());
    live.map(|project| {
        let client = project.client.and_then(|id| names.clients.get(&id));
        let client = client.map(|client| client.name.as_str());
        NamedProject { id: project.id, client, name: &project.name }
    })
    .collect()
}

/// What could be made by the asking member of a path and of tags that are not known, in words;
/// nothing where one of them could not.
pub(super) fn offer(
    op: &Op,
    names: &Names,
    path: Option<&[String]>,
    tags: &[&str],
) -> Option<String> {
    let mut offers = Vec::new();
    if let Some(path) = path {
        let missing = find(op, names, path)?;
        let is_taken = archived(op, names, path).is_some();
        if is_taken || !may_make(op, names, missing) || !are_names(missing) {
            return None;
        }
        offers.push(words(names, missing));
    }
    let is_new = |tag: &&str| is_name(tag) && !is_archived_tag(names, tag);
    if !tags.is_empty() {
        if !op.may(Right::CreateTag, Relation::Workspace) || !tags.iter().all(is_new) {
            return None;
        }
        let quoted: Vec<_> = tags.iter().map(|tag| format!("“{tag}”")).collect();
        let what = if tags.len() == 1 { "the tag" } else { "the tags" };
        offers.push(format!("{what} {}", quoted.join(", ")));
    }
    Some(offers.join(" and ")).filter(|offer| !offer.is_empty())
}

/// Makes what is missing for a path, where that was agreed to.
///
/// Errors: [`Error::Invalid`] for `text` where it was not, or where the path can be read in several
/// ways; [`Refusal::ProjectArchived`]; [`Refusal::TaskArchived`]; those of making it.
pub(super) fn make_target(
    op: &mut Op,
    names: &Names,
    path: &[String],
    is_agreed: bool,
) -> Result<(Option<ProjectId>, Option<TaskId>), Error> {
    if let Some(refusal) = archived(op, names, path) {
        return Err(refusal.into());
    }
    match find(op, names, path) {
        Some(missing) if is_agreed => make(op, missing),
        missing => Err(unknown(op, names, path, missing)),
    }
}

/// Why a path that names something archived means nothing.
pub(super) fn archived(op: &Op, names: &Names, path: &[String]) -> Option<Refusal> {
    match find(op, names, path)? {
        Missing::Project { client, name, task } => {
            // In front of one name, what is no client that is there may be a project.
            let (client, name) = match (client, task) {
                (For::Nobody, _) => (Some(None), name),
                (For::Known(client), _) => (Some(Some(client)), name),
                (For::New(project), None) => (None, project),
                (For::New(_), Some(_)) => return None,
            };
            let is_it = |project: &&crate::names::Project| {
                project.archived_at.is_some()
                    && client.is_none_or(|client| project.client == client)
                    && fold(&project.name) == fold(name)
            };
            let found = names.visible_projects(op).into_iter().find(is_it)?;
            Some(Refusal::ProjectArchived(found.id))
        }
        Missing::Task { project, name } => {
            let found = names.tasks.values().find(|task| {
                task.project == project
                    && task.deleted_at.is_none()
                    && task.archived_at.is_some()
                    && fold(&task.name) == fold(name)
            })?;
            Some(Refusal::TaskArchived(found.id))
        }
    }
}

/// The question that a path deserves which is the name of a client only.
pub(super) fn which_of_client(op: &Op, names: &Names, path: &[String]) -> Option<String> {
    which_project(path, &known_projects(op, names))
}

/// Whether a tag of that name is archived.
pub(super) fn is_archived_tag(names: &Names, typed: &str) -> bool {
    let mut there = names.tags.values().filter(|tag| tag.deleted_at.is_none());
    there.any(|tag| tag.archived_at.is_some() && fold(&tag.name) == fold(typed))
}

fn find<'a>(op: &Op, names: &Names, path: &'a [String]) -> Option<MissingHere<'a>> {
    let there = names.clients.values().filter(|client| client.deleted_at.is_none());
    let clients: Vec<_> = there.map(|client| (client.id, client.name.as_str())).collect();
    find_missing(path, &clients, &known_projects(op, names))
}

fn may_make(op: &Op, names: &Names, missing: MissingHere<'_>) -> bool {
    match missing {
        Missing::Project { client, task, .. } => {
            op.may(Right::ManageProjects, Relation::Workspace)
                && (!matches!(client, For::New(_))
                    || op.may(Right::ManageClients, Relation::Workspace))
                && (task.is_none() || op.may(Right::ManageTasks, Relation::BookableProject))
        }
        Missing::Task { project, .. } => names
            .projects
            .get(&project)
            .is_some_and(|project| op.may(Right::ManageTasks, project.relation(op.me().member))),
    }
}

/// Whether its names can be given.
fn are_names(missing: MissingHere<'_>) -> bool {
    match missing {
        Missing::Project { client, name, task } => {
            let client = match client {
                For::New(name) => Some(name),
                For::Nobody | For::Known(_) => None,
            };
            let path = [client, Some(name), task];
            path.into_iter().flatten().all(is_name)
        }
        Missing::Task { name, .. } => is_name(name),
    }
}

fn is_name(text: &str) -> bool {
    input::name("text", text).is_ok()
}

/// `the project “Planning” (new client “Northwind”)`
fn words(names: &Names, missing: MissingHere<'_>) -> String {
    match missing {
        Missing::Project { client, name, task } => {
            let client = match client {
                For::Nobody => String::new(),
                For::New(name) => format!(" (new client “{name}”)"),
                For::Known(id) => names
                    .clients
                    .get(&id)
                    .map(|client| format!(" (client “{}”)", client.name))
                    .unwrap_or_default(),
            };
            let task = task.map(|task| format!(" with the task “{task}”")).unwrap_or_default();
            format!("the project “{name}”{client}{task}")
        }
        Missing::Task { project, name } => {
            format!("the task “{name}” ({})", label(names, project))
        }
    }
}

fn label(names: &Names, project: ProjectId) -> String {
    let project = names.projects.get(&project);
    project.map(|project| names.project_label(project)).unwrap_or_default()
}

fn make(
    op: &mut Op,
    missing: MissingHere<'_>,
) -> Result<(Option<ProjectId>, Option<TaskId>), Error> {
    let (project, task) = match missing {
        Missing::Task { project, name } => (project, Some(name)),
        Missing::Project { client, name, task } => {
            let client = match client {
                For::Nobody => None,
                For::Known(client) => Some(client),
                For::New(name) => {
                    let name = input::name("text", name)?;
                    Some(add_client(op, None, &name, None)?.into_inner().id)
                }
            };
            let name = input::name("text", name)?;
            let (id, hue, billable, open, body) = (None, None, None, None, None);
            let command = AddProject { id, client, name, hue, billable, open, body };
            (add_project(op, command)?.into_inner().id, task)
        }
    };
    let Some(task) = task else { return Ok((Some(project), None)) };
    let name = input::name("text", task)?;
    let task = add_task(op, None, project, &name, None)?.into_inner();
    Ok((Some(project), Some(task.id)))
}

fn unknown(op: &Op, names: &Names, path: &[String], missing: Option<MissingHere<'_>>) -> Error {
    let may = missing.is_none_or(|missing| may_make(op, names, missing));
    let told = |sentence: String, who: &str| {
        if may { sentence } else { format!("{sentence} {who}") }
    };
    match missing {
        Some(Missing::Task { project, name }) => {
            let sentence = format!("There is no task “{name}” in {}.", label(names, project));
            let sentence = told(sentence, "Who manages the project can make it.");
            Error::invalid("text", "unknown_task", sentence)
        }
        _ => {
            let sentence = which_of_client(op, names, path).unwrap_or_else(|| {
                let path = path.join("/");
                let sentence = format!("There is no project @{path} that you can book on.");
                told(sentence, "An admin can make it.")
            });
            Error::invalid("text", "unknown_project", sentence)
        }
    }
}
