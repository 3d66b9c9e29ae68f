//! Look clients up.

use std::collections::HashMap;

use domain::{
    ids::{ClientId, MemberId},
    permission::{Relation, Right},
};

use crate::{
    Error, Names, Op,
    names::{Client, fold},
};

/// Clients the asking member may see and that are not in the trash, by name; archived ones too.
///
/// Errors: [`Error::Store`].
pub fn list_clients(op: &mut Op) -> Result<Vec<Client>, Error> {
    let names = op.names()?;
    let relations = relations(&names, op.me().member);
    let mut clients: Vec<Client> = names
        .clients
        .values()
        .filter(|client| is_visible(op, client, &relations))
        .cloned()
        .collect();
    clients.sort_by_cached_key(|client| (fold(&client.name), client.id));
    Ok(clients)
}

/// A client the asking member may see and that is not in the trash.
///
/// Errors: [`Error::NotFound`].
pub fn get_client(op: &mut Op, id: ClientId) -> Result<Client, Error> {
    let names = op.names()?;
    let relations = relations(&names, op.me().member);
    names
        .clients
        .get(&id)
        .filter(|client| is_visible(op, client, &relations))
        .cloned()
        .ok_or(Error::NotFound)
}

/// How a client stands to the asking member.
pub(crate) fn relation_of_client(op: &mut Op, id: ClientId) -> Result<Relation, Error> {
    let names = op.names()?;
    let relation = relations(&names, op.me().member).get(&id).copied();
    Ok(relation.unwrap_or(Relation::Other))
}

fn is_visible(op: &Op, client: &Client, relations: &HashMap<ClientId, Relation>) -> bool {
    let relation = relations.get(&client.id).copied();
    client.deleted_at.is_none() && op.may(Right::ReadClients, relation.unwrap_or(Relation::Other))
}

/// How clients stand to a member: as the closest of their projects does.
fn relations(names: &Names, member: MemberId) -> HashMap<ClientId, Relation> {
    let mut relations = HashMap::new();
    let projects = names.projects.values().filter(|p| p.deleted_at.is_none());
    for project in projects {
        let Some(client) = project.client else {
            continue;
        };
        let relation = project.relation(member);
        let closest = relations.entry(client).or_insert(relation);
        *closest = relation.min(*closest);
    }
    relations
}
