//! Add, change and remove a provider.

use std::fmt;

use domain::{
    ids::{ProviderId, WorkspaceId},
    permission::{Relation, Right},
    provider::Issuer,
};
use store::Statement;
use vault::Secret;

use super::{
    Provider, get_provider, is_live, list_providers,
    sealed::{key_of, read, seal_secret, select_provider, settings_text},
};
use crate::{
    Actor, App, Error, Op, Refusal,
    audit::{self, Event, Fact, Kind},
    field,
    named::check_version,
    proof::{self, Grave},
    time_entry::Added,
};

/// Providers of a workspace at most.
pub const MOST_PROVIDERS: usize = 20;

/// What of a provider can be changed. Which provider it is cannot: another one is another row, since the
/// accounts of the first say nothing of those of the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSettings {
    /// What the button says.
    pub label: String,
    /// As what it knows us.
    pub client_id: String,
    /// Whether it has to say that a second factor was shown.
    pub asks_second: bool,
    /// Classes (`acr`) that say so besides.
    pub classes: String,
}

/// A provider to be added.
pub struct AddProvider {
    /// Its id, where the caller chose it.
    pub id: Option<ProviderId>,
    /// Which provider it is.
    pub issuer: Issuer,
    /// The rest.
    pub settings: NewSettings,
    /// What it knows us by.
    pub secret: Secret<String>,
    /// A keyed hash of the request, to recognise it when it is sent again.
    pub body: Option<[u8; 32]>,
}

/// Without the secret.
impl fmt::Debug for AddProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddProvider").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// A provider to be changed.
pub struct ChangeProvider {
    /// Which.
    pub id: ProviderId,
    /// What it is to be.
    pub settings: NewSettings,
    /// Another secret; none keeps the one there is.
    pub secret: Option<Secret<String>>,
    /// The version it was read at; refused when it has changed since.
    pub expected_version: Option<i64>,
}

/// Without the secret.
impl fmt::Debug for ChangeProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeProvider").field("id", &self.id).finish_non_exhaustive()
    }
}

impl App {
    /// Makes the key that secrets of a workspace are sealed with within, before a transaction needs it.
    ///
    /// Errors: [`Error::Forbidden`] for who may not manage providers; trouble of the keyring.
    pub async fn prepare_provider_secrets(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
    ) -> Result<(), Error> {
        self.read(actor, workspace, |op| require_owner(op)).await?;
        self.ensure_keys(&[key_of(workspace)]).await
    }
}

/// Adds a provider; in force at once.
///
/// Errors: [`Error::Forbidden`]; [`Error::NeedsProof`]; [`Refusal::TooManyProviders`];
/// [`Error::IdTaken`]. Audit: `provider.added`.
pub fn add_provider(op: &mut Op, new: &AddProvider) -> Result<Added<Provider>, Error> {
    require_owner(op)?;
    proof::require(op, Grave::ChangeSignIn)?;
    let before = match new.id {
        Some(id) => find_any(op, id)?,
        None => None,
    };
    if let Some((before, is_live)) = &before
        && (*is_live || before.issuer != new.issuer)
    {
        let is_same = new.body.is_some() && audit::body_of(op, "provider", before.id)? == new.body;
        return if *is_live && is_same {
            Ok(Added::Before(before.clone()))
        } else {
            Err(Error::IdTaken)
        };
    }
    if list_providers(op)?.len() >= MOST_PROVIDERS {
        return Err(Refusal::TooManyProviders.into());
    }
    let NewSettings { label, client_id, asks_second, classes } = new.settings.clone();
    let id = new.id.unwrap_or_else(|| op.new_id());
    let issuer = new.issuer.clone();
    // One that was removed comes back as what it was: the same provider, or none.
    let version = before.map_or(1, |(before, _)| before.version + 1);
    let added = Provider { id, label, issuer, client_id, asks_second, classes, version };
    let key = op.settings().text_key;
    let settings = op.seal(key, field::PROVIDER_SETTINGS, id, version, &settings_text(&added))?;
    let secret = seal_secret(op, id, version, &new.secret)?;
    let now = op.now().as_microsecond();
    let values =
        [id.into(), settings.into(), secret.into(), asks_second.into(), now.into(), version.into()];
    if op.execute(&INSERT, &values)? == 0 {
        return Err(Error::IdTaken);
    }
    let event = Event::new(Kind::ProviderAdded, "provider", id)
        .text("label", None, Some(&added.label))
        .text("issuer", None, Some(added.issuer.as_str()))
        .text("client_id", None, Some(&added.client_id))
        .fact("asks_second", Fact::None, asks_second)
        .made_from(new.body);
    op.record(event)?;
    Ok(Added::New(added))
}

