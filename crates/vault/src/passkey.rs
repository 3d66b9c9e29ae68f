//! Passkeys: what a browser is asked, and whether its answer is right (Web Authentication, level 3).
//!
//! | step | server | browser, with the person's device |
//! |---|---|---|
//! | t0 | [`RelyingParty::begin_registration`] or [`RelyingParty::begin_sign_in`]: options, and a state that stays here | |
//! | t1 | | the device asks its person, and signs |
//! | t2 | `finish_…` with the state: the answer is right, or says nothing | |
//!
//! The device always has to verify its person, by finger, face or PIN: so a passkey is two factors in
//! one. Who made the device is not asked (no attestation). ES256 and RS256 are taken: what each device
//! has one of. A signature counter that does not go forward is refused, since then there are two copies.
//!
//! **One origin.** Answers count for the address that the server was started with, with its scheme and
//! its port. Browsers let any port of a host use its passkeys; another program on this machine could
//! else pass a challenge of ours on and come in with the answer.
//!
//! This is the only place that names webauthn-rs. Texts come in and go out: options and answers as the
//! JSON that browsers speak, a passkey and the state of a step as JSON that only this file reads. The
//! library draws its challenges itself, from the operating system. Its state is as it made it, without
//! the list of other passkeys, which is asked anew.

use serde_json::{Value, json};
use thiserror::Error;
use webauthn_rs::prelude::{
    COSEAlgorithm, DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyAuthentication,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid, Webauthn,
    WebauthnBuilder, WebauthnError,
};

use crate::token::encode_base64url;

/// The longest answer that is read. A real one has about two thousand bytes, and one with a certificate
/// of its maker some more.
pub const MOST_ANSWER_BYTES: usize = 32 * 1024;

/// The longest id of a credential (Web Authentication, section 4).
const MOST_ID_BYTES: usize = 1_023;

/// What a passkey may sign with, in the order in which devices are to choose.
const ALGORITHMS: [COSEAlgorithm; 2] = [COSEAlgorithm::ES256, COSEAlgorithm::RS256];

/// Why there is no passkey, or why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasskeyError {
    /// Browsers know no passkeys at this address: it is a number, or in the clear.
    #[error("passkeys need https and a name, or localhost")]
    NoDomain,
    /// The answer is none.
    #[error("the answer cannot be read")]
    Unreadable,
    /// The answer is to another question, of another site, of another passkey, or not signed by it.
    #[error("the answer does not belong to what was asked")]
    Wrong,
    /// The device was there, and did not verify its person.
    #[error("the device did not verify its person")]
    NotVerified,
    /// The answer is right but for its counter, which has not gone forward: the passkey was copied.
    #[error("the counter of the passkey has not gone forward")]
    CounterBack,
    /// What was stored cannot be read.
    #[error("a stored passkey, or the state of a step, cannot be read")]
    Damaged,
}

/// Whom passkeys are made for: one address.
#[derive(Debug)]
pub struct RelyingParty {
    webauthn: Webauthn,
    domain: String,
}

/// A step that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// For the browser: `{"publicKey": {…}}`, with bytes as base64url.
    pub options: String,
    /// For the end of the step. It holds the challenge and nobody's name.
    pub state: Vec<u8>,
}

/// For whom a passkey is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// What the passkey will say when it signs in. It is kept in the device.
    pub id: [u8; 16],
    /// As the device shows it, such as an address.
    pub name: &'a str,
    /// The passkeys they have: their devices make no second one.
    pub passkeys: &'a [String],
}

/// A passkey that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The id of the credential.
    pub id: Vec<u8>,
    /// All that is needed to check its answers. Holds no secret; it tells a device from another.
    pub passkey: String,
}

/// Whom an answer claims to come from. Nothing of it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The id of the credential.
    pub id: Vec<u8>,
    /// What [`Owner::id`] was, where the device says it.
    pub owner: Option<[u8; 16]>,
}

