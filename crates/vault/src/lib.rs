//! Keys, sealing, blind indexes and tokens: everything that decides what is readable where.
//!
//! All text a person typed, and all that identifies a person, is sealed by this crate before it
//! reaches a database. The way down:
//!
//! ```text
//! root key (key_file)  --AES-256-KWP-->  every other key, each drawn at random (vault)
//!                                         | kept in two or more copies (keyring)
//!                                         +-- sealing keys: XAES-256-GCM (xaes, sealed)
//!                                         +-- inner keys: XChaCha20-Poly1305 (twice)
//!                                         +-- MAC keys: HMAC-SHA-256 (mac)
//!                                             +-- one of them before Argon2id (password)
//! ```
//!
//! Start at [`Vault`]. [`sealed`] says what a ciphertext is bound to, [`keyring`] how keys survive
//! a power cut, [`key_file`] where the root key lies in the embedded default, [`token`] how
//! tokens and codes are drawn and written. The reasons stand in `docs/adr/0002-sealing.md`.
//!
//! Deliberately absent: SQL, HTTP, features, async, the clock and logging. Nothing here is derived
//! from the root key, no key is ever found by trial, and no error message holds plaintext or key
//! bytes. The primitives are those of aws-lc-rs, but for the inner layer of [`twice`] and for Argon2id,
//! which are RustCrypto's; this crate composes them by published rules.

#![warn(missing_docs)]

mod cache;
mod checksum;
mod durable;
mod error;
mod framing;
pub mod key_file;
pub mod keyring;
pub mod mac;
pub mod passkey;
pub mod password;
pub mod puzzle;
pub mod random;
pub mod sealed;
pub mod secret;
pub mod token;
pub mod totp;
pub mod twice;
mod vault;
mod wrap;
pub mod xaes;

pub use checksum::Checksum;
pub use durable::replace as replace_file;
pub use error::CryptoError;
pub use key_file::{KeyFileError, RootKey};
pub use keyring::{FolderKeyring, KeyId, KeyKind, Keyring, KeyringError, WrappedKey};
pub use mac::MacKey;
pub use passkey::{PasskeyError, RelyingParty};
pub use random::{Random, SeededRandom, SystemRandom};
pub use sealed::{Field, OpenError, Place, SealError, Sealed, SealingKey};
pub use secret::Secret;
pub use token::{
    TokenError, canonical_code, decode_base64url, decode_crockford, draw_code, draw_token,
    encode_base64url, encode_crockford, hash_token,
};
pub use totp::{
    TOTP_SEED_BYTES, canonical_totp, encode_base32, find_totp_step, totp_code, totp_step,
};
pub use twice::TwoKeys;
pub use vault::{Vault, VaultError};
