//! Secrets of the most sensitive class, sealed twice: with two algorithms, under two independent keys.
//!
//! ```text
//! XAES-256-GCM( version 1 (1) | inner key id, big-endian (8) | nonce (24) | XChaCha20-Poly1305 ciphertext | tag (16) )
//! ```
//!
//! What is outside is written by [`sealed`](crate::sealed). Both layers are bound to the same place
//! (a label of its own for the inner one), so neither opens anywhere else. A flaw in one of the two
//! ciphers, or one of the two keys in wrong hands, opens nothing. Both keys lie in the same keyring
//! under the same root key: whoever has that has both.
//!
//! XChaCha20-Poly1305 is RustCrypto's, which runs in constant time on every processor; aws-lc-rs does
//! not have it. It is fifteen times slower than the outer layer, and seals a few bytes at a time.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::error::CryptoError;
use crate::keyring::KeyId;
use crate::random::Random;
use crate::sealed::{
    HEAD_LEN, KEY_ID_LEN, MAX_PLAINTEXT_BYTES, OpenError, Place, SealError, VERSION,
    associated_data, key_id,
};
use crate::xaes::NONCE_LEN;

const LABEL: &[u8] = b"timeproof/sealed-within";

/// The two keys of what is sealed twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwoKeys {
    /// Of a kind that [`seals_within`](crate::KeyKind::seals_within).
    pub inner: KeyId,
    /// Of a kind that [`seals`](crate::KeyKind::seals).
    pub outer: KeyId,
}

/// A key of the inner layer.
pub(crate) struct InnerKey {
    id: KeyId,
    cipher: XChaCha20Poly1305,
}

impl InnerKey {
    pub(crate) fn new(id: KeyId, key: &[u8; 32]) -> Result<Self, CryptoError> {
        let cipher = XChaCha20Poly1305::new_from_slice(key).map_err(|_| CryptoError)?;
        Ok(Self { id, cipher })
    }

    pub(crate) fn seal(
        &self,
        place: &Place,
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let size_bytes = plaintext.len();
        if size_bytes > MAX_PLAINTEXT_BYTES {
            return Err(SealError::TooLong { size_bytes });
        }
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let aad = associated_data(LABEL, place, self.id);
        let payload = Payload { msg: plaintext, aad: &aad };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| CryptoError)?;
        let mut bytes = Vec::with_capacity(HEAD_LEN + sealed.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.id.get().to_be_bytes());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Ok(Zeroizing::new(bytes))
    }

    pub(crate) fn open(&self, place: &Place, bytes: &[u8]) -> Result<Vec<u8>, OpenError> {
        let id = key_id(bytes)?;
        if id != self.id {
            return Err(OpenError::UnknownKey(id));
        }
        let (_, rest) =
            bytes.split_first_chunk::<{ 1 + KEY_ID_LEN }>().ok_or(OpenError::TooShort)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or(OpenError::TooShort)?;
        let aad = associated_data(LABEL, place, id);
        let payload = Payload { msg: sealed, aad: &aad };
        let opened = self.cipher.decrypt(&XNonce::from(*nonce), payload);
        opened.map_err(|_| OpenError::DoesNotOpen)
    }
}

impl fmt::Debug for InnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InnerKey({}, …)", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use crate::sealed::Field;

    const PLACE: Place = Place { workspace: [0; 16], field: Field(7), row: [2; 16], sealed_rev: 5 };

    fn key(id: i64, byte: u8) -> InnerKey {
        InnerKey::new(KeyId::new(id).unwrap(), &[byte; 32]).unwrap()
    }

    fn hex(text: &str) -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        digits.map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).unwrap()).collect()
    }

    /// draft-irtf-cfrg-xchacha-03, A.3.1.
    #[test]
    fn published_vector() {
        let cipher: Vec<u8> = (0x80..=0x9f).collect();
        let cipher = XChaCha20Poly1305::new_from_slice(&cipher).unwrap();
        let nonce: [u8; 24] = std::array::from_fn(|i| 0x40 + u8::try_from(i).unwrap());
        let aad = hex("50515253c0c1c2c3c4c5c6c7");
        let msg = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip \
                    for the future, sunscreen would be it.";
        let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg, aad: &aad }).unwrap();
        let expected = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b\
                        0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945\
                        b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f6\
                        15c68b13b52ec0875924c1c7987947deafd8780acf49";
        assert_eq!(sealed, hex(expected));
    }

    #[test]
    fn opens_where_it_was_sealed_and_nowhere_else() {
        let key = key(1, 1);
        let sealed = key.seal(&PLACE, b"seed", &SystemRandom).unwrap();
        assert_eq!(key.open(&PLACE, &sealed).unwrap(), b"seed");
        for place in [
            Place { workspace: [3; 16], ..PLACE },
            Place { field: Field(8), ..PLACE },
            Place { row: [3; 16], ..PLACE },
            Place { sealed_rev: 4, ..PLACE },
        ] {
            assert_eq!(key.open(&place, &sealed), Err(OpenError::DoesNotOpen), "{place:?}");
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_an_error() {
        let key = key(1, 1);
        let sealed = key.seal(&PLACE, b"seed", &SystemRandom).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open(&PLACE, &flipped).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(key.open(&PLACE, &sealed[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn does_not_open_with_another_key() {
        let sealed = key(1, 1).seal(&PLACE, b"seed", &SystemRandom).unwrap();
        assert_eq!(key(1, 2).open(&PLACE, &sealed), Err(OpenError::DoesNotOpen));
        assert!(matches!(key(2, 1).open(&PLACE, &sealed), Err(OpenError::UnknownKey(_))));
    }

    #[test]
    fn long_secrets_are_refused_and_debug_shows_no_bytes() {
        let long = vec![0; MAX_PLAINTEXT_BYTES + 1];
        let refused = key(1, 1).seal(&PLACE, &long, &SystemRandom).unwrap_err();
        assert!(matches!(refused, SealError::TooLong { .. }));
        assert_eq!(format!("{:?}", key(1, 1)), "InnerKey(1, …)");
    }
}
