//! The page of clients.

use std::collections::HashMap;

use app::{
    Error, Op,
    client::{
        ChangeClient, add_client, change_client, delete_client, list_clients, restore_client,
    },
    names::Client,
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use domain::{
    ids::ClientId,
    permission::{Relation, Right},
};

use super::view::{ClientRow, ClientsPage};
use crate::{
    page::{Field, Place},
    state::Server,
    web::{Flash, Frame, PageResult, Refused, SignedIn, Typed, page_with},
};

/// Routes of the page of clients.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/clients", get(list).post(add))
        .route("/w/{workspace}/clients/{id}", post(save))
        .route("/w/{workspace}/clients/{id}/archive", post(archive))
        .route("/w/{workspace}/clients/{id}/restore", post(restore))
        .route("/w/{workspace}/clients/{id}/delete", post(delete))
}

type One = Path<(String, String)>;

async fn list(State(server): State<Server>, member: SignedIn) -> PageResult {
    show(&server, &member, None).await
}

/// Shows the page; what was refused stands in its form again, that of a client or the one to add.
async fn show(
    server: &Server,
    member: &SignedIn,
    refused: Option<(Option<ClientId>, Refused)>,
) -> PageResult {
    let (frame, mut page) = member.read(server, |op| Ok((Frame::read(op)?, body(op)?))).await?;
    let mut status = StatusCode::OK;
    if let Some((target, refused)) = refused {
        status = refused.status;
        put_back(&mut page, target, &refused);
    }
    let layout = frame.layout(server, member, Place::Clients, "clients", "Clients").await?;
    Ok(page_with(status, &ClientsPage { layout, ..page }))
}

fn body(op: &mut Op) -> Result<ClientsPage, Error> {
    let clients = list_clients(op)?;
    let names = op.names()?;
    let mut projects: HashMap<ClientId, usize> = HashMap::new();
    for project in names.visible_projects(op) {
        if let Some(client) = project.client {
            *projects.entry(client).or_default() += 1;
        }
    }
    let count = |client: &Client| projects.get(&client.id).copied().unwrap_or(0);
    let (live, archived): (Vec<_>, Vec<_>) =
        clients.iter().partition(|client| client.archived_at.is_none());
    let all = live.into_iter().chain(archived);
    Ok(ClientsPage {
        clients: all.map(|client| row(client, count(client))).collect(),
        can_edit: op.may(Right::ManageClients, Relation::Workspace),
        ..ClientsPage::default()
    })
}

fn row(client: &Client, projects: usize) -> ClientRow {
    ClientRow {
        id: client.id.to_string(),
        name: Field::new(client.name.clone()),
        remark: match projects {
            0 => String::new(),
            1 => "1 project".to_owned(),
            many => format!("{many} projects"),
        },
        version: client.version.to_string(),
        is_archived: client.archived_at.is_some(),
        is_open: false,
    }
}

fn put_back(page: &mut ClientsPage, target: Option<ClientId>, refused: &Refused) {
    let Some(id) = target else {
        page.add = refused.field("name");
        return;
    };
    let id = id.to_string();
    for row in page.clients.iter_mut().filter(|row| row.id == id) {
        row.name = refused.only_field("name", &row.name.value);
        row.is_open = true;
    }
}

async fn add(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let name = form.get("name").to_owned();
    let added = server
        .app
        .write(member.actor, member.workspace, move |op| {
            add_client(op, None, &app::input::name("name", &name)?, None)
        })
        .await;
    match added {
        Ok(_) => Ok(member.back("clients", Some(Flash::Added))),
        Err(error) => {
            show(&server, &member, Some((None, Refused::new(&member, form, error)?))).await
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
    let saved = server
        .app
        .write(member.actor, member.workspace, move |op| {
            let change = ChangeClient {
                name: Some(app::input::name("name", typed.get("name"))?),
                expected_version: typed.version(),
                ..ChangeClient::default()
            };
            change_client(op, id, change)
        })
        .await;
    match saved {
        Ok(_) => Ok(member.back("clients", Some(Flash::Saved))),
        Err(error) => {
            show(&server, &member, Some((Some(id), Refused::new(&member, form, error)?))).await
        }
    }
}

async fn archive(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let change = ChangeClient { archived: Some(true), ..ChangeClient::default() };
    member.write(&server, move |op| change_client(op, id, change.clone())).await?;
    Ok(member.back("clients", Some(Flash::Archived)))
}

/// Out of the archive, or out of the trash.
async fn restore(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    _form: Typed,
) -> PageResult {
    let id = member.id(&id)?;
    let change = ChangeClient { archived: Some(false), ..ChangeClient::default() };
    member
        .write(&server, move |op| match change_client(op, id, change.clone()) {
            Err(Error::NotFound) => restore_client(op, id),
            outcome => outcome,
        })
        .await?;
    Ok(member.back("clients", Some(Flash::Restored)))
}

async fn delete(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): One,
    form: Typed,
) -> PageResult {
    let id: ClientId = member.id(&id)?;
    let deleted = server
        .app
        .write(member.actor, member.workspace, move |op| delete_client(op, id, None))
        .await;
    match deleted {
        Ok(()) => Ok(member.back("clients", Some(Flash::ClientDeleted(id.uuid())))),
        Err(error) => {
            show(&server, &member, Some((Some(id), Refused::new(&member, form, error)?))).await
        }
    }
}
