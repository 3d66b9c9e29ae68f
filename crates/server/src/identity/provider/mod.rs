//! Providers of sign-ins, as the server speaks with them: whom it asks, what it asks for, and what of the
//! answer it believes.
//!
//! [`outbound`] is the only way out, [`issuer`] what is known of a provider, [`token`] what is believed;
//! what an account opens is [`app::identity::provider`]'s.

pub(crate) mod configured;
mod flow;
mod issuer;
mod outbound;
mod token;
mod turns;

use app::{
    identity::{password::Secret, provider::Which},
    provider::{Equipped, Provider},
};
use domain::ids::{ProviderId, WorkspaceId};

pub(crate) use flow::{Brought, Untrusted, check_logout, come_back, set_out};

use self::{configured::Configured, issuer::Issuers, outbound::Outbound};
use crate::config::Config;

/// All that is kept of providers while the server runs.
pub struct Providers {
    configured: Configured,
    issuers: Issuers,
    outbound: Outbound,
}

impl Providers {
    /// As the operator has configured them, in their file.
    ///
    /// Errors: a sentence that says what to do.
    pub fn read(config: &Config) -> Result<Self, String> {
        Configured::read(config).map(Self::new)
    }

    fn new(configured: Configured) -> Self {
        let outbound = Outbound::new(configured.reach.clone(), configured.timeout);
        Self { configured, issuers: Issuers::default(), outbound }
    }

    /// The operator's own.
    pub(crate) fn of_operator(&self) -> impl Iterator<Item = &Provider> {
        self.configured.providers.iter().map(|(provider, _)| provider)
    }

    /// Whether it is one of the operator's own.
    pub(crate) fn has_of_instance(&self, id: ProviderId) -> bool {
        self.of_operator().any(|provider| provider.id == id)
    }

    /// One of the operator's own.
    pub(crate) fn of_instance(&self, id: ProviderId) -> Option<Equipped> {
        let found = self.configured.providers.iter().find(|(provider, _)| provider.id == id);
        found.map(|(provider, secret)| Equipped {
            provider: provider.clone(),
            secret: Secret::new(secret.expose().clone()),
        })
    }
}

/// Without any of the operator's.
impl Default for Providers {
    fn default() -> Self {
        Self::new(Configured::default())
    }
}

/// The name of the operator's providers in addresses, where workspaces have their ids.
const INSTANCE: &str = "instance";

/// Whose providers an address names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Owner {
    /// The operator's.
    Instance,
    /// A workspace's.
    Workspace(WorkspaceId),
}

impl Owner {
    /// The workspace, where they are one's.
    pub(crate) fn workspace(self) -> Option<WorkspaceId> {
        match self {
            Self::Instance => None,
            Self::Workspace(workspace) => Some(workspace),
        }
    }
}

/// Whose provider an address names; nothing where it is no address of ours.
pub(crate) fn read_owner(text: &str) -> Option<Owner> {
    if text == INSTANCE {
        return Some(Owner::Instance);
    }
    text.parse().ok().map(Owner::Workspace)
}

/// Where a provider's pages are: `/sign-in/provider/{workspace or instance}`.
fn place(which: Which) -> String {
    match which.workspace {
        Some(workspace) => format!("/sign-in/provider/{workspace}"),
        None => format!("/sign-in/provider/{INSTANCE}"),
    }
}

/// Where one sets out to a provider.
pub(crate) fn start_path(which: Which) -> String {
    format!("{}/{}", place(which), which.id)
}

/// Where a provider sends browsers back to. Each workspace has its own: what one provider was asked cannot
/// be answered at the address of another one's.
pub(crate) fn callback_path(which: Which) -> String {
    format!("{}/callback", place(which))
}

/// Where a provider says that somebody has signed out.
pub(crate) fn logout_path(which: Which) -> String {
    format!("{}/{}/logout", place(which), which.id)
}
