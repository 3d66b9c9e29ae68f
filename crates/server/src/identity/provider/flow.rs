//! To a provider and back.

use app::{
    identity::provider::{Journey, Taken},
    provider::{Equipped, Provider},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{provider::Issuer, text::EmailAddress};
use openidconnect::{PkceCodeChallenge, PkceCodeVerifier, core::CoreJsonWebKeySet};
use serde_json::Value;

use super::{
    Providers,
    issuer::{Known, Metadata},
    outbound::{Ask, NotReached},
    token::{BelievedLogout, MAX_AGE_S, Unbelieved, believe, believe_logout},
};
use crate::state::Server;

/// Why somebody does not come in by a provider.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Untrusted {
    /// It could not be asked.
    #[error("the provider was not reached: {0}")]
    NotReached(#[from] NotReached),
    /// What it says is not believed.
    #[error("what the provider says is not believed: {0}")]
    Unbelieved(String),
}

fn because<T>(reason: impl Into<String>) -> Result<T, Untrusted> {
    Err(Untrusted::Unbelieved(reason.into()))
}

/// Where a browser is sent.
pub(crate) struct Leaving {
    /// The provider's address, with all that it has to know.
    pub(crate) url: String,
}

/// Asks whether the provider is there, before anything is written.
pub(crate) async fn set_out(
    server: &Server,
    provider: &Provider,
) -> Result<impl FnOnce(&Journey, &str) -> Leaving + use<>, Untrusted> {
    let Providers { issuers, outbound, .. } = &server.providers;
    let now = server.app.clock().now();
    let known = issuers.find(outbound, &provider.issuer, now).await?;
    let (metadata, provider) = (known.metadata, provider.clone());
    Ok(move |journey: &Journey, callback: &str| {
        let url = address(&metadata, &provider, journey, callback);
        Leaving { url }
    })
}

fn address(metadata: &Metadata, provider: &Provider, journey: &Journey, callback: &str) -> String {
    let verifier = PkceCodeVerifier::new(journey.verifier.expose().clone());
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    let max_age = MAX_AGE_S.to_string();
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", &provider.client_id),
        ("redirect_uri", callback),
        ("scope", "openid email"),
        ("state", journey.state.expose()),
        ("nonce", journey.nonce.expose()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    if provider.asks_second {
        query.push(("max_age", &max_age));
        if !provider.classes.is_empty() {
            query.push(("acr_values", &provider.classes));
        }
    }
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    let place = &metadata.authorization_endpoint;
    let mark = if place.contains('?') { '&' } else { '?' };
    format!("{place}{mark}{query}")
}

/// Somebody, as the provider tells.
#[derive(Debug)]
pub(crate) struct Came {
    /// What it calls them.
    pub(crate) subject: String,
    /// Their address, where it says that it is theirs.
    pub(crate) address: Option<EmailAddress>,
    /// Whether it says that a second factor was shown.
    pub(crate) has_second: bool,
}

/// What the browser brings back.
pub(crate) struct Brought<'a> {
    pub(crate) code: &'a str,
    /// Who sends it, where that was said (RFC 9207).
    pub(crate) issuer: Option<&'a str>,
    /// Where it was sent back to.
    pub(crate) callback: &'a str,
}

/// Redeems the code, and believes the token or not.
pub(crate) async fn come_back(
    server: &Server,
    equipped: &Equipped,
    taken: &Taken,
    brought: Brought<'_>,
) -> Result<Came, Untrusted> {
    let Providers { issuers, outbound, .. } = &server.providers;
    let (provider, now) = (&equipped.provider, server.app.clock().now());
    let known = issuers.find(outbound, &provider.issuer, now).await?;
    check_sender(&known.metadata, provider, brought.issuer)?;
    let answer = redeem(server, equipped, &known, taken, &brought).await?;
    let token = answer.get("id_token").and_then(Value::as_str).unwrap_or_default();
    let nonce = taken.nonce.expose();
    let believed =
        hold(server, provider, &known, |keys| believe(token, provider, keys, nonce, now));
    let believed = believed.await?;
    let mut email = believed.email.filter(|_| believed.is_email_verified);
    if email.is_none() {
        let issuer = &provider.issuer;
        email = ask_for_email(server, (issuer, &known), &answer, &believed.subject).await?;
    }
    // What cannot be an address is none.
    let address = email.and_then(|email| EmailAddress::parse(&email).ok());
    Ok(Came { subject: believed.subject, address, has_second: believed.has_second })
}

/// Holds a token against the keys that are known of a provider, and once more against those it has now
/// where it is signed with one that is not known.
async fn hold<T>(
    server: &Server,
    provider: &Provider,
    known: &Known,
    believe: impl Fn(&CoreJsonWebKeySet) -> Result<T, Unbelieved>,
) -> Result<T, Untrusted> {
    let Providers { issuers, outbound, .. } = &server.providers;
    let mut believed = believe(&known.keys);
    if matches!(believed, Err(Unbelieved::UnknownKey)) {
        let now = server.app.clock().now();
        if let Some(renewed) = issuers.renew_keys(outbound, &provider.issuer, now).await? {
            believed = believe(&renewed.keys);
        }
    }
    believed.map_err(|error| Untrusted::Unbelieved(error.to_string()))
}

/// The answer comes from whom it should: who says who they are says it truly, and who always does cannot
/// leave it out (RFC 9207, 2.4).
fn check_sender(
    metadata: &Metadata,
    provider: &Provider,
    sender: Option<&str>,
) -> Result<(), Untrusted> {
    match sender {
        Some(sender) if sender == provider.issuer.as_str() => Ok(()),
        Some(_) => because("the answer names another issuer"),
        None if metadata.authorization_response_iss_parameter_supported => {
            because("the answer does not name its issuer")
        }
        None => Ok(()),
    }
}

async fn redeem(
    server: &Server,
    equipped: &Equipped,
    known: &Known,
    taken: &Taken,
    brought: &Brought<'_>,
) -> Result<Value, Untrusted> {
    let Equipped { provider, secret } = equipped;
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", brought.code),
        ("redirect_uri", brought.callback),
        ("code_verifier", taken.verifier.expose()),
    ];
    let methods = known.metadata.token_endpoint_auth_methods_supported.as_deref();
    let knows = |method: &str| methods.is_some_and(|all| all.iter().any(|known| known == method));
    // Where nothing is said, it is the basic one (RFC 8414, 2).
    let basic = if knows("client_secret_post") && !knows("client_secret_basic") {
        form.push(("client_id", &provider.client_id));
        form.push(("client_secret", secret.expose()));
        None
    } else {
        Some(basic(&provider.client_id, secret.expose()))
    };
    let form = form.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let ask = Ask::Form(form.collect(), basic);
    let (issuer, url) = (&provider.issuer, &known.metadata.token_endpoint);
    Ok(server.providers.outbound.ask(issuer, url, ask).await?)
}

