//! Rename, archive and restore a client.

use domain::{
    ids::ClientId,
    permission::{Relation, Right},
};
use store::Statement;

use super::get_client;
use crate::{ChangeNamed, Error, Op, audit::Kind, named, names::Client};

/// Changes a client.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`];
/// [`crate::Refusal::NameTaken`]. Audit: `client.changed`.
pub fn change_client(op: &mut Op, id: ClientId, change: ChangeNamed) -> Result<Client, Error> {
    let before = get_client(op, id)?;
    op.require(Right::ManageClients, Relation::Workspace)?;
    named::change(op, before, named::WORKSPACE, change, (Kind::ClientChanged, &UPDATE))
}

const UPDATE: Statement = Statement::new(
    "client.update",
    "UPDATE clients SET name_sealed = $2, name_index = $3, sealed_rev = $4, archived_at = $5,
                        version = version + 1
     WHERE id = $1 AND version = $6 AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];
