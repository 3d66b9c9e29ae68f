//! Which workspaces let in who has an address at a mail domain.

use std::collections::BTreeSet;

use domain::{
    ids::WorkspaceId,
    joining::{MailDomain, is_tagged},
    text::EmailAddress,
};
use store::{Row, Statement};

use crate::{DirectoryOp, Error, identity::person::address_index};

/// A workspace that may be joined, and the version of the rule that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JoinPlace {
    pub(crate) workspace: WorkspaceId,
    pub(crate) version: i64,
}

/// What the directory keeps of a workspace's rule; of one without domains nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct JoinPlaces {
    version: i64,
    domains: BTreeSet<[u8; 32]>,
}

impl JoinPlaces {
    /// What it has to keep of a rule.
    pub(crate) fn of(
        op: &mut DirectoryOp,
        domains: &[MailDomain],
        version: i64,
    ) -> Result<Self, Error> {
        if domains.is_empty() {
            return Ok(Self::default());
        }
        let domains = domains.iter().map(|domain| domain_index(op, domain));
        Ok(Self { version, domains: domains.collect::<Result<_, _>>()? })
    }
}

/// The most workspaces that are offered to somebody.
pub(super) const MOST_PLACES: usize = 10;

/// Which workspaces somebody may join by their address, the oldest first: never one that they belong to
/// or belonged to, and none for who is disabled, or by one of many addresses of a mailbox.
///
/// Errors: [`Error::Store`].
pub(crate) fn find_places(
    op: &mut DirectoryOp,
    address: &EmailAddress,
) -> Result<Vec<JoinPlace>, Error> {
    let domain = domain_index(op, &MailDomain::of(address))?;
    let values = [domain.into(), address_index(op, address)?.into()];
    let read = |row: &Row| Ok(JoinPlace { workspace: row.get(0)?, version: row.get(1)? });
    let mut found: Vec<_> =
        op.query(&FIND, &values)?.iter().map(read).collect::<Result<_, Error>>()?;
    // After the look, which is the same for every address.
    found.retain(|_| !is_tagged(address));
    Ok(found)
}

/// What is kept of a workspace's rule.
///
/// Errors: [`Error::Store`].
pub(crate) fn get_join_domains(
    op: &mut DirectoryOp,
    workspace: WorkspaceId,
) -> Result<JoinPlaces, Error> {
    let mut kept = JoinPlaces::default();
    for row in op.query(&LIST, &[workspace.into()])? {
        kept.version = row.get(1)?;
        kept.domains.insert(row.get(0)?);
    }
    Ok(kept)
}

/// Keeps what a workspace's rule says now.
///
/// Errors: [`Error::Store`]. Audit: none; the change has its event in the workspace.
pub(crate) fn put_join_domains(
    op: &mut DirectoryOp,
    workspace: WorkspaceId,
    kept: &JoinPlaces,
) -> Result<(), Error> {
    op.execute(&DELETE, &[workspace.into()])?;
    for domain in &kept.domains {
        op.execute(&INSERT, &[workspace.into(), (*domain).into(), kept.version.into()])?;
    }
    Ok(())
}

/// The blind index of a mail domain.
fn domain_index(op: &mut DirectoryOp, domain: &MailDomain) -> Result<[u8; 32], Error> {
    let key = op.instance()?.addresses;
    Ok(op.vault().mac_key(key)?.mac("mail-domain", domain.as_str().as_bytes()))
}

/// Index `join_domains_index`, then the unique one of `address_index`.
const FIND: Statement = Statement::new(
    "joining.find_places",
    "SELECT d.workspace_id, d.version
     FROM join_domains d JOIN workspaces w ON w.id = d.workspace_id
     WHERE d.domain_index = $1 AND w.state = 'ready'
       AND NOT EXISTS (SELECT 1 FROM people p
                       WHERE p.address_index = $2 AND p.disabled_at IS NOT NULL)
       AND NOT EXISTS (SELECT 1 FROM people p JOIN memberships m ON m.user_id = p.id
                       WHERE p.address_index = $2 AND m.workspace_id = d.workspace_id)
     ORDER BY d.workspace_id LIMIT 10",
);

/// The primary key.
const LIST: Statement = Statement::new(
    "joining.list_domains",
    "SELECT domain_index, version FROM join_domains WHERE workspace_id = $1",
);

const DELETE: Statement =
    Statement::new("joining.delete_domains", "DELETE FROM join_domains WHERE workspace_id = $1");

const INSERT: Statement = Statement::new(
    "joining.insert_domain",
    "INSERT INTO join_domains (workspace_id, domain_index, version) VALUES ($1, $2, $3)",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, LIST, DELETE, INSERT];
