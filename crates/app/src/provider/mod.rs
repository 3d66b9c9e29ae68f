//! Providers of sign-ins (OpenID Connect) that a workspace has set up: list, add, change, remove, and what
//! a sign-in needs of one.
//!
//! Accounts belong to the instance, and such a provider to whoever owns the workspace. So what it opens is
//! that workspace alone: see [`crate::identity::provider`] and `docs/adr/0014-providers.md`.

mod change;
mod list;
mod read;
mod sealed;

use domain::{ids::ProviderId, provider::Issuer};
use vault::{Secret, hash_token};

pub use change::{
    AddProvider, ChangeProvider, MOST_PROVIDERS, NewSettings, add_provider, change_provider,
    remove_provider,
};
pub(crate) use list::is_live;
pub use list::{get_provider, list_providers};
pub use read::{
    LONGEST_CLASS, LONGEST_CLIENT, LONGEST_LABEL, LONGEST_SECRET, MOST_CLASSES, Typed, read_issuer,
    read_secret, read_settings,
};

/// A provider of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Which.
    pub id: ProviderId,
    /// What the button says.
    pub label: String,
    /// Which provider that is.
    pub issuer: Issuer,
    /// As what it knows us.
    pub client_id: String,
    /// Whether it has to say that a second factor was shown.
    pub asks_second: bool,
    /// Classes (`acr`) that say so besides; separated by spaces.
    pub classes: String,
    /// Raised by every change.
    pub version: i64,
}

/// A provider, as a sign-in needs it.
pub struct Equipped {
    /// The provider.
    pub provider: Provider,
    /// What it knows us by.
    pub secret: Secret<String>,
}

/// What the providers of a workspace are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name of the workspace.
    pub place: String,
    /// Providers and their labels, oldest first.
    pub labels: Vec<(ProviderId, String)>,
}

/// The id of one of the operator's own providers: the same for as long as it is the same issuer, since
/// accounts are joined to it. A UUIDv8 (RFC 9562).
pub fn id_of_issuer(issuer: &Issuer) -> ProviderId {
    let [bytes @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
        hash_token(issuer.as_str().as_bytes());
    ProviderId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [change::STATEMENTS, list::STATEMENTS].concat()
}
