//! What is known of an issuer: its metadata and its keys, kept for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::provider::Issuer;
use jiff::Timestamp;
use openidconnect::core::CoreJsonWebKeySet;
use serde::Deserialize;
use serde_json::Value;

use super::outbound::{Ask, NotReached, Outbound};

/// How long metadata and keys are kept, in seconds.
const KEEP_S: i64 = 600;
/// Keys are fetched anew for a token whose key is not known, and no sooner than this after the last time.
const REFETCH_S: i64 = 5;
/// Issuers remembered at once.
const MOST: usize = 500;

/// The metadata that we use (OpenID Connect Discovery 1.0, RFC 8414, RFC 9207).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    jwks_uri: String,
    pub(super) userinfo_endpoint: Option<String>,
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
    code_challenge_methods_supported: Option<Vec<String>>,
    pub(super) token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// An issuer's metadata, and its keys as they were read.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) metadata: Arc<Metadata>,
    pub(super) keys: Arc<CoreJsonWebKeySet>,
    read_at: i64,
    keys_at: i64,
}

/// The issuers that were asked lately; nothing is wrong when they are forgotten.
#[derive(Default)]
pub(super) struct Issuers(Mutex<HashMap<Issuer, Known>>);

impl Issuers {
    fn get(&self, issuer: &Issuer) -> Option<Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(issuer).cloned()
    }

    fn put(&self, issuer: &Issuer, known: &Known) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(issuer.clone(), known.clone());
    }

    /// What is known of an issuer; asked for where it is not, or not lately.
    pub(super) async fn find(
        &self,
        outbound: &Outbound,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<Known, NotReached> {
        let now = now.as_second();
        if let Some(known) = self.get(issuer)
            && (0..KEEP_S).contains(&(now - known.read_at))
        {
            return Ok(known);
        }
        let base = issuer.as_str().trim_end_matches('/');
        let url = format!("{base}/.well-known/openid-configuration");
        let metadata = read_metadata(outbound.ask(issuer, &url, Ask::Get).await?, issuer)?;
        let keys = read_keys(outbound.ask(issuer, &metadata.jwks_uri, Ask::Get).await?)?;
        let known = Known {
            metadata: Arc::new(metadata),
            keys: Arc::new(keys),
            read_at: now,
            keys_at: now,
        };
        self.put(issuer, &known);
        Ok(known)
    }

    /// The keys anew, where a token was signed with one that is not known: a provider has changed them.
    /// None where they were read a moment ago.
    pub(super) async fn renew_keys(
        &self,
        outbound: &Outbound,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<Option<Known>, NotReached> {
        let now = now.as_second();
        let Some(known) = self.get(issuer) else { return Ok(None) };
        if (0..REFETCH_S).contains(&(now - known.keys_at)) {
            return Ok(None);
        }
        // Noted first: whoever comes meanwhile does not ask too.
        self.put(issuer, &Known { keys_at: now, ..known.clone() });
        let keys = read_keys(outbound.ask(issuer, &known.metadata.jwks_uri, Ask::Get).await?)?;
        let known = Known { keys: Arc::new(keys), keys_at: now, ..known };
        self.put(issuer, &known);
        Ok(Some(known))
    }
}

/// Metadata is that of the issuer that was asked, letter by letter, and of one that knows PKCE with S256.
fn read_metadata(value: Value, issuer: &Issuer) -> Result<Metadata, NotReached> {
    let unreadable = |what: &str| NotReached::Unreadable(what.to_owned());
    let metadata: Metadata = serde_json::from_value(value)
        .map_err(|error| NotReached::Unreadable(format!("metadata: {error}")))?;
    if metadata.issuer != issuer.as_str() {
        return Err(unreadable("the metadata is another issuer's"));
    }
    let methods = metadata.code_challenge_methods_supported.as_ref();
    if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
        return Err(unreadable("the issuer does not know PKCE with S256"));
    }
    // Browsers are sent there.
    let place = &metadata.authorization_endpoint;
    let is_plain = place.is_ascii() && !place.contains(char::is_whitespace);
    let is_http = place.starts_with("http://") && issuer.as_str().starts_with("http://");
    if !is_plain || !(place.starts_with("https://") || is_http) {
        return Err(unreadable("browsers cannot be sent to the authorization endpoint"));
    }
    Ok(metadata)
}

fn read_keys(value: Value) -> Result<CoreJsonWebKeySet, NotReached> {
    serde_json::from_value(value).map_err(|error| NotReached::Unreadable(format!("keys: {error}")))
}
