//! Add a client.

use domain::{
    ids::ClientId,
    permission::{Relation, Right},
    text::Name,
};
use store::Statement;

use crate::{
    Error, Op,
    audit::{Event, Kind},
    named,
    names::Client,
    time_entry::Added,
};

/// Adds a client.
///
/// Errors: [`Error::Forbidden`]; [`crate::Refusal::NameTaken`]; [`Error::IdTaken`]. Audit:
/// `client.added`.
pub fn add_client(
    op: &mut Op,
    id: Option<ClientId>,
    name: &Name,
    body: Option<[u8; 32]>,
) -> Result<Added<Client>, Error> {
    op.require(Right::ManageClients, Relation::Workspace)?;
    if let Some(before) = named::made_before(op, id, body)? {
        return Ok(Added::Before(before));
    }
    let id = id.unwrap_or_else(|| op.new_id());
    let values = named::new_values::<Client>(op, id, named::WORKSPACE, name)?;
    let event = Event::new(Kind::ClientAdded, "client", id).text("name", None, Some(name.as_str()));
    named::insert(op, id, &INSERT, &values, event.made_from(body)).map(Added::New)
}

/// The index `clients_one_name` refuses a second client of the same name.
const INSERT: Statement = Statement::new(
    "client.insert",
    "INSERT INTO clients (id, name_sealed, name_index, sealed_rev, created_at, version)
     VALUES ($1, $2, $3, 1, $4, 1) ON CONFLICT DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT];
