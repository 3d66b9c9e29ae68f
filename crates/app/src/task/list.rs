//! Look tasks up.

use domain::{
    ids::{ProjectId, TaskId},
    permission::Right,
};

use crate::{
    Error, Names, Op,
    names::{Task, fold},
};

/// Tasks that are not in the trash, of one project or of all the asking member may see, by name;
/// archived ones too.
///
/// Errors: [`Error::NotFound`] for a project that is not theirs to see; [`Error::Forbidden`] for one
/// whose tasks are not.
pub fn list_tasks(op: &mut Op, project: Option<ProjectId>) -> Result<Vec<Task>, Error> {
    let names = op.names()?;
    if let Some(project) = project {
        let relation = names.visible_project(op, project)?.relation(op.me().member);
        op.require(Right::ReadTasks, relation)?;
    }
    let mut tasks: Vec<Task> = names
        .tasks
        .values()
        .filter(|task| task.deleted_at.is_none())
        .filter(|task| project.is_none_or(|project| task.project == project))
        .filter(|task| is_visible(op, &names, task.project))
        .cloned()
        .collect();
    tasks.sort_by_cached_key(|task| (fold(&task.name), task.id));
    Ok(tasks)
}

/// Whether the asking member may see the tasks of a project.
fn is_visible(op: &Op, names: &Names, project: ProjectId) -> bool {
    let project = names.visible_project(op, project);
    project.is_ok_and(|project| op.may(Right::ReadTasks, project.relation(op.me().member)))
}

/// A task that is not in the trash, of a project the asking member may see.
///
/// Errors: [`Error::NotFound`].
pub fn get_task(op: &mut Op, id: TaskId) -> Result<Task, Error> {
    find(op, id, false)
}

/// A task the asking member may change.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub(super) fn managed_task(op: &mut Op, id: TaskId, is_deleted: bool) -> Result<Task, Error> {
    let task = find(op, id, is_deleted)?;
    let names = op.names()?;
    let relation = names.visible_project(op, task.project)?.relation(op.me().member);
    op.require(Right::ManageTasks, relation)?;
    Ok(task)
}

fn find(op: &mut Op, id: TaskId, is_deleted: bool) -> Result<Task, Error> {
    let names = op.names()?;
    let task = names.tasks.get(&id).ok_or(Error::NotFound)?;
    if task.deleted_at.is_some() != is_deleted || !is_visible(op, &names, task.project) {
        return Err(Error::NotFound);
    }
    Ok(task.clone())
}
