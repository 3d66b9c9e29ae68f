//! The pages of projects: the list, and one with its tasks and people.

use app::{
    Error, Op,
    names::Project,
    project::{
        AddProject, ChangeProject, add_project, change_project, delete_project, get_project,
        put_project_member, remove_project_member, restore_project,
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
    ids::{ClientId, MemberId, ProjectId, TaskId},
    permission::{Relation, Right},
    preference::Hue,
};

use super::{
    api::hue,
    present,
    view::{ProjectPage, ProjectsPage},
};
use crate::{
    page::Place,
    state::Server,
    web::{Flash, Frame, Overtaken, PageResult, Refused, SignedIn, Typed, page_with, stale},
};

/// Routes of the pages of projects.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/projects", get(list).post(add))
        .route("/w/{workspace}/projects/{id}", get(one).post(save))
        .route("/w/{workspace}/projects/{id}/archive", post(archive))
        .route("/w/{workspace}/projects/{id}/restore", post(restore))
        .route("/w/{workspace}/projects/{id}/delete", post(delete))
        .route("/w/{workspace}/projects/{id}/members", post(put_member))
        .route("/w/{workspace}/projects/{id}/members/{member}/remove", post(remove_member))
}

type One = Path<(String, String)>;

async fn list(State(server): State<Server>, member: SignedIn) -> PageResult {
    show_list(&server, &member, None).await
}

async fn show_list(server: &Server, member: &SignedIn, refused: Option<Refused>) -> PageResult {
    let (frame, mut page) =
        member.read(server, |op| Ok((Frame::read(op)?, present::list(op)?))).await?;
    let mut status = StatusCode::OK;
    if let Some(refused) = refused {
        status = refused.status;
        page.is_add_open = true;
        page.add = page.add.map(|form| present::refuse(form, &refused));
    }
    let layout = frame.layout(server, member, Place::Projects, "projects", "Projects").await?;
    Ok(page_with(status, &ProjectsPage { layout, ..page }))
}

/// Which form on a project's page was refused.
pub(crate) enum Form {
    /// The project's own.
    Project,
    /// The one to add a task.
    AddTask,
    /// A task's.
    Task(TaskId),
    /// The one to put somebody on it.
    AddMember,
}

async fn one(State(server): State<Server>, member: SignedIn, Path((_, id)): One) -> PageResult {
    let id = member.id(&id)?;
    show_one(&server, &member, id, None).await
}

/// Shows a project; what was refused stands in its form again.
pub(crate) async fn show_one(
    server: &Server,
    member: &SignedIn,
    id: ProjectId,
    refused: Option<(Form, Refused)>,
) -> PageResult {
    let (frame, mut page) =
        member.read(server, move |op| Ok((Frame::read(op)?, present::one(op, id)?))).await?;
    let mut status = StatusCode::OK;
    if let Some((form, refused)) = refused {
        status = refused.status;
        put_back(&mut page, &form, &refused);
    }
    let title = page.name.clone();
    let layout = frame.layout(server, member, Place::Projects, "project", &title).await?;
    Ok(page_with(status, &ProjectPage { layout, ..page }))
}

fn put_back(page: &mut ProjectPage, form: &Form, refused: &Refused) {
    match form {
        Form::Project => page.form = page.form.take().map(|form| present::refuse(form, refused)),
        Form::AddTask => page.add_task = refused.field("name"),
        Form::Task(id) => {
            let id = id.to_string();
            for task in page.tasks.iter_mut().flatten().filter(|task| task.id == id) {
                task.name = refused.only_field("name", &task.name.value);
                task.is_open = true;
            }
        }
        Form::AddMember => {
            if let Some(members) = &mut page.members {
                refused.choose(&mut members.others, "member");
                members.is_manager = refused.typed().is_ticked("manager");
                members.error = refused.error("manager");
            }
        }
    }
}

/// Asks for a right over a project before a form is read: what is wrong with it is told to those alone
/// who may send it.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub(crate) fn require_over(op: &mut Op, right: Right, id: ProjectId) -> Result<(), Error> {
    let project = get_project(op, id)?;
    op.require(right, project.relation(op.me().member))
}

/// To the page of a project.
pub(crate) fn back(member: &SignedIn, id: ProjectId, flash: Option<Flash>) -> Response {
    member.back(&format!("projects/{id}"), flash)
}

/// What was typed of a project.
struct Written {
    name: domain::text::Name,
    client: Option<ClientId>,
    hue: Option<Hue>,
    billable: bool,
    open: bool,
}

fn read(form: &Typed) -> Result<Written, Error> {
    let client = form
        .some("client")
        .map(str::parse)
        .transpose()
        .map_err(|_| Error::invalid("client_id", "not_found", "There is no such client."))?;
    let number = form.some("hue").map(|number| number.parse().unwrap_or(0));
    Ok(Written {
        name: app::input::name("name", form.get("name"))?,
        client,
        hue: hue(number)?,
        billable: form.is_ticked("billable"),
        open: form.is_ticked("open"),
    })
}