/// Name and password as RFC 6749, 2.3.1 writes them.
fn basic(client_id: &str, secret: &str) -> String {
    let encode = |text: &str| {
        let pair = serde_urlencoded::to_string([("", text)]).unwrap_or_default();
        pair.trim_start_matches('=').to_owned()
    };
    let pair = format!("{}:{}", encode(client_id), encode(secret));
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

/// The address, where the token does not tell: of the same person, or all of it is a lie.
async fn ask_for_email(
    server: &Server,
    (issuer, known): (&Issuer, &Known),
    answer: &Value,
    subject: &str,
) -> Result<Option<String>, Untrusted> {
    let token = answer.get("access_token").and_then(Value::as_str);
    let (Some(url), Some(token)) = (&known.metadata.userinfo_endpoint, token) else {
        return Ok(None);
    };
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return because("an access token that cannot be one");
    }
    let info = server.providers.outbound.ask(issuer, url, Ask::GetAs(token.to_owned()));
    let info = info.await?;
    if info.get("sub").and_then(Value::as_str) != Some(subject) {
        return because("userinfo is somebody else's");
    }
    // As text too, as some write it.
    let is_verified = match info.get("email_verified") {
        Some(Value::Bool(told)) => *told,
        Some(Value::String(told)) => told == "true",
        _ => false,
    };
    let email = info.get("email").and_then(Value::as_str);
    Ok(email.filter(|_| is_verified).map(str::to_owned))
}

/// Believes a logout token, or not: subject, its name, and until when it could come again in seconds.
pub(crate) async fn check_logout(
    server: &Server,
    provider: &Provider,
    token: &str,
) -> Result<(String, String, i64), Untrusted> {
    let Providers { issuers, outbound, .. } = &server.providers;
    let now = server.app.clock().now();
    let known = issuers.find(outbound, &provider.issuer, now).await?;
    let believed =
        hold(server, provider, &known, |keys| believe_logout(token, provider, keys, now));
    let BelievedLogout { subject, token, expires_at } = believed.await?;
    Ok((subject, token, expires_at))
}
