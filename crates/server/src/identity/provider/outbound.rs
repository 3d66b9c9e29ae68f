//! The only way out to providers: short, small, and never to where not everybody can reach.
//!
//! Whoever owns a workspace chooses whom the server asks. So no answer leads anywhere else (no
//! redirects), none is larger than a megabyte, none is waited for longer than seconds, and no name leads
//! to this machine or its network: what a name means is looked at where the connection is made, so that
//! a name which means something else a moment later is no way around.

use std::{net::IpAddr, sync::Arc, time::Duration};

use domain::provider::{Issuer, is_public};
use serde_json::Value;
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

use super::turns::Turns;

/// The largest answer.
const MOST_BYTES: u64 = 1024 * 1024;
/// How long a connection takes at most.
const CONNECT: Duration = Duration::from_secs(5);
/// How long all of it takes at most.
const WHOLE: Duration = Duration::from_secs(10);

/// Why a provider was not reached, for the log. Nothing of it is told to who asks: it would tell of our
/// network.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotReached {
    /// The address is none that may be asked.
    #[error("{0} is not an address that is asked")]
    Forbidden(String),
    /// Too many are asked already, or it is by too many.
    #[error("too much is asked of providers at once")]
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
    reach: Arc<[Authority]>,
    turns: Turns,
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
    /// `reach` are hosts that are asked wherever they are.
    pub(super) fn new(reach: Vec<Authority>, timeout: Option<Duration>) -> Self {
        let reach: Arc<[Authority]> = reach.into();
        let whole = timeout.unwrap_or(WHOLE);
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
            .timeout_global(Some(whole))
            .user_agent("Timeproof")
            .build();
        let resolver = Guarded { inner: DefaultResolver::default(), reach: Arc::clone(&reach) };
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Self { agent, reach, turns: Turns::new(whole) }
    }

    /// Asks an address of a provider, on a thread of its own.
    pub(super) async fn ask(
        &self,
        issuer: &Issuer,
        url: &str,
        ask: Ask,
    ) -> Result<Value, NotReached> {
        let uri = self.check(url)?;
        let turn = self.turns.take(issuer).await.ok_or(NotReached::Busy)?;
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
            Some("http") => is_this_machine(authority) && is_reached(&self.reach, &uri),
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

/// Whether the operator says that a host is asked wherever it is: at the port that they name, or else at
/// the one that the scheme has.
fn is_reached(reach: &[Authority], uri: &Uri) -> bool {
    let Some(asked) = uri.authority() else { return false };
    let scheme = uri.scheme_str();
    let is_same = |host: &Authority| {
        host.host().eq_ignore_ascii_case(asked.host())
            && port_of(host, scheme) == port_of(asked, scheme)
    };
    reach.iter().any(is_same)
}

fn port_of(authority: &Authority, scheme: Option<&str>) -> Option<u16> {
    authority.port_u16().or(match scheme {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    })
}

/// Finds addresses of names, and none that not everybody can reach.
#[derive(Debug)]
struct Guarded {
    inner: DefaultResolver,
    reach: Arc<[Authority]>,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        if is_reached(&self.reach, uri) || found.iter().all(|address| is_public(address.ip())) {
            return Ok(found);
        }
        Err(Error::HostNotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_reached_at_its_own_port_and_no_other() {
        let cases = [
            ("id.intern", "https://id.intern/x", true),
            ("id.intern", "https://ID.intern:443/x", true),
            ("id.intern", "https://id.intern:8443/x", false),
            ("id.intern", "https://id.intern:22/x", false),
            ("id.intern:8443", "https://id.intern:8443/x", true),
            ("id.intern:8443", "https://id.intern/x", false),
            ("localhost", "http://localhost/x", true),
            ("localhost", "http://localhost:8080/x", false),
            ("[::1]:4000", "http://[::1]:4000/x", true),
            ("[::1]", "http://[::1]:4000/x", false),
            ("id.intern", "https://other.intern/x", false),
        ];
        for (reach, asked, expected) in cases {
            let reach = [reach.parse().unwrap()];
            assert_eq!(is_reached(&reach, &asked.parse().unwrap()), expected, "{reach:?} {asked}");
        }
    }
}
