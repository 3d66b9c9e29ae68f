//! How a provider is kept: its settings sealed under the workspace's key, its secret sealed twice.

use domain::{ids::ProviderId, ids::WorkspaceId, provider::Issuer};
use store::Row;
use vault::{KeyKind, Secret, TwoKeys};

use super::{Equipped, Provider};
use crate::{Error, field, op::Operation};

/// The columns that [`read`] and [`equip`] expect.
macro_rules! select_provider {
    ($where:literal) => {
        concat!(
            "SELECT id, settings_sealed, sealed_rev, asks_second, version, secret_sealed, secret_rev
             FROM providers ",
            $where
        )
    };
}
pub(super) use select_provider;

/// What is sealed together, one a line: none of them can hold a line break.
pub(super) fn settings_text(provider: &Provider) -> String {
    let Provider { label, issuer, client_id, classes, .. } = provider;
    [label.as_str(), issuer.as_str(), client_id, classes].join("\n")
}

/// Reads a provider without its secret.
pub(super) fn read<W>(op: &Operation<'_, '_, W>, row: &Row) -> Result<Provider, Error> {
    let id: ProviderId = row.get(0)?;
    let sealed: Vec<u8> = row.get(1)?;
    let text = op.open(field::PROVIDER_SETTINGS, id, row.get(2)?, &sealed)?;
    let lines: Vec<&str> = text.split('\n').collect();
    let [label, issuer, client_id, classes] =
        lines.try_into().map_err(|_| Error::bug("a stored provider of another shape"))?;
    Ok(Provider {
        id,
        label: label.to_owned(),
        issuer: Issuer::parse(issuer).map_err(|_| Error::bug("a stored issuer is not one"))?,
        client_id: client_id.to_owned(),
        asks_second: row.get(3)?,
        classes: classes.to_owned(),
        version: row.get(4)?,
    })
}

/// Reads a provider with its secret.
pub(super) fn equip<W>(op: &Operation<'_, '_, W>, row: &Row) -> Result<Equipped, Error> {
    let provider = read(op, row)?;
    let sealed: Vec<u8> = row.get(5)?;
    let place = op.place(field::PROVIDER_SECRET, provider.id, row.get(6)?);
    let opened = op.vault().open_twice(&place, &sealed);
    let opened = opened.map_err(|error| Error::unopened(error, &place))?;
    let text = String::from_utf8(opened.expose().clone());
    let secret = Secret::new(text.map_err(|_| Error::bug("a stored secret is no text"))?);
    Ok(Equipped { provider, secret })
}

/// Seals a secret twice, as its next revision.
pub(super) fn seal_secret(
    op: &crate::Op,
    id: ProviderId,
    rev: i64,
    secret: &Secret<String>,
) -> Result<Vec<u8>, Error> {
    let inner = op.vault().key_for(KeyKind::WorkspaceSecrets, op.workspace().as_bytes());
    let inner = inner.ok_or_else(|| Error::key_missing(KeyKind::WorkspaceSecrets))?;
    let keys = TwoKeys { inner, outer: op.settings().text_key };
    let place = op.place(field::PROVIDER_SECRET, id, rev);
    Ok(op.vault().seal_twice(keys, &place, secret.expose().as_bytes())?)
}

/// The key that has to be there before a secret is sealed.
pub(super) fn key_of(workspace: WorkspaceId) -> (KeyKind, [u8; 16]) {
    (KeyKind::WorkspaceSecrets, workspace.as_bytes())
}