async fn add(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let typed = form.clone();
    let added = member
        .try_write(&server, move |op| {
            op.require(Right::ManageProjects, Relation::Workspace)?;
            let written = read(&typed)?;
            let command = AddProject {
                id: None,
                client: written.client,
                name: written.name,
                hue: written.hue,
                billable: Some(written.billable),
                open: Some(written.open),
                body: None,
            };
            add_project(op, command)
        })
        .await;
    match added {
        Ok(_) => Ok(member.back("projects", Some(Flash::Added))),
        Err(error) => show_list(&server, &member, Some(Refused::new(&member, form, error)?)).await,
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
            require_over(op, Right::ManageProjects, id)?;
            let written = read(&typed)?;
            let change = ChangeProject {
                client: Some(written.client),
                name: Some(written.name),
                hue: written.hue,
                billable: Some(written.billable),
                open: Some(written.open),
                archived: None,
                expected_version: typed.version(),
            };
            change_project(op, id, change)
        })
        .await;
    match saved {
        Ok(_) => Ok(back(&member, id, Some(Flash::Saved))),
        Err(Error::Stale(_)) => show_both(&server, &member, id, form).await,
        Err(error) => refuse(&server, &member, id, form, error).await,
    }
}

async fn refuse(
    server: &Server,
    member: &SignedIn,
    id: ProjectId,
    form: Typed,
    error: Error,
) -> PageResult {
    let refused = Refused::new(member, form, error)?;
    show_one(server, member, id, Some((Form::Project, refused))).await
}

/// Somebody was faster: both texts.
async fn show_both(server: &Server, member: &SignedIn, id: ProjectId, form: Typed) -> PageResult {
    let typed = form.clone();
    let (frame, overtaken) = member
        .read(server, move |op| {
            let project = get_project(op, id)?;
            Ok((Frame::read(op)?, overtaken(op, &project, &typed)?))
        })
        .await?;
    stale(server, member, frame, Place::Projects, &form, overtaken).await
}

fn overtaken(op: &mut Op, project: &Project, typed: &Typed) -> Result<Overtaken, Error> {
    let names = op.names()?;
    let client = |id: Option<ClientId>| {
        let client = id.and_then(|id| names.clients.get(&id));
        client.map_or_else(|| "No client".to_owned(), |client| client.name.clone())
    };
    let colour = |number: u8| {
        let mut hues = crate::page::HueChoice(number).hues();
        hues.find(|hue| hue.is_chosen).map_or("", |hue| hue.name).to_owned()
    };
    let yes = |is: bool| if is { "Yes" } else { "No" }.to_owned();
    let both = Overtaken {
        about: project.name.clone(),
        path: format!("projects/{}", project.id),
        version: project.version,
        differences: Vec::new(),
    };
    Ok(both
        .with("Name", typed.get("name").trim().to_owned(), project.name.clone())
        .with("Client", client(typed.get("client").parse().ok()), client(project.client))
        .with(
            "Colour",
            colour(present::typed_hue(typed).0),
            colour(crate::report::present::hue(project.hue)),
        )
        .with("Billable", yes(typed.is_ticked("billable")), yes(project.is_billable))
        .with("Open to everyone", yes(typed.is_ticked("open")), yes(project.is_open)))
}

async fn archive(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let change = ChangeProject { archived: Some(true), ..ChangeProject::default() };
    member.write(&server, move |op| change_project(op, id, change.clone())).await?;
    Ok(back(&member, id, Some(Flash::Archived)))
}

/// Out of the archive, or out of the trash.
async fn restore(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let change = ChangeProject { archived: Some(false), ..ChangeProject::default() };
    member
        .write(&server, move |op| match change_project(op, id, change.clone()) {
            Err(Error::NotFound) => restore_project(op, id),
            outcome => outcome,
        })
        .await?;
    Ok(back(&member, id, Some(Flash::Restored)))
}

async fn delete(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: ProjectId = member.id(&id)?;
    let deleted = member.try_write(&server, move |op| delete_project(op, id, None)).await;
    match deleted {
        Ok(()) => Ok(member.back("projects", Some(Flash::ProjectDeleted(id.uuid())))),
        Err(error) => refuse(&server, &member, id, form, error).await,
    }
}

/// Puts somebody on it, or changes whether they manage it.
async fn put_member(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: ProjectId = member.id(&id)?;
    let is_manager = form.is_ticked("manager");
    let who = form.get("member").parse::<MemberId>();
    let put = member
        .try_write(&server, move |op| {
            require_over(op, Right::ManageProjectMembers, id)?;
            let who =
                who.as_ref().map_err(|_| Error::invalid("member", "empty", "Choose a person."))?;
            put_project_member(op, id, *who, is_manager)
        })
        .await;
    match put {
        Ok(_) => Ok(back(&member, id, Some(Flash::Saved))),
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
    let id: ProjectId = member.id(&id)?;
    let who: MemberId = member.id(&who)?;
    member.write(&server, move |op| remove_project_member(op, id, who)).await?;
    Ok(back(&member, id, Some(Flash::Saved)))
}
