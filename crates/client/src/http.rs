//! The wire: one request, one answer, or none. What an answer means is `api`'s.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use ureq::http::{Method, Request, Uri, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Proxy, Timeout};

use crate::config::{Credentials, is_this_machine};
use crate::failure::Failure;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    /// From `/api/v1` on.
    pub(crate) path: String,
    /// JSON.
    pub(crate) body: Option<String>,
    /// The version that a change was made from.
    pub(crate) if_match: Option<i64>,
}

/// An answer of any kind, perhaps not even the server's.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Without parameters: `application/json`.
    pub(crate) content_type: String,
    pub(crate) body: String,
    /// The server's clock, cut to the second, from the `Date` header.
    pub(crate) date: Option<Timestamp>,
}

/// No answer came.
#[derive(Debug, Clone)]
pub(crate) struct NoAnswer {
    /// Whether the request may have reached the server all the same.
    pub(crate) is_maybe_done: bool,
    /// In a few words.
    pub(crate) why: String,
}

/// Something that carries requests. The tests have another one.
pub(crate) trait Transport {
    fn send(&self, ask: &Ask) -> Result<Answer, NoAnswer>;
}

/// HTTP.
pub(crate) struct Http {
    agent: Agent,
    base: String,
    authorization: Option<String>,
}

/// The longest wait for a connection. A short one: without a network nobody wants to wait.
const CONNECT: Duration = Duration::from_secs(4);
/// The longest wait for all of it.
const WHOLE: Duration = Duration::from_secs(20);

impl Http {
    /// Errors: the certificates to trust cannot be read.
    pub(crate) fn new(credentials: &Credentials) -> Result<Self, Failure> {
        let authorization =
            (!credentials.token.is_empty()).then(|| format!("Bearer {}", credentials.token));
        let roots = match &credentials.ca_file {
            None => RootCerts::WebPki,
            Some(path) => certificates(path)?,
        };
        let agent: Agent = Agent::config_builder()
            .proxy(proxy(&credentials.url))
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE))
            .http_status_as_error(false)
            // A redirect would take the token elsewhere, or turn a POST into something else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("tp/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build()
            .into();
        Ok(Self { agent, base: credentials.url.clone(), authorization })
    }

    fn request(&self, ask: &Ask) -> Result<Request<String>, ureq::http::Error> {
        let uri: Uri = format!("{}{}", self.base, ask.path).parse()?;
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(uri)
            .header(header::ACCEPT, "application/json, application/problem+json");
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if ask.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(version) = ask.if_match {
            request = request.header(header::IF_MATCH, format!("\"{version}\""));
        }
        request.body(ask.body.clone().unwrap_or_default())
    }
}

impl Transport for Http {
    fn send(&self, ask: &Ask) -> Result<Answer, NoAnswer> {
        let request = self
            .request(ask)
            .map_err(|error| NoAnswer { is_maybe_done: false, why: error.to_string() })?;
        let has_body = ask.body.is_some();
        let sent =
            if has_body { self.agent.run(request) } else { self.agent.run(request.map(|_| ())) };
        let mut response = sent.map_err(|error| no_answer(&error))?;
        let content_type = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .unwrap_or_default()
            .trim()
            .to_lowercase();
        let date = response
            .headers()
            .get(header::DATE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| jiff::fmt::rfc2822::parse(value).ok())
            .map(|date| date.timestamp());
        let body = response.body_mut().read_to_string().map_err(|error| no_answer(&error))?;
        Ok(Answer { status: response.status().as_u16(), content_type, body, date })
    }
}

/// The proxy that the environment names; none before this machine. The way there is not encrypted, so
/// a proxy would be shown the token, and "localhost" would be the proxy's.
fn proxy(url: &str) -> Option<Proxy> {
    let uri: Option<Uri> = url.parse().ok();
    let is_here = uri.as_ref().and_then(Uri::host).is_some_and(is_this_machine);
    if is_here { None } else { Proxy::try_from_env() }
}

/// What it means that `error` came instead of an answer. In doubt the request may have arrived.
fn no_answer(error: &ureq::Error) -> NoAnswer {
    use std::io::ErrorKind;
    let is_before_sending = match error {
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::ConnectProxyFailed(_)
        | ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => true,
        ureq::Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
                | ErrorKind::NetworkDown
                | ErrorKind::AddrNotAvailable
        ),
        _ => false,
    };
    let why = match error {
        ureq::Error::HostNotFound => "the server's name is not known here".to_owned(),
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            "no connection in time".to_owned()
        }
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
            "the connection was refused".to_owned()
        }
        ureq::Error::Io(error) => crate::tls::in_words(error).unwrap_or_else(|| error.to_string()),
        error => error.to_string(),
    };
    NoAnswer { is_maybe_done: !is_before_sending, why }
}

fn certificates(path: &std::path::Path) -> Result<RootCerts, Failure> {
    let pem = std::fs::read(path)
        .with_context(|| format!("could not read the certificates in {}", path.display()))?;
    let found: Vec<_> = parse_pem(&pem)
        .filter_map(|part| match part {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        return Err(Failure::usage(format!("There is no certificate in {}.", path.display())));
    }
    Ok(RootCerts::Specific(Arc::new(found)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_lets_nothing_through_has_carried_nothing() {
        let refused = ureq::Error::ConnectProxyFailed("403".to_owned());
        assert!(!no_answer(&refused).is_maybe_done);
    }
}
