//! A provider of sign-ins that can lie at each point.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256},
};
use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    /// RS256 with the key of this name.
    Rsa,
    /// ES256.
    Ec,
    /// Not at all.
    None,
    /// HS256 with this key of the set as the secret.
    HmacWithPublicKey,
    /// RS256 by name, and an elliptic curve's signature.
    RsaByNameOnly,
    /// ES256 by name, and RSA's signature.
    EcByNameOnly,
    /// RS256 with a key that nobody was told of.
    Stranger,
}

/// What the provider does; tests change it.
pub(crate) struct Acts {
    pub(crate) claims: Value,
    /// Put over the claims of the next token; null takes one away.
    pub(crate) patch: Value,
    /// Put over the header of the next token.
    pub(crate) header: Value,
    pub(crate) signing: Signing,
    /// Put over the metadata.
    pub(crate) metadata: Value,
    /// The names of the keys in the set, beside the elliptic one.
    pub(crate) key_name: String,
    pub(crate) userinfo: Value,
    /// What it waits for before it answers; nothing at most times.
    pub(crate) gate: Option<Arc<Semaphore>>,
    /// How large its key set is.
    pub(crate) padding: usize,
    /// Whether it demands the verifier of PKCE.
    pub(crate) checks_pkce: bool,
    /// Answers a request for metadata by leading elsewhere.
    pub(crate) redirects: bool,
    /// The same token again, whatever is asked for.
    pub(crate) replays: Option<String>,
    pub(crate) codes: HashMap<String, Sent>,
    /// What was asked, by path.
    pub(crate) asked: Vec<String>,
    pub(crate) last_token: String,
}

/// What a browser was sent with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) challenge: String,
    pub(crate) redirect_uri: String,
    pub(crate) query: HashMap<String, String>,
}

/// The provider.
#[derive(Clone)]
pub(crate) struct Issuer {
    pub(crate) url: String,
    /// `127.0.0.1:port`.
    pub(crate) authority: String,
    pub(crate) acts: Arc<Mutex<Acts>>,
    /// How often it was asked.
    heard: Arc<watch::Sender<usize>>,
    keys: Arc<Keys>,
    now: Arc<dyn Fn() -> i64 + Send + Sync>,
}

struct Keys {
    rsa: RsaKeyPair,
    stranger: RsaKeyPair,
    ec: EcdsaKeyPair,
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn sha256(text: &str) -> String {
    encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()))
}

impl Issuer {
    /// Opens one, whose clock is the world's.
    pub(crate) async fn open(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let url = format!("http://{authority}");
        let keys = Keys {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            stranger: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
        };
        let acts = Acts {
            claims: json!({ "sub": "subject-1", "email": "ann@example.org", "email_verified": true }),
            patch: json!({}),
            header: json!({}),
            signing: Signing::Rsa,
            metadata: json!({}),
            key_name: "first".to_owned(),
            userinfo: Value::Null,
            gate: None,
            padding: 0,
            checks_pkce: true,
            redirects: false,
            replays: None,
            codes: HashMap::new(),
            asked: Vec::new(),
            last_token: String::new(),
        };
        let issuer = Self {
            url,
            authority,
            acts: Arc::new(Mutex::new(acts)),
            heard: Arc::new(watch::Sender::new(0)),
            keys: Arc::new(keys),
            now: Arc::new(now),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .route("/stranger", get(stranger))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    /// Changes what it does.
    pub(crate) fn set(&self, change: impl FnOnce(&mut Acts)) {
        change(&mut self.acts.lock().unwrap());
    }

    /// Answers nobody any more, until the gate that it gives has permits.
    pub(crate) fn close(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        self.set(|acts| acts.gate = Some(Arc::clone(&gate)));
        gate
    }

    /// Until it was asked so often in all.
    pub(crate) async fn is_asked(&self, times: usize) {
        let mut heard = self.heard.subscribe();
        heard.wait_for(|now| *now >= times).await.unwrap();
    }

    /// The key that nobody was told of, as the header of a token could have it.
    pub(crate) fn stranger_key(&self) -> Value {
        let [n, e] = modulus_and_exponent(self.keys.stranger.public_key().as_ref());
        json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "first", "n": encode(n),
                "e": encode(e) })
    }

    /// How often a path was asked.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.acts.lock().unwrap().asked.iter().filter(|asked| *asked == path).count()
    }

    /// The person has signed in there: a code for what a browser was sent with.
    pub(crate) fn code(&self, sent: &Sent) -> String {
        let mut acts = self.acts.lock().unwrap();
        let code = format!("code-{}", acts.codes.len());
        acts.codes.insert(code.clone(), sent.clone());
        code
    }

    /// A token with these claims, signed as it signs now.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let acts = self.acts.lock().unwrap();
        self.keys.sign(&acts, claims)
    }

    /// The claims that every token has.
    pub(crate) fn base_claims(&self) -> Value {
        let now = (self.now)();
        json!({ "iss": self.url, "aud": "timeproof", "iat": now, "exp": now + 300 })
    }
}

fn put_over(value: &mut Value, patch: &Value) {
    let (Some(into), Some(from)) = (value.as_object_mut(), patch.as_object()) else { return };
    for (name, new) in from {
        if new.is_null() {
            into.remove(name);
        } else {
            into.insert(name.clone(), new.clone());
        }
    }
}

