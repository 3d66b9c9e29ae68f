//! A device with one passkey, in software, and the browser it is used in: the person in front of it
//! says yes to everything.

use std::{
    borrow::Cow,
    fmt::Debug,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use passkey::{
    authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod},
    client::{Client, DefaultClientData, Origin},
    crypto::aws_lc_rs::AwsLcRsBackend,
    types::{Passkey, ctap2::Aaguid, ctap2::Ctap2Error},
};
use serde_json::Value;

/// A device with room for one passkey. A clone of it is a copy of the passkey.
#[derive(Clone)]
pub struct SoftPasskey {
    origin: String,
    key: Option<Passkey>,
    counts: bool,
}

impl SoftPasskey {
    /// A device whose browser shows the pages of this address. It counts no signatures, as those do
    /// that are kept in step with others.
    pub fn new(origin: &str) -> Self {
        Self { origin: origin.to_owned(), key: None, counts: false }
    }

    /// One that counts its signatures.
    pub fn counting(origin: &str) -> Self {
        Self { counts: true, ..Self::new(origin) }
    }

    /// The same device in a browser that shows another address.
    #[must_use]
    pub fn at(&self, origin: &str) -> Self {
        Self { origin: origin.to_owned(), ..self.clone() }
    }

    /// Makes a passkey: what `navigator.credentials.create` answers to these options, as JSON.
    ///
    /// # Panics
    /// When the device or its browser refuses.
    pub fn create(&mut self, options: &str) -> String {
        self.try_create(options).expect("a passkey")
    }

    /// The same, or why not.
    ///
    /// # Errors
    /// What the device or its browser says.
    ///
    /// # Panics
    /// When the options cannot be read.
    pub fn try_create(&mut self, options: &str) -> Result<String, String> {
        let request = serde_json::from_str(options).expect("options");
        let mut client = Client::new(self.authenticator(true)).allows_insecure_localhost(true);
        let made = now(client.register(self.origin(), request, DefaultClientData));
        self.key.clone_from(client.authenticator().store());
        answer(made)
    }

    /// Signs: what `navigator.credentials.get` answers to these options, as JSON.
    ///
    /// # Panics
    /// When the device or its browser refuses.
    pub fn sign(&mut self, options: &str) -> String {
        self.try_sign(options).expect("a signature")
    }

    /// The same, or why not.
    ///
    /// # Errors
    /// What the device or its browser says.
    ///
    /// # Panics
    /// When the options cannot be read.
    pub fn try_sign(&mut self, options: &str) -> Result<String, String> {
        let request: Value = serde_json::from_str(options).expect("options");
        let verifies = request["publicKey"]["userVerification"] == "required";
        let request = serde_json::from_value(request).expect("options");
        let mut client = Client::new(self.authenticator(verifies)).allows_insecure_localhost(true);
        let signed = now(client.authenticate(self.origin(), request, DefaultClientData));
        self.key.clone_from(client.authenticator().store());
        answer(signed)
    }

    fn origin(&self) -> Origin<'static> {
        Origin::Web(Cow::Owned(self.origin.parse().expect("an address")))
    }

    fn authenticator(
        &self,
        verifies: bool,
    ) -> Authenticator<Option<Passkey>, Finger, AwsLcRsBackend> {
        let finger = Finger { verifies };
        let empty = Aaguid::new_empty();
        let mut made = Authenticator::new(empty, self.key.clone(), finger, AwsLcRsBackend);
        made.set_make_credentials_with_signature_counter(self.counts);
        made
    }
}

/// Says yes; and verifies only where that is asked for.
struct Finger {
    verifies: bool,
}

impl UserValidationMethod for Finger {
    type PasskeyItem = Passkey;

    fn check_user<'a, 'life0, 'async_trait>(
        &'life0 self,
        hint: UiHint<'a, Passkey>,
        _presence: bool,
        verification: bool,
    ) -> Pin<Box<dyn Future<Output = Result<UserCheck, Ctap2Error>> + Send + 'async_trait>>
    where
        'a: 'async_trait,
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let check = UserCheck { presence: true, verification: verification && self.verifies };
        let said = match hint {
            UiHint::InformExcludedCredentialFound(_) => Err(Ctap2Error::CredentialExcluded),
            _ => Ok(check),
        };
        Box::pin(std::future::ready(said))
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

/// Nothing in here waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a soft device waits for nothing"),
    }
}

/// As browsers write it: bytes as base64url.
fn answer(made: Result<impl serde::Serialize, impl Debug>) -> Result<String, String> {
    let made = made.map_err(|error| format!("{error:?}"))?;
    let mut value = serde_json::to_value(made).expect("an answer");
    encode(&mut value);
    Ok(value.to_string())
}

fn encode(value: &mut Value) {
    match value {
        Value::Array(items) if items.iter().all(Value::is_u64) && !items.is_empty() => {
            let byte = |item: &Value| item.as_u64().and_then(|n| u8::try_from(n).ok());
            let bytes: Vec<u8> = items.iter().map(|item| byte(item).expect("a byte")).collect();
            *value = vault::encode_base64url(&bytes).into();
        }
        Value::Array(items) => items.iter_mut().for_each(encode),
        Value::Object(fields) => fields.values_mut().for_each(encode),
        _ => {}
    }
}
