//! The only way out to providers: short, small, and never to where not everybody can reach.
//!
//! Whoever owns a workspace chooses whom the server asks. So no answer leads anywhere else (no
//! redirects), none is larger than a megabyte, none is waited for longer than seconds, and no name leads
//! to this machine or its network: what a name means is looked at where the connection is made, so that
//! a name which means something else a moment later is no way around.

use std::{net::IpAddr, sync::Arc, time::Duration};

use domain::provider::is_public;
use serde_json::Value;
use tokio::sync::Semaphore;
use ureq::{
    Agent, Error,
    config::Config,
    http::{Uri, uri::Authority},
    tls::{RootCerts, TlsConfig},
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};

/// The largest answer.
const MOST_BYTES: u64 = 1024 * 1024;
/// How long a connection takes at most.
const CONNECT: Duration = Duration::from_secs(5);
/// How long all of it takes at most.
const WHOLE: Duration = Duration::from_secs(10);
/// Requests at once: slow providers keep nobody else waiting, and few threads.
const MOST_AT_ONCE: usize = 16;

/// Why a provider was not reached, for the log. Nothing of it is told to who asks: it would tell of our
/// network.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotReached {
    /// The address is none that may be asked.
    #[error("{0} is not an address that is asked")]
    Forbidden(String),
    /// Too many are asked already.
    #[error("too many providers are asked at once")]
    Busy,
    /// It did not answer, or not in time, or too much.
    #[error("{0}")]
    Failed(String),
    /// It answered with another status.
    #[error("answered {0}")]
    Status(u16),
    /// The answer is not what it should be.
    #[error("{0}")]
    Unreadable(String),
}

/// The way out.
pub(super) struct Outbound {
    agent: Agent,
    reach: Arc<[String]>,
    turns: Arc<Semaphore>,
}

/// What is asked.
pub(super) enum Ask {
    /// A document.
    Get,
    /// A document, for the bearer of a token.
    GetAs(String),
    /// A form, perhaps with name and password.
    Form(Vec<(String, String)>, Option<String>),
}

impl Outbound {
    pub(super) fn new(reach: Vec<String>, timeout: Option<Duration>) -> Self {
        let reach: Arc<[String]> = reach.into();
        let tls = TlsConfig::builder().root_certs(RootCerts::WebPki).build();
        let config = Config::builder()
            .tls_config(tls)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(32 * 1024)
            .max_idle_connections(0)
            .timeout_connect(Some(CONNECT.min(timeout.unwrap_or(CONNECT))))
            .timeout_global(Some(timeout.unwrap_or(WHOLE)))
            .user_agent("Timeproof")
            .build();
        let resolver = Guarded { inner: DefaultResolver::default(), reach: Arc::clone(&reach) };
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Self { agent, reach, turns: Arc::new(Semaphore::new(MOST_AT_ONCE)) }
    }

    /// Asks, on a thread of its own.
    pub(super) async fn ask(self: &Arc<Self>, url: &str, ask: Ask) -> Result<Value, NotReached> {
        let uri = self.check(url)?;
        let turn = Arc::clone(&self.turns).try_acquire_owned().map_err(|_| NotReached::Busy)?;
        let agent = self.agent.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let answer = send(&agent, uri, ask);
            drop(turn);
            answer
        });
        asked.await.map_err(|_| NotReached::Failed("asking panicked".to_owned()))?
    }

    /// Whether an address may be asked: by https, or in the clear where the operator says so of this
    /// machine. What its name means is looked at when it is connected to.
    fn check(&self, url: &str) -> Result<Uri, NotReached> {
        let forbidden = || NotReached::Forbidden(url.chars().take(200).collect());
        let uri: Uri = url.parse().map_err(|_| forbidden())?;
        let authority = uri.authority().ok_or_else(forbidden)?;
        let is_fine = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => is_this_machine(authority) && is_reached(&self.reach, authority),
            _ => false,
        };
        if is_fine && !authority.as_str().contains('@') { Ok(uri) } else { Err(forbidden()) }
    }
}

fn send(agent: &Agent, uri: Uri, ask: Ask) -> Result<Value, NotReached> {
    let failed = |error: Error| NotReached::Failed(error.to_string());
    let accept = "application/json";
    let answered = match ask {
        Ask::Get => agent.get(uri).header("accept", accept).call(),
        Ask::GetAs(token) => {
            let bearer = format!("Bearer {token}");
            agent.get(uri).header("accept", accept).header("authorization", bearer).call()
        }
        Ask::Form(fields, basic) => {
            let mut request = agent.post(uri).header("accept", accept);
            if let Some(basic) = basic {
                request = request.header("authorization", basic);
            }
            request.send_form(fields)
        }
    };
    let mut answer = answered.map_err(failed)?;
    if answer.status() != 200 {
        return Err(NotReached::Status(answer.status().as_u16()));
    }
    let body = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec().map_err(failed)?;
    serde_json::from_slice(&body).map_err(|error| NotReached::Unreadable(error.to_string()))
}

/// Whether what is sent there leaves this machine not at all.
fn is_this_machine(authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether the operator says that a host is asked wherever it is.
fn is_reached(reach: &[String], authority: &Authority) -> bool {
    reach.iter().any(|host| host == authority.as_str() || host == authority.host())
}

/// Finds addresses of names, and none that not everybody can reach.
#[derive(Debug)]
struct Guarded {
    inner: DefaultResolver,
    reach: Arc<[String]>,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let is_reached = uri.authority().is_some_and(|host| is_reached(&self.reach, host));
        if is_reached || found.iter().all(|address| is_public(address.ip())) {
            return Ok(found);
        }
        Err(Error::HostNotFound)
    }
}
