//! The page of clients.

use std::collections::HashMap;

use app::{
    ChangeNamed, Error, Op,
    client::{add_client, change_client, delete_client, get_client, list_clients, restore_client},
    names::Client,
};
use axum::Router;
use domain::{
    ids::ClientId,
    permission::{Relation, Right},
    text::Name,
};

use super::view::ClientsPage;
use crate::{
    page::{Field, Layout, NamedList, NamedRow, Place},
    state::Server,
    web::{
        Flash,
        named::{self, Listed},
    },
};

/// Routes of the page of clients.
pub fn routes() -> Router<Server> {
    named::routes::<Clients>()
}

struct Clients;

impl Listed for Clients {
    type Id = ClientId;
    type Page = ClientsPage;

    const KIND: &'static str = "client";
    const PATH: &'static str = "clients";
    const PLACE: Place = Place::Clients;
    const TITLE: &'static str = "Clients";

    fn page(layout: Layout, named: NamedList) -> ClientsPage {
        ClientsPage { layout, named }
    }

    fn rows(op: &mut Op) -> Result<Vec<NamedRow>, Error> {
        let clients = list_clients(op)?;
        let names = op.names()?;
        let mut projects: HashMap<ClientId, usize> = HashMap::new();
        for client in names.visible_projects(op).iter().filter_map(|project| project.client) {
            *projects.entry(client).or_default() += 1;
        }
        let count = |id: ClientId| projects.get(&id).copied().unwrap_or(0);
        Ok(clients.into_iter().map(|client| row(count(client.id), client)).collect())
    }

    fn can_edit(op: &Op) -> bool {
        op.may(Right::ManageClients, Relation::Workspace)
    }

    fn require(op: &mut Op, id: Option<ClientId>) -> Result<(), Error> {
        id.map(|id| get_client(op, id)).transpose()?;
        op.require(Right::ManageClients, Relation::Workspace)
    }

    fn add(op: &mut Op, name: &Name) -> Result<(), Error> {
        add_client(op, None, name, None).map(drop)
    }

    fn change(op: &mut Op, id: ClientId, change: ChangeNamed) -> Result<(), Error> {
        change_client(op, id, change).map(drop)
    }

    fn restore(op: &mut Op, id: ClientId) -> Result<(), Error> {
        restore_client(op, id).map(drop)
    }

    fn delete(op: &mut Op, id: ClientId) -> Result<(), Error> {
        delete_client(op, id, None)
    }

    fn deleted(id: ClientId) -> Flash {
        Flash::ClientDeleted(id.uuid())
    }
}

fn row(projects: usize, client: Client) -> NamedRow {
    NamedRow {
        id: client.id.to_string(),
        name: Field::new(client.name),
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
