//! Look providers up: for who manages them, for the page of signing in, and for a sign-in itself.

use domain::{
    ids::{ProviderId, WorkspaceId},
    permission::{Relation, Right},
};
use store::Statement;

use super::{
    Equipped, Named, Provider,
    sealed::{equip, read, select_provider},
};
use crate::{App, Error, Op, field, names::fold};

/// The providers of the workspace, by label.
///
/// Errors: [`Error::Forbidden`].
pub fn list_providers(op: &mut Op) -> Result<Vec<Provider>, Error> {
    op.require(Right::ManageSignIn, Relation::Workspace)?;
    let rows = op.query(&LIST, &[])?;
    let mut found = rows.iter().map(|row| read(op, row)).collect::<Result<Vec<_>, _>>()?;
    found.sort_by_cached_key(|provider| (fold(&provider.label), provider.id));
    Ok(found)
}

/// A provider of the workspace.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`].
pub fn get_provider(op: &mut Op, id: ProviderId) -> Result<Provider, Error> {
    op.require(Right::ManageSignIn, Relation::Workspace)?;
    let row = op.optional(&FIND, &[id.into()])?.ok_or(Error::NotFound)?;
    read(op, &row)
}

/// Whether a provider is still there: its sign-ins open nothing once it is not.
pub(crate) fn is_live(op: &mut Op, id: ProviderId) -> Result<bool, Error> {
    Ok(op.optional(&FIND_LIVE, &[id.into()])?.is_some())
}

impl App {
    /// The providers of a workspace, for who is about to sign in: whoever knows its id may see the names of
    /// its buttons. None for a workspace that is not there.
    ///
    /// Errors: [`Error::Store`].
    pub async fn look_at_providers(&self, workspace: WorkspaceId) -> Result<Vec<Provider>, Error> {
        let found = self.look_over_threshold(workspace, |threshold| {
            let rows = threshold.query(&LIST, &[])?;
            rows.iter().map(|row| read(threshold, row)).collect()
        });
        match found.await {
            Err(Error::NotFound) => Ok(Vec::new()),
            found => found,
        }
    }

    /// What the providers of a workspace are called, for who has signed in by one of them. None for a
    /// workspace that is not there.
    ///
    /// Errors: [`Error::Store`].
    pub async fn name_providers(&self, workspace: WorkspaceId) -> Result<Option<Named>, Error> {
        let found = self.look_over_threshold(workspace, |threshold| {
            let row = threshold.one(&FIND_PLACE, &[])?;
            let sealed: Vec<u8> = row.get(0)?;
            let (id, rev) = (threshold.workspace(), row.get(1)?);
            let place = threshold.open(field::WORKSPACE_NAME, id, rev, &sealed)?;
            let rows = threshold.query(&LIST, &[])?;
            let named = |row| read(threshold, row).map(|found| (found.id, found.label));
            Ok(Named { place, labels: rows.iter().map(named).collect::<Result<_, _>>()? })
        });
        match found.await {
            Ok(named) => Ok(Some(named)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A provider with its secret, for a sign-in.
    ///
    /// Errors: [`Error::NotFound`].
    pub async fn equip_provider(
        &self,
        workspace: WorkspaceId,
        id: ProviderId,
    ) -> Result<Equipped, Error> {
        self.look_over_threshold(workspace, move |threshold| {
            let row = threshold.optional(&FIND, &[id.into()])?.ok_or(Error::NotFound)?;
            equip(threshold, &row)
        })
        .await
    }
}

/// The one row of `workspace`.
const FIND_PLACE: Statement =
    Statement::new("provider.find_place", "SELECT name_sealed, sealed_rev FROM workspace");

/// All of `providers`; there are few.
const LIST: Statement = Statement::new(
    "provider.list",
    select_provider!("WHERE deleted_at IS NULL ORDER BY created_at, id"),
);

const FIND: Statement =
    Statement::new("provider.find", select_provider!("WHERE id = $1 AND deleted_at IS NULL"));

const FIND_LIVE: Statement = Statement::new(
    "provider.find_live",
    "SELECT id FROM providers WHERE id = $1 AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST, FIND, FIND_LIVE, FIND_PLACE];
