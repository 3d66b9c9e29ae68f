//! Rename, archive and restore a client.

use domain::{
    ids::ClientId,
    permission::{Relation, Right},
    text::Name,
};
use store::Statement;

use super::get_client;
use crate::{
    Error, Op,
    audit::Kind,
    named,
    named::{Rename, check_version},
    names::Client,
};

/// Changes a client; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ChangeClient {
    /// A new name.
    pub name: Option<Name>,
    /// Archived, or restored. Its projects stay as they are.
    pub archived: Option<bool>,
    /// The version it was read at; refused when it has changed since.
    pub expected_version: Option<i64>,
}

/// Changes a client.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`];
/// [`crate::Refusal::NameTaken`]. Audit: `client.changed`.
pub fn change_client(op: &mut Op, id: ClientId, change: ChangeClient) -> Result<Client, Error> {
    let before = get_client(op, id)?;
    op.require(Right::ManageClients, Relation::Workspace)?;
    check_version(change.expected_version, before.version)?;
    let rename = Rename {
        kind: Kind::ClientChanged,
        parent: named::WORKSPACE,
        name: change.name,
        archived: change.archived,
    };
    let (event, values) = named::changed_values(op, &before, rename)?;
    named::update(op, before, &UPDATE, &values, event)
}

const UPDATE: Statement = Statement::new(
    "client.update",
    "UPDATE clients SET name_sealed = $2, name_index = $3, sealed_rev = $4, archived_at = $5,
                        version = version + 1
     WHERE id = $1 AND version = $6 AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];