impl RelyingParty {
    /// For the address that people type, without a path: `https://time.example.com`.
    ///
    /// Errors: [`PasskeyError::NoDomain`].
    pub fn new(origin: &str) -> Result<Self, PasskeyError> {
        let url = Url::parse(origin).map_err(|_| PasskeyError::NoDomain)?;
        let domain = url.domain().ok_or(PasskeyError::NoDomain)?.to_owned();
        let is_here = domain == "localhost" || domain.ends_with(".localhost");
        if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
            return Err(PasskeyError::NoDomain);
        }
        let built = WebauthnBuilder::new(&domain, &url)
            .and_then(|builder| builder.rp_name("Timeproof").allow_any_port(false).build());
        let webauthn = built.map_err(|_| PasskeyError::NoDomain)?;
        Ok(Self { webauthn, domain })
    }

    /// What passkeys are bound to: the host of the address.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Begins to make a passkey that signs in by itself, without a name being typed first.
    ///
    /// Errors: [`PasskeyError::Damaged`] in practice never.
    pub fn begin_registration(&self, owner: &Owner<'_>) -> Result<Begun, PasskeyError> {
        let Owner { id, name, passkeys } = *owner;
        let known: Value = stored(passkeys)?.iter().map(descriptor).collect();
        let id = Uuid::from_bytes(id);
        let begun = self.webauthn.start_passkey_registration(id, name, name, None);
        let (options, state) = begun.map_err(|_| PasskeyError::Damaged)?;
        let mut options = json_of(&options)?;
        let public = options.get_mut("publicKey").ok_or(PasskeyError::Damaged)?;
        put(public, "pubKeyCredParams", algorithms())?;
        // Named here alone: the state is to hold nobody's credentials.
        put(public, "excludeCredentials", known)?;
        let chosen = json!({
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": "required",
        });
        put(public, "authenticatorSelection", chosen)?;
        Ok(Begun { options: options.to_string(), state: json_of(&state)?.to_string().into_bytes() })
    }

    /// Takes a passkey that was made. Whether somebody has it already is the caller's to look at.
    ///
    /// Errors: why the answer is not taken.
    pub fn finish_registration(
        &self,
        state: &[u8],
        answer: &str,
    ) -> Result<Registered, PasskeyError> {
        let state: PasskeyRegistration =
            serde_json::from_slice(state).map_err(|_| PasskeyError::Damaged)?;
        let answer: RegisterPublicKeyCredential = read(answer)?;
        let made = self.webauthn.finish_passkey_registration(&answer, &state);
        let made = made.map_err(why_not)?;
        let id = made.cred_id().clone();
        if !ALGORITHMS.contains(made.cred_algorithm()) || !is_id(&id) {
            return Err(PasskeyError::Wrong);
        }
        Ok(Registered { id, passkey: json_of(&made)?.to_string() })
    }

    /// Begins a sign-in: with whichever passkey the person chooses, or with one of those given.
    ///
    /// Errors: [`PasskeyError::Damaged`].
    pub fn begin_sign_in(&self, passkeys: &[String]) -> Result<Begun, PasskeyError> {
        let begun = self.webauthn.start_passkey_authentication(&stored(passkeys)?);
        let (options, state) = begun.map_err(|_| PasskeyError::Damaged)?;
        Ok(Begun { options: json_of(&options)?.to_string(), state: without_passkeys(&state)? })
    }

    /// Whom an answer claims to come from, to look its passkey up.
    ///
    /// Errors: [`PasskeyError::Unreadable`].
    pub fn claim_of(answer: &str) -> Result<Claim, PasskeyError> {
        let answer: PublicKeyCredential = read(answer)?;
        let id = answer.get_credential_id().to_vec();
        if !is_id(&id) {
            return Err(PasskeyError::Unreadable);
        }
        let owner = match answer.get_user_unique_id() {
            None => None,
            Some(owner) => Some(owner.try_into().map_err(|_| PasskeyError::Unreadable)?),
        };
        Ok(Claim { id, owner })
    }

    /// Holds an answer against the passkey it claims to come from, as that is stored now; the passkey
    /// as it is to be stored from now on, with its counter.
    ///
    /// Errors: why the answer is not taken.
    pub fn finish_sign_in(
        &self,
        state: &[u8],
        passkey: &str,
        answer: &str,
    ) -> Result<String, PasskeyError> {
        let state: DiscoverableAuthentication =
            serde_json::from_slice(state).map_err(|_| PasskeyError::Damaged)?;
        let mut passkey: Passkey =
            serde_json::from_str(passkey).map_err(|_| PasskeyError::Damaged)?;
        let answer: PublicKeyCredential = read(answer)?;
        let key = DiscoverableKey::from(&passkey);
        let checked = self.webauthn.finish_discoverable_authentication_v2(&answer, state, key);
        let checked = checked.map_err(why_not)?;
        if !checked.user_verified() {
            return Err(PasskeyError::NotVerified);
        }
        passkey.update_credential(&checked);
        Ok(json_of(&passkey)?.to_string())
    }
}

