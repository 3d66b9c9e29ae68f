//! Secrets that cookies, links and programs carry: drawn here, sent as base64url, kept as hashes.

use domain::ids::{Id, UserId};
use uuid::Uuid;
use vault::{Secret, decode_base64url, draw_token, encode_base64url, hash_token};

use crate::{App, DirectoryOp, Error, Operation};

/// Bytes of a secret whose plain hash is stored.
const SECRET_BYTES: usize = 32;

/// Bytes of a mailed link; its keyed hash is stored.
pub(super) const LINK_BYTES: usize = 16;

/// A secret, and what the database keeps of it.
pub(crate) struct Drawn {
    /// 43 characters of base64url.
    pub(crate) text: Secret<String>,
    pub(crate) hash: [u8; 32],
}

impl Drawn {
    pub(crate) fn new<P>(op: &Operation<'_, '_, P>) -> Self {
        let bytes = draw_token(op.random(), SECRET_BYTES);
        Self {
            text: Secret::new(encode_base64url(bytes.expose())),
            hash: hash_token(bytes.expose()),
        }
    }
}

impl App {
    /// A secret of 256 bits, as 43 characters of base64url: for the cookie that binds a sign-in to
    /// the browser that asked for it.
    pub fn draw_secret(&self) -> Secret<String> {
        let bytes = draw_token(self.random(), SECRET_BYTES);
        Secret::new(encode_base64url(bytes.expose()))
    }
}

/// The hash of a secret of 256 bits; nothing when the text cannot be one.
pub fn hash_secret(text: &str) -> Option<[u8; 32]> {
    let bytes = Secret::new(decode_base64url(text).ok()?);
    (bytes.expose().len() == SECRET_BYTES).then(|| hash_token(bytes.expose()))
}

/// The keyed hash of a mailed link's token; nothing when the text cannot be one.
pub(super) fn link_mac(op: &mut DirectoryOp, text: &str) -> Result<Option<[u8; 32]>, Error> {
    let Ok(bytes) = decode_base64url(text).map(Secret::new) else {
        return Ok(None);
    };
    if bytes.expose().len() != LINK_BYTES {
        return Ok(None);
    }
    codes_mac(op, "link", bytes.expose()).map(Some)
}

/// A hash under the key of codes.
pub(super) fn codes_mac(
    op: &mut DirectoryOp,
    label: &str,
    bytes: &[u8],
) -> Result<[u8; 32], Error> {
    let key = op.instance()?.codes;
    Ok(op.vault().mac_key(key)?.mac(label, bytes))
}

/// An id that stands for what is hashed: the same each time, and telling nothing about it. A UUIDv8
/// (RFC 9562).
pub(crate) fn keyed_id<I: Id>(op: &mut DirectoryOp, label: &str, bytes: &[u8]) -> Result<I, Error> {
    let mac = codes_mac(op, label, bytes)?;
    let (bytes, _) = mac.split_first_chunk::<16>().ok_or_else(|| Error::bug("a short hash"))?;
    Ok(I::from_uuid(uuid::Builder::from_custom_bytes(*bytes).into_uuid()))
}

/// The token that forms carry for somebody who is signed in: the same for as long as the login goes
/// on, so that what was typed in a remembered browser can still be sent when its session was
/// renewed meanwhile. `login` is the session's id, or that of the remembered browser.
///
/// Errors: [`Error::Bug`] from the vault.
pub fn form_token(op: &mut DirectoryOp, login: Uuid) -> Result<String, Error> {
    let key = op.instance()?.cookies;
    let mac = op.vault().mac_key(key)?.mac("form-token", login.as_bytes());
    Ok(encode_base64url(&mac))
}

/// What tells that two pages are one person's, in whatever session: nothing that anybody knows of them,
/// and nobody can make it up.
///
/// Errors: [`Error::Bug`] from the vault.
pub fn person_mark(op: &mut DirectoryOp, user: UserId) -> Result<String, Error> {
    let key = op.instance()?.cookies;
    let mac = op.vault().mac_key(key)?.mac("person-mark", user.uuid().as_bytes());
    let (mark, _) = mac.split_first_chunk::<16>().ok_or_else(|| Error::bug("a short hash"))?;
    Ok(encode_base64url(mark))
}

/// The token that forms carry where nobody is signed in: made from the secret of the login's cookie, which
/// another site cannot read, and telling nothing about it.
pub fn csrf_token(secret: &str) -> String {
    let label: &[u8] = b"timeproof form token v1:";
    encode_base64url(&hash_token(&[label, secret.as_bytes()].concat()))
}
