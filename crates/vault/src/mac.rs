//! Keyed hashes: blind indexes, name indexes, login codes, cookies.
//!
//! A label says what a hash is for, so that the same key never gives the same hash for two
//! purposes. House rule for labels and data:
//!
//! | purpose | key kind | label | data |
//! |---|---|---|---|
//! | look-up by e-mail address | `AddressIndex`, `WorkspaceAddresses` | `address` | the normalised address |
//! | mailed codes and links | `LoginCodes` | `code`, `link` | attempt id and code; the token |
//! | codes of device grants | `LoginCodes` | `user-code` | the code |
//! | recovery codes | `LoginCodes` | `recovery-code` | person id and code |
//! | a mailed second step | `LoginCodes` | `second-code` | step id and code |
//! | attempts of a network | `LoginCodes` | `network` | the address or /64 |
//! | the mark of a known device | `Cookies` | `known-device` | instant, random bytes, address index |
//! | forms of a login | `Cookies` | `form-token` | the id of the session or remembered browser |
//! | the letter of an invitation | `LoginCodes` | `invitation-letter` | workspace and invitation |
//! | passwords, before Argon2id | `Passwords` | `password` | person and password |
//! | tries of a password | `LoginCodes` | `password-network`, `password-device` | the network; the mark of the device |
//! | uniqueness of names | `WorkspaceNames` | `name:<kind>`, for example `name:project` | the parent's id, the folded name |
//! | a request sent again | `WorkspaceNames` | `body:<operation>` | its body |
//! | ids of idempotency keys | `WorkspaceNames` | `idempotency:<operation>` | member and key |
//!
//! An index leaks equality: whoever reads the database sees which rows hold the same value under
//! the same key, and nothing else without the key. Folding and normalising are the caller's.

use std::fmt;

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq as _;

use crate::framing::length_prefix;
use crate::keyring::KeyId;

/// An HMAC-SHA-256 key. Get one from [`Vault::mac_key`](crate::Vault::mac_key).
pub struct MacKey {
    id: KeyId,
    key: hmac::Key,
}

impl MacKey {
    pub(crate) fn new(id: KeyId, key: &[u8; 32]) -> Self {
        Self { id, key: hmac::Key::new(hmac::HMAC_SHA256, key) }
    }

    /// Which key this is. Store it beside an index, so that the index can be rebuilt under another.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// HMAC-SHA-256 over the length of the label (8 bytes, big-endian), the label and the data.
    pub fn mac(&self, label: &str, data: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&length_prefix(label.len()));
        context.update(label.as_bytes());
        context.update(data);
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    /// Whether `tag` is the hash of `data`, in a time that does not tell where they differ.
    pub fn verify(&self, label: &str, data: &[u8], tag: &[u8]) -> bool {
        self.mac(label, data).ct_eq(tag).into()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MacKey({}, …)", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> MacKey {
        MacKey::new(KeyId::new(1).unwrap(), &[byte; 32])
    }

    #[test]
    fn is_hmac_of_the_framed_parts() {
        let framed = b"\0\0\0\0\0\0\0\x07addressa@example.org";
        let expected = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]), framed);
        assert_eq!(key(1).mac("address", b"a@example.org"), expected.as_ref());
    }

    #[test]
    fn label_data_and_key_all_count() {
        let tag = key(1).mac("name:client", b"acme");
        assert!(key(1).verify("name:client", b"acme", &tag));
        assert!(!key(1).verify("name:project", b"acme", &tag));
        assert!(!key(1).verify("name:client", b"acmf", &tag));
        assert!(!key(1).verify("name:clien", b"tacme", &tag));
        assert!(!key(2).verify("name:client", b"acme", &tag));
        assert!(!key(1).verify("name:client", b"acme", &tag[..31]));
        assert!(!key(1).verify("name:client", b"acme", b""));
    }
}