/// Changes a provider; in force at once.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::NeedsProof`]; [`Error::Stale`]. Audit:
/// `provider.changed`; nothing when it is so already.
pub fn change_provider(op: &mut Op, change: &ChangeProvider) -> Result<Provider, Error> {
    let before = get_provider(op, change.id)?;
    require_owner(op)?;
    check_version(change.expected_version, before.version)?;
    proof::require(op, Grave::ChangeSignIn)?;
    let NewSettings { label, client_id, asks_second, classes } = change.settings.clone();
    let after = Provider { label, client_id, asks_second, classes, ..before.clone() };
    if after == before && change.secret.is_none() {
        return Ok(before);
    }
    let after = Provider { version: before.version + 1, ..after };
    let (id, version) = (after.id, after.version);
    let key = op.settings().text_key;
    let settings = op.seal(key, field::PROVIDER_SETTINGS, id, version, &settings_text(&after))?;
    let values =
        [id.into(), settings.into(), asks_second.into(), version.into(), before.version.into()];
    if op.execute(&UPDATE, &values)? == 0 {
        return Err(Error::Stale(before.version));
    }
    if let Some(secret) = &change.secret {
        let sealed = seal_secret(op, id, version, secret)?;
        op.execute(&UPDATE_SECRET, &[id.into(), sealed.into(), version.into()])?;
    }
    let event = Event::new(Kind::ProviderChanged, "provider", id)
        .text("label", Some(&before.label), Some(&after.label))
        .text("client_id", Some(&before.client_id), Some(&after.client_id))
        .text("classes", Some(&before.classes), Some(&after.classes))
        .fact("asks_second", before.asks_second, after.asks_second)
        .fact("secret_changed", false, change.secret.is_some());
    op.record(event)?;
    Ok(after)
}

/// Removes a provider: what was signed in by it opens nothing from the next request on.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::NeedsProof`]; [`Error::Stale`]. Audit:
/// `provider.removed`.
pub fn remove_provider(
    op: &mut Op,
    id: ProviderId,
    expected_version: Option<i64>,
) -> Result<(), Error> {
    let before = get_provider(op, id)?;
    require_owner(op)?;
    check_version(expected_version, before.version)?;
    proof::require(op, Grave::ChangeSignIn)?;
    let now = op.now().as_microsecond();
    let values = [id.into(), now.into(), before.version.into(), Vec::<u8>::new().into()];
    if op.execute(&REMOVE, &values)? == 0 {
        return Err(Error::Stale(before.version));
    }
    let event = Event::new(Kind::ProviderRemoved, "provider", id)
        .text("label", Some(&before.label), None)
        .text("issuer", Some(before.issuer.as_str()), None);
    op.record(event)
}

/// Owners alone choose whose word lets people in: with an account at a provider of theirs, somebody else
/// could come in as an owner who has connected one there.
fn require_owner(op: &Op) -> Result<(), Error> {
    op.require(Right::NarrowSignIn, Relation::Workspace)
}

/// A provider, also one that was removed; whether it is there.
fn find_any(op: &mut Op, id: ProviderId) -> Result<Option<(Provider, bool)>, Error> {
    let Some(row) = op.optional(&FIND_ANY, &[id.into()])? else { return Ok(None) };
    Ok(Some((read(op, &row)?, is_live(op, id)?)))
}

const FIND_ANY: Statement = Statement::new("provider.find_any", select_provider!("WHERE id = $1"));

const INSERT: Statement = Statement::new(
    "provider.insert",
    "INSERT INTO providers (id, settings_sealed, secret_sealed, sealed_rev, secret_rev, asks_second,
                            created_at, version)
     VALUES ($1, $2, $3, $6, $6, $4, $5, $6)
     ON CONFLICT (id) DO UPDATE
         SET settings_sealed = excluded.settings_sealed, secret_sealed = excluded.secret_sealed,
             sealed_rev = excluded.sealed_rev, secret_rev = excluded.secret_rev,
             asks_second = excluded.asks_second, version = excluded.version, deleted_at = NULL
         WHERE providers.deleted_at IS NOT NULL",
);

const UPDATE: Statement = Statement::new(
    "provider.update",
    "UPDATE providers SET settings_sealed = $2, sealed_rev = $4, asks_second = $3, version = $4
     WHERE id = $1 AND version = $5 AND deleted_at IS NULL",
);

const UPDATE_SECRET: Statement = Statement::new(
    "provider.update_secret",
    "UPDATE providers SET secret_sealed = $2, secret_rev = $3 WHERE id = $1",
);

/// The secret goes with it.
const REMOVE: Statement = Statement::new(
    "provider.remove",
    "UPDATE providers SET deleted_at = $2, secret_sealed = $4, version = version + 1
     WHERE id = $1 AND version = $3 AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_ANY, INSERT, UPDATE, UPDATE_SECRET, REMOVE];
