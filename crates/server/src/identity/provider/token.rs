//! What is believed of a token: nothing before its signature, its issuer, its audience and its time were
//! checked.
//!
//! Signature, algorithm, issuer and audience are the library's to check. What it leaves to its callers is
//! here: time (held against the server's own clock), `azp`, `nbf`, further audiences, `auth_time`, what
//! counts as a second factor, and what makes a logout token.

use app::provider::Provider;
use domain::provider::shows_second;
use jiff::Timestamp;
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, IdToken, IdTokenClaims, IssuerUrl,
    JsonWebTokenType, Nonce, SignatureVerificationError,
    core::{
        CoreGenderClaim, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How far the clock of a provider may be from ours, in seconds.
const SKEW_S: i64 = 60;
/// The oldest sign-in at the provider that counts where it has to tell of it, in seconds.
pub(super) const MAX_AGE_S: i64 = 12 * 3_600;
/// The longest token.
const MOST_BYTES: usize = 64 * 1024;
/// The longest name of a subject (OpenID Connect Core 1.0, 2).
const LONGEST_SUBJECT: usize = 255;

/// What makes a token one of logging out.
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Why a token is not believed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unbelieved {
    /// It is signed with a key that is not known: perhaps a new one.
    #[error("signed with a key that is not known")]
    UnknownKey,
    /// Anything else; for the log alone.
    #[error("{0}")]
    Because(String),
}

fn because<T>(reason: impl Into<String>) -> Result<T, Unbelieved> {
    Err(Unbelieved::Because(reason.into()))
}

/// What a token says that was believed.
#[derive(Debug)]
pub(super) struct Believed {
    pub(super) subject: String,
    pub(super) email: Option<String>,
    pub(super) is_email_verified: bool,
    pub(super) has_second: bool,
}

/// What a logout token says that was believed.
#[derive(Debug)]
pub(super) struct BelievedLogout {
    pub(super) subject: String,
    pub(super) token: String,
    pub(super) expires_at: i64,
}

/// The claims that the library does not know.
#[derive(Debug, Clone, Deserialize, Serialize)]
struct Further {
    nbf: Option<i64>,
    jti: Option<String>,
    #[serde(default)]
    events: Value,
}

impl AdditionalClaims for Further {}

type Claims = IdTokenClaims<Further, CoreGenderClaim>;
type Token =
    IdToken<Further, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// Believes the token of a sign-in, or not.
pub(super) fn believe(
    text: &str,
    provider: &Provider,
    keys: &CoreJsonWebKeySet,
    nonce: &str,
    now: Timestamp,
) -> Result<Believed, Unbelieved> {
    let expected = Nonce::new(nonce.to_owned());
    let types = ["JWT"];
    let claims = check(text, provider, keys, now, &types, |found| {
        openidconnect::NonceVerifier::verify(&expected, found)
    })?;
    let has_second = second(provider, &claims, now.as_second())?;
    Ok(Believed {
        subject: claims.subject().to_string(),
        email: claims.email().map(|email| email.to_string()),
        is_email_verified: claims.email_verified() == Some(true),
        has_second,
    })
}

/// Believes a logout token, or not.
pub(super) fn believe_logout(
    text: &str,
    provider: &Provider,
    keys: &CoreJsonWebKeySet,
    now: Timestamp,
) -> Result<BelievedLogout, Unbelieved> {
    let types = ["JWT", "logout+jwt"];
    let claims = check(text, provider, keys, now, &types, |found| match found {
        None => Ok(()),
        Some(_) => Err("a logout token has no nonce".to_owned()),
    })?;
    let further = claims.additional_claims();
    if !further.events.get(LOGOUT_EVENT).is_some_and(Value::is_object) {
        return because("a token of something else than logging out");
    }
    if now.as_second() - claims.issue_time().timestamp() > 600 {
        return because("a logout token of long ago");
    }
    let subject = claims.subject().to_string();
    let expires_at = claims.expiration().timestamp() + SKEW_S;
    match &further.jti {
        Some(token) if (1..=LONGEST_SUBJECT).contains(&token.len()) => {
            Ok(BelievedLogout { subject, token: token.clone(), expires_at })
        }
        _ => because("a logout token without a name"),
    }
}

/// What both sorts of tokens have to be.
fn check(
    text: &str,
    provider: &Provider,
    keys: &CoreJsonWebKeySet,
    now: Timestamp,
    types: &[&str],
    nonce: impl FnOnce(Option<&Nonce>) -> Result<(), String>,
) -> Result<Claims, Unbelieved> {
    if text.len() > MOST_BYTES {
        return because("a token that is too long");
    }
    let token: Token =
        text.parse().map_err(|error| Unbelieved::Because(format!("no token: {error}")))?;
    let issuer = IssuerUrl::new(provider.issuer.as_str().to_owned())
        .map_err(|error| Unbelieved::Because(error.to_string()))?;
    let client = ClientId::new(provider.client_id.clone());
    let types =
        types.iter().filter_map(|name| JsonWebTokenType::new((*name).to_owned()).normalize().ok());
    // The library asks the machine for the time; ours is held against below.
    let verifier = CoreIdTokenVerifier::new_public_client(client, issuer, keys.clone())
        .set_allowed_algs(algorithms())
        .set_allowed_jose_types(types)
        .set_time_fn(Default::default);
    let claims = token.into_claims(&verifier, nonce).map_err(unbelieved)?;
    check_time(&claims, now.as_second())?;
    if claims.authorized_party().is_some_and(|party| **party != provider.client_id) {
        return because("made for another party (azp)");
    }
    if !(1..=LONGEST_SUBJECT).contains(&claims.subject().len()) {
        return because("a subject that cannot be one");
    }
    Ok(claims)
}

/// No `none`, and no algorithm with a shared secret: then a public key would be one.
fn algorithms() -> [CoreJwsSigningAlgorithm; 4] {
    [
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    ]
}

fn unbelieved(error: ClaimsVerificationError) -> Unbelieved {
    match error {
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        ) => Unbelieved::UnknownKey,
        error => Unbelieved::Because(error.to_string()),
    }
}

fn check_time(claims: &Claims, now: i64) -> Result<(), Unbelieved> {
    if claims.expiration().timestamp() <= now - SKEW_S {
        return because("expired");
    }
    if claims.additional_claims().nbf.is_some_and(|from| from > now + SKEW_S) {
        return because("not valid yet");
    }
    if claims.issue_time().timestamp() > now + SKEW_S {
        return because("made in the future");
    }
    Ok(())
}

/// Whether the provider says that a second factor was shown: asked of none that need not say so, and
/// demanded of the others, with when that was.
fn second(provider: &Provider, claims: &Claims, now: i64) -> Result<bool, Unbelieved> {
    if !provider.asks_second {
        return Ok(false);
    }
    match claims.auth_time().map(|at| at.timestamp()) {
        Some(at) if at > now + SKEW_S => return because("a sign-in in the future"),
        Some(at) if now - at <= MAX_AGE_S + SKEW_S => {}
        Some(_) => return because("a sign-in of too long ago"),
        None => return because("no time of the sign-in (auth_time)"),
    }
    let methods: Vec<&str> =
        claims.auth_method_refs().into_iter().flatten().map(|method| method.as_str()).collect();
    let class = claims.auth_context_ref().map(|class| class.as_str());
    if shows_second(&methods, class, &provider.classes) {
        Ok(true)
    } else {
        because("no second factor (amr, acr)")
    }
}