impl Keys {
    fn sign(&self, acts: &Acts, claims: &Value) -> String {
        let (alg, kid) = match acts.signing {
            Signing::Rsa | Signing::RsaByNameOnly | Signing::Stranger => {
                ("RS256", acts.key_name.as_str())
            }
            Signing::Ec | Signing::EcByNameOnly => ("ES256", "ec"),
            Signing::None => ("none", acts.key_name.as_str()),
            Signing::HmacWithPublicKey => ("HS256", acts.key_name.as_str()),
        };
        let mut head = json!({ "alg": alg, "kid": kid, "typ": "JWT" });
        put_over(&mut head, &acts.header);
        let text = format!("{}.{}", encode(head.to_string()), encode(claims.to_string()));
        let signature = match acts.signing {
            Signing::Rsa | Signing::EcByNameOnly => self.rsa(&self.rsa, &text),
            Signing::Stranger => self.rsa(&self.stranger, &text),
            Signing::Ec | Signing::RsaByNameOnly => {
                let random = SystemRandom::new();
                self.ec.sign(&random, text.as_bytes()).unwrap().as_ref().to_vec()
            }
            Signing::None => Vec::new(),
            Signing::HmacWithPublicKey => {
                let secret = self.rsa.public_key().as_ref();
                let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
                aws_lc_rs::hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
            }
        };
        format!("{text}.{}", encode(signature))
    }

    fn rsa(&self, key: &RsaKeyPair, text: &str) -> Vec<u8> {
        let _ = self;
        let mut signature = vec![0; key.public_modulus_len()];
        let random = SystemRandom::new();
        key.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature).unwrap();
        signature
    }

    fn set(&self, acts: &Acts) -> Value {
        let [n, e] = modulus_and_exponent(self.rsa.public_key().as_ref());
        let point = self.ec.public_key().as_ref();
        let mut set = json!({ "keys": [
            { "kty": "RSA", "use": "sig", "alg": "RS256", "kid": acts.key_name, "n": encode(n),
              "e": encode(e) },
            { "kty": "EC", "use": "sig", "alg": "ES256", "kid": "ec", "crv": "P-256",
              "x": encode(&point[1..33]), "y": encode(&point[33..65]) },
        ]});
        if acts.padding > 0 {
            set["padding"] = json!("x".repeat(acts.padding));
        }
        set
    }
}

/// The two numbers of an `RSAPublicKey` (RFC 8017, A.1.1).
fn modulus_and_exponent(der: &[u8]) -> [Vec<u8>; 2] {
    fn read<'a>(der: &mut &'a [u8]) -> &'a [u8] {
        let length = usize::from(der[1]);
        let (head, length) = match length {
            0x81 => (3, usize::from(der[2])),
            0x82 => (4, usize::from(der[2]) * 256 + usize::from(der[3])),
            short => (2, short),
        };
        let (value, rest) = der[head..].split_at(length);
        *der = rest;
        value
    }
    let mut outer = der;
    let mut inner = read(&mut outer);
    [(); 2].map(|()| {
        let number = read(&mut inner);
        number.strip_prefix(&[0]).unwrap_or(number).to_vec()
    })
}

async fn begin(issuer: &Issuer, path: &str) {
    let gate = {
        let mut acts = issuer.acts.lock().unwrap();
        acts.asked.push(path.to_owned());
        acts.gate.clone()
    };
    issuer.heard.send_modify(|times| *times += 1);
    if let Some(gate) = gate {
        drop(gate.acquire().await);
    }
}

/// Where the headers of a lie lead.
async fn stranger(State(issuer): State<Issuer>) -> Response {
    begin(&issuer, "stranger").await;
    Json(json!({ "keys": [issuer.stranger_key()] })).into_response()
}

async fn metadata(State(issuer): State<Issuer>) -> Response {
    begin(&issuer, "metadata").await;
    let acts = issuer.acts.lock().unwrap();
    if acts.redirects {
        let place = format!("{}/.well-known/openid-configuration", issuer.url);
        return (StatusCode::FOUND, [(header::LOCATION, place)]).into_response();
    }
    let url = &issuer.url;
    let mut metadata = json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/jwks"),
        "userinfo_endpoint": format!("{url}/userinfo"),
        "code_challenge_methods_supported": ["S256"],
        "response_types_supported": ["code"],
    });
    put_over(&mut metadata, &acts.metadata);
    Json(metadata).into_response()
}

async fn jwks(State(issuer): State<Issuer>) -> Response {
    begin(&issuer, "jwks").await;
    let acts = issuer.acts.lock().unwrap();
    Json(issuer.keys.set(&acts)).into_response()
}

async fn userinfo(State(issuer): State<Issuer>, headers: HeaderMap) -> Response {
    begin(&issuer, "userinfo").await;
    assert_eq!(headers["authorization"], "Bearer access-token");
    Json(issuer.acts.lock().unwrap().userinfo.clone()).into_response()
}

async fn token(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    begin(&issuer, "token").await;
    assert_eq!(headers["authorization"], "Basic dGltZXByb29mOmErc2VjcmV0", "a secret");
    let mut acts = issuer.acts.lock().unwrap();
    let refuse = || (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
    let Some(sent) = acts.codes.remove(&form["code"]) else { return refuse().into_response() };
    let verifier = form.get("code_verifier").cloned().unwrap_or_default();
    if acts.checks_pkce && sha256(&verifier) != sent.challenge {
        return refuse().into_response();
    }
    assert_eq!(form["redirect_uri"], sent.redirect_uri);
    let mut claims = issuer.base_claims();
    claims["nonce"] = json!(sent.nonce);
    put_over(&mut claims, &acts.claims);
    put_over(&mut claims, &acts.patch);
    let fresh = issuer.keys.sign(&acts, &claims);
    let token = acts.replays.clone().unwrap_or(fresh);
    acts.last_token.clone_from(&token);
    let answer = json!({
        "access_token": "access-token", "token_type": "Bearer", "expires_in": 60, "id_token": token,
    });
    Json(answer).into_response()
}
