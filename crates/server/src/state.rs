//! What every handler can reach.

use std::{ops::Deref, sync::Arc};

use app::{App, identity::provider::Which};
use tokio::sync::watch;

pub use crate::identity::provider::Providers;
use crate::{
    config::Config, jobs::Board, limit::Limit, net::Network, policy_report::Reports,
    router::Refusals, token::touch::Touched,
};

/// The state of the server. Every layer and every extractor of a request clones it: one count.
#[derive(Clone)]
pub struct Server(Arc<State>);

/// What the server consists of.
pub struct State {
    /// The application.
    pub app: App,
    /// How it was started.
    pub config: Arc<Config>,
    /// Providers of sign-ins: the operator's own, and what is known of all of them.
    pub providers: Providers,
    /// What this process remembers.
    pub memory: Memory,
}

impl Deref for Server {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

/// What this process remembers between requests; nothing is wrong when it forgets.
pub struct Memory {
    /// Programs that ask for a token, by network.
    pub device_grants: Limit<Network>,
    /// Browsers that set out to a provider, by network.
    pub journeys: Limit<Network>,
    /// Logout tokens that a provider has signed.
    pub logouts: Limit<Which>,
    /// What came as a logout token and was none, by network.
    pub no_logouts: Limit<Network>,
    /// What browsers told of our pages' policy.
    pub policy_reports: Reports,
    /// Refusals that were told to the log.
    pub refusals: Refusals,
    /// When the last use of tokens was looked at.
    pub touched: Touched,
    /// What became of this node's jobs.
    pub jobs: Board,
    /// Whether the server has been told to stop: what never ends by itself ends then.
    pub stopping: watch::Sender<bool>,
}

/// Programs of one network that may ask for a token in an hour.
const MOST_DEVICE_GRANTS: usize = 20;

/// Browsers of one network that may set out to a provider in an hour.
const MOST_JOURNEYS: usize = 300;

/// Logout tokens that a provider may send in an hour.
const MOST_LOGOUTS: usize = 3_000;

/// Logout tokens that are none, which a network may send in an hour.
const MOST_NO_LOGOUTS: usize = 100;

impl Server {
    /// The state of a server that has just started, with the operator's providers as they were read.
    pub fn new(app: App, config: Arc<Config>, providers: Providers) -> Self {
        let device_grants = Limit::new(MOST_DEVICE_GRANTS, 3_600);
        let memory = Memory {
            device_grants,
            journeys: Limit::new(MOST_JOURNEYS, 3_600),
            logouts: Limit::new(MOST_LOGOUTS, 3_600),
            no_logouts: Limit::new(MOST_NO_LOGOUTS, 3_600),
            policy_reports: Reports::default(),
            refusals: Refusals::default(),
            touched: Touched::default(),
            jobs: Board::default(),
            stopping: watch::Sender::new(false),
        };
        Self(Arc::new(State { app, config, providers, memory }))
    }
}