/// The state of a sign-in without the passkeys it was begun for: the one that answers is read anew, as
/// its counter may have gone forward meanwhile. Both ways of signing in have the same state.
fn without_passkeys(state: &PasskeyAuthentication) -> Result<Vec<u8>, PasskeyError> {
    let mut state = json_of(state)?;
    let inner = state.get_mut("ast").ok_or(PasskeyError::Damaged)?;
    put(inner, "credentials", json!([]))?;
    Ok(state.to_string().into_bytes())
}

fn stored(passkeys: &[String]) -> Result<Vec<Passkey>, PasskeyError> {
    let read = |text: &String| serde_json::from_str(text).map_err(|_| PasskeyError::Damaged);
    passkeys.iter().map(read).collect()
}

fn descriptor(passkey: &Passkey) -> Value {
    json!({ "type": "public-key", "id": encode_base64url(passkey.cred_id()) })
}

fn algorithms() -> Value {
    let number = |algorithm: COSEAlgorithm| match algorithm {
        COSEAlgorithm::RS256 => -257,
        _ => -7,
    };
    ALGORITHMS.map(|a| json!({ "type": "public-key", "alg": number(a) })).to_vec().into()
}

fn json_of(value: &impl serde::Serialize) -> Result<Value, PasskeyError> {
    serde_json::to_value(value).map_err(|_| PasskeyError::Damaged)
}

fn put(object: &mut Value, name: &str, value: Value) -> Result<(), PasskeyError> {
    let object = object.as_object_mut().ok_or(PasskeyError::Damaged)?;
    object.insert(name.to_owned(), value);
    Ok(())
}

/// Reads an answer of a browser.
fn read<T: serde::de::DeserializeOwned>(answer: &str) -> Result<T, PasskeyError> {
    if answer.len() > MOST_ANSWER_BYTES {
        return Err(PasskeyError::Unreadable);
    }
    serde_json::from_str(answer).map_err(|_| PasskeyError::Unreadable)
}

fn is_id(id: &[u8]) -> bool {
    (1..=MOST_ID_BYTES).contains(&id.len())
}

fn why_not(error: WebauthnError) -> PasskeyError {
    match error {
        WebauthnError::UserNotVerified => PasskeyError::NotVerified,
        WebauthnError::CredentialPossibleCompromise => PasskeyError::CounterBack,
        _ => PasskeyError::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_name_and_no_stranger_on_the_line() {
        for origin in ["https://time.example.com", "https://time.example.com:8443"] {
            assert_eq!(RelyingParty::new(origin).unwrap().domain(), "time.example.com");
        }
        assert_eq!(RelyingParty::new("http://localhost:8420").unwrap().domain(), "localhost");
        for origin in [
            "http://time.example.com",
            "https://192.0.2.1",
            "http://127.0.0.1:8420",
            "https://[2001:db8::1]:8420",
            "ftp://localhost",
            "localhost",
            "",
        ] {
            let refused = RelyingParty::new(origin).map(|made| made.domain().to_owned());
            assert_eq!(refused, Err(PasskeyError::NoDomain), "{origin}");
        }
    }
}
