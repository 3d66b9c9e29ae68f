//! Tasks, on the page of their project.

use app::{
    ChangeNamed, Error,
    names::Task,
    task::{add_task, change_task, delete_task, get_task, restore_task},
};
use axum::{
    Router,
    extract::{Path, State},
    routing::post,
};
use domain::{
    ids::{ProjectId, TaskId},
    permission::Right,
};

use crate::{
    project::web::{Form, back, require_over, show_one},
    state::Server,
    web::{Flash, PageError, PageResult, Refused, SignedIn, Typed},
};

/// Routes of tasks.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/projects/{id}/tasks", post(add))
        .route("/w/{workspace}/tasks/{id}", post(save))
        .route("/w/{workspace}/tasks/{id}/archive", post(archive))
        .route("/w/{workspace}/tasks/{id}/restore", post(restore))
        .route("/w/{workspace}/tasks/{id}/delete", post(delete))
}

type One = Path<(String, String)>;

async fn add(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, project)): One,
    form: Typed,
) -> PageResult {
    let project: ProjectId = member.id(&project)?;
    let name = form.get("name").to_owned();
    let added = member
        .try_write(&server, move |op| {
            require_over(op, Right::ManageTasks, project)?;
            add_task(op, None, project, &app::input::name("name", &name)?, None)
        })
        .await;
    match added {
        Ok(_) => Ok(back(&member, project, Some(Flash::Added))),
        Err(error) => {
            let refused = Refused::new(&member, form, error)?;
            show_one(&server, &member, project, Some((Form::AddTask, refused))).await
        }
    }
}

async fn find(server: &Server, member: &SignedIn, id: TaskId) -> Result<Task, PageError> {
    member.read(server, move |op| get_task(op, id)).await
}

async fn refuse(
    server: &Server,
    member: &SignedIn,
    id: TaskId,
    form: Typed,
    error: Error,
) -> PageResult {
    let refused = Refused::new(member, form, error)?;
    let project = find(server, member, id).await?.project;
    show_one(server, member, project, Some((Form::Task(id), refused))).await
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
            let project = get_task(op, id)?.project;
            require_over(op, Right::ManageTasks, project)?;
            let change = ChangeNamed {
                name: Some(app::input::name("name", typed.get("name"))?),
                archived: None,
                expected_version: typed.version(),
            };
            change_task(op, id, change)
        })
        .await;
    match saved {
        Ok(task) => Ok(back(&member, task.project, Some(Flash::Saved))),
        Err(error) => refuse(&server, &member, id, form, error).await,
    }
}

async fn archive(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let change = ChangeNamed { archived: Some(true), ..ChangeNamed::default() };
    let task = member.write(&server, move |op| change_task(op, id, change.clone())).await?;
    Ok(back(&member, task.project, Some(Flash::Archived)))
}

/// Out of the archive, or out of the trash.
async fn restore(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let change = ChangeNamed { archived: Some(false), ..ChangeNamed::default() };
    let task = member
        .write(&server, move |op| match change_task(op, id, change.clone()) {
            Err(Error::NotFound) => restore_task(op, id),
            outcome => outcome,
        })
        .await?;
    Ok(back(&member, task.project, Some(Flash::Restored)))
}

async fn delete(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: TaskId = member.id(&id)?;
    let deleted = member
        .try_write(&server, move |op| {
            let task = get_task(op, id)?;
            delete_task(op, id, None)?;
            Ok(task.project)
        })
        .await;
    match deleted {
        Ok(project) => Ok(back(&member, project, Some(Flash::TaskDeleted(id.uuid())))),
        Err(error) => refuse(&server, &member, id, form, error).await,
    }
}
