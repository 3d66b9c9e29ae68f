//! Delete a client without projects, and restore it.

use domain::{
    ids::ClientId,
    permission::{Relation, Right},
};
use store::Statement;

use super::get_client;
use crate::{Error, Op, audit::Kind, named, named::Trash, names::Client};

/// Puts a client in the trash.
///
/// Errors: [`crate::Refusal::StillInUse`] while it has projects that are not in the trash;
/// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`]. Audit: `client.deleted`.
pub fn delete_client(
    op: &mut Op,
    id: ClientId,
    expected_version: Option<i64>,
) -> Result<(), Error> {
    let before = get_client(op, id)?;
    op.require(Right::ManageClients, Relation::Workspace)?;
    named::delete(op, &before, expected_version, &TRASH)
}

/// Takes a client out of the trash.
///
/// Errors: [`Error::NotFound`] when it is not there; [`crate::Refusal::NameTaken`];
/// [`Error::Forbidden`]. Audit: `client.restored`.
pub fn restore_client(op: &mut Op, id: ClientId) -> Result<Client, Error> {
    op.require(Right::ManageClients, Relation::Workspace)?;
    named::restore(op, id, &TRASH)
}

const TRASH: Trash = Trash {
    // Index `projects_client`.
    find_use: Statement::new(
        "client.find_use",
        "SELECT id FROM projects WHERE client_id = $1 AND deleted_at IS NULL LIMIT 1",
    ),
    delete: Statement::new(
        "client.delete",
        "UPDATE clients SET deleted_at = $2, version = version + 1
         WHERE id = $1 AND deleted_at IS NULL",
    ),
    restore: Statement::new(
        "client.restore",
        "UPDATE clients SET deleted_at = NULL, version = version + 1
         WHERE id = $1 AND deleted_at IS NOT NULL",
    ),
    deleted: Kind::ClientDeleted,
    restored: Kind::ClientRestored,
};

pub(super) const STATEMENTS: &[Statement] = &TRASH.statements();
