//! Delete a client without projects, restore it, and remove it for good.

use domain::{
    ids::ClientId,
    permission::{Relation, Right},
};
use store::Statement;

use super::get_client;
use crate::{
    Error, Op, Refusal,
    audit::Kind,
    named,
    named::{Trash, trash},
    names::Client,
};

/// Puts a client in the trash.
///
/// Errors: [`crate::Refusal::StillInUse`] while it has projects that are not in the trash, or guests;
/// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`]. Audit: `client.deleted`.
pub fn delete_client(
    op: &mut Op,
    id: ClientId,
    expected_version: Option<i64>,
) -> Result<(), Error> {
    let before = get_client(op, id)?;
    op.require(Right::ManageClients, Relation::Workspace)?;
    if has_guests(op, id)? {
        return Err(Refusal::StillInUse.into());
    }
    named::delete(op, &before, expected_version, &TRASH)
}

/// Whether somebody is a guest of a client, or is invited as one and can still accept.
pub(crate) fn has_guests(op: &mut Op, id: ClientId) -> Result<bool, Error> {
    let now = op.now().as_microsecond();
    Ok(op.optional(&FIND_GUEST, &[id.into(), now.into()])?.is_some())
}

/// Takes a client out of the trash.
///
/// Errors: [`Error::NotFound`] when it is not there; [`crate::Refusal::NameTaken`];
/// [`Error::Forbidden`]. Audit: `client.restored`.
pub fn restore_client(op: &mut Op, id: ClientId) -> Result<Client, Error> {
    op.require(Right::ManageClients, Relation::Workspace)?;
    named::restore(op, id, &TRASH)
}

/// Whether [`purge_clients`] would find anything.
pub(crate) fn has_expired_clients(op: &mut Op) -> Result<bool, Error> {
    named::has_expired(op, &TRASH)
}

/// Removes clients that have been in the trash for 30 days and that nothing refers to. Audit: `client.purged`.
pub(crate) fn purge_clients(op: &mut Op) -> Result<usize, Error> {
    named::purge::<Client>(op, &TRASH, |_, _| Ok(()))
}

const TRASH: Trash = trash! {
    "client", "clients",
    // Index `projects_client`.
    find_use: Statement::new(
        "client.find_use",
        "SELECT id FROM projects WHERE client_id = $1 AND deleted_at IS NULL LIMIT 1",
    ),
    // Index `projects_client`; a project in the trash keeps its client.
    list_expired: Statement::new(
        "client.list_expired",
        "SELECT id FROM clients
         WHERE deleted_at < $1
           AND NOT EXISTS (SELECT 1 FROM projects p WHERE p.client_id = clients.id)
           AND NOT EXISTS (SELECT 1 FROM members m WHERE m.client_id = clients.id)
           AND NOT EXISTS (SELECT 1 FROM invitations i WHERE i.client_id = clients.id)
         ORDER BY id LIMIT 200",
    ),
    deleted: Kind::ClientDeleted,
    restored: Kind::ClientRestored,
    purged: Kind::ClientPurged,
};

/// Indexes `members_client` and `invitations_client`.
const FIND_GUEST: Statement = Statement::new(
    "client.find_guest",
    "SELECT id FROM members WHERE client_id = $1 AND removed_at IS NULL
     UNION ALL SELECT id FROM invitations
               WHERE client_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL
                 AND expires_at > $2
     LIMIT 1",
);

pub(super) fn statements() -> Vec<Statement> {
    [TRASH.statements().as_slice(), &[FIND_GUEST]].concat()
}
