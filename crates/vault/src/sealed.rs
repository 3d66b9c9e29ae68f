//! Sealed text: what the bytes are, and what they are bound to.
//!
//! ```text
//! version 1 (1) | key id, big-endian (8) | nonce (24) | ciphertext | tag (16)
//! ```
//!
//! XAES-256-GCM. The associated data is a list of parts, each behind its length (8 bytes,
//! big-endian): the label `timeproof/sealed`, workspace, field, row, `sealed_rev`, key id,
//! version; numbers big-endian. So a ciphertext that was moved to another row, field or workspace,
//! or put back from an older version of the same row, does not open. A *whole* row put back, its
//! `sealed_rev` included, does open; finding that is the ledger's work.
//!
//! The key is found by the id in the bytes, never by trial, and the id is bound as well.

use std::fmt;
use std::marker::PhantomData;

use crate::error::CryptoError;
use crate::framing::push_part;
use crate::keyring::KeyId;
use crate::random::Random;
use crate::vault::VaultError;
use crate::xaes::{NONCE_LEN, TAG_LEN, XaesKey};

/// The longest plaintext in bytes: 64 KiB.
pub const MAX_PLAINTEXT_BYTES: usize = 64 * 1024;

pub(crate) const VERSION: u8 = 1;
const LABEL: &[u8] = b"timeproof/sealed";
pub(crate) const KEY_ID_LEN: usize = 8;
/// Version, key id and nonce.
pub(crate) const HEAD_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

/// Which column of which table. The number is bound into ciphertexts: never change or reuse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Field(pub u16);

/// Where a sealed text stands. It opens there and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The workspace; zeros in the directory.
    pub workspace: [u8; 16],
    /// The column.
    pub field: Field,
    /// The row's id.
    pub row: [u8; 16],
    /// The row's revision of sealed text, raised whenever sealed text of the row changes.
    pub sealed_rev: i64,
}

/// Ciphertext of a `T`, as a database holds it. Says nothing of whether it opens.
pub struct Sealed<T> {
    bytes: Vec<u8>,
    plaintext: PhantomData<fn() -> T>,
}

impl<T> Sealed<T> {
    /// Bytes from a database, or from sealing. They are looked at when opened.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), plaintext: PhantomData }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, to bind to a statement.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The key it says it was sealed under.
    ///
    /// Errors: too short, an unknown version, or an id that no key can have (does not open).
    pub fn key_id(&self) -> Result<KeyId, OpenError> {
        key_id(&self.bytes)
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self::from_bytes(self.bytes.clone())
    }
}

impl<T> PartialEq for Sealed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<T> Eq for Sealed<T> {}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.bytes.len())
    }
}

/// Why a text was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Longer than [`MAX_PLAINTEXT_BYTES`].
    #[error("a text of {size_bytes} bytes is too long to seal")]
    TooLong {
        /// Its length.
        size_bytes: usize,
    },
    /// There is no such key, or not to seal with.
    #[error("there is no key to seal with")]
    Key(#[from] VaultError),
    /// See [`CryptoError`].
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// Why a ciphertext was not opened. No message holds plaintext.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Cut off, or never a ciphertext.
    #[error("the sealed bytes are too short")]
    TooShort,
    /// Sealed by a newer version of this program, or never a ciphertext.
    #[error("the sealed bytes have the unknown version {0}")]
    UnknownVersion(u8),
    /// The keyring does not hold the key; after an erasure this is how it has to be. From
    /// [`SealingKey::open`]: sealed under another key than this one.
    #[error("the key {0} is not in the keyring")]
    UnknownKey(KeyId),
    /// The id names a key that hashes.
    #[error("the sealed bytes name a key that does not seal")]
    WrongKeyKind,
    /// The keyring holds the key, but it does not unwrap. The other copies of the keyring are
    /// worth a look.
    #[error("the key {0} in the keyring is damaged")]
    KeyDamaged(KeyId),
    /// Changed, moved from another place, put back from an older version, or never a ciphertext.
    #[error("the sealed bytes do not open here")]
    DoesNotOpen,
    /// It opened, and is not UTF-8.
    #[error("what was sealed is not text")]
    NotText,
    /// The key was not known here yet, and the keyring could not be read for it: it may be there.
    /// Holds why, in full.
    #[error("{0}")]
    Keyring(String),
}

/// A key that seals. Get one from [`Vault::sealing_key`](crate::Vault::sealing_key).
pub struct SealingKey {
    id: KeyId,
    key: XaesKey,
}

impl SealingKey {
    pub(crate) fn new(id: KeyId, key: &[u8; 32]) -> Result<Self, CryptoError> {
        Ok(Self { id, key: XaesKey::new(key)? })
    }

    /// Which key this is.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Seals `plaintext` for `place`, with a nonce from `random`.
    ///
    /// The ciphertext tells the length of the plaintext.
    ///
    /// Errors: more than [`MAX_PLAINTEXT_BYTES`].
    pub fn seal(
        &self,
        place: &Place,
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealError> {
        let size_bytes = plaintext.len();
        if size_bytes > MAX_PLAINTEXT_BYTES {
            return Err(SealError::TooLong { size_bytes });
        }
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        // Room for the tag, so that no plaintext is left behind by growing.
        let mut ciphertext = Vec::with_capacity(size_bytes + TAG_LEN);
        ciphertext.extend_from_slice(plaintext);
        self.key.seal(&nonce, &associated_data(LABEL, place, self.id), &mut ciphertext)?;

        let mut bytes = Vec::with_capacity(HEAD_LEN + ciphertext.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.id.get().to_be_bytes());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&ciphertext);
        Ok(bytes)
    }

    /// The plaintext of `bytes`, which stand at `place`.
    ///
    /// Errors: an [`OpenError`], [`OpenError::UnknownKey`] when sealed under another key.
    pub fn open(&self, place: &Place, bytes: &[u8]) -> Result<Vec<u8>, OpenError> {
        let id = key_id(bytes)?;
        if id != self.id {
            return Err(OpenError::UnknownKey(id));
        }
        let (_, rest) =
            bytes.split_first_chunk::<{ 1 + KEY_ID_LEN }>().ok_or(OpenError::TooShort)?;
        let (nonce, sealed) = rest.split_first_chunk().ok_or(OpenError::TooShort)?;
        self.key
            .open(nonce, &associated_data(LABEL, place, id), sealed)
            .map_err(|CryptoError| OpenError::DoesNotOpen)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({}, …)", self.id)
    }
}

/// The key id in the bytes, once version and length are those of a ciphertext.
pub(crate) fn key_id(bytes: &[u8]) -> Result<KeyId, OpenError> {
    let (version, rest) = bytes.split_first().ok_or(OpenError::TooShort)?;
    if *version != VERSION {
        return Err(OpenError::UnknownVersion(*version));
    }
    if bytes.len() < HEAD_LEN + TAG_LEN {
        return Err(OpenError::TooShort);
    }
    let (id, _) = rest.split_first_chunk::<KEY_ID_LEN>().ok_or(OpenError::TooShort)?;
    KeyId::new(i64::from_be_bytes(*id)).ok_or(OpenError::DoesNotOpen)
}

pub(crate) fn associated_data(label: &[u8], place: &Place, key: KeyId) -> Vec<u8> {
    let mut data = Vec::with_capacity(128);
    push_part(&mut data, label);
    push_part(&mut data, &place.workspace);
    push_part(&mut data, &place.field.0.to_be_bytes());
    push_part(&mut data, &place.row);
    push_part(&mut data, &place.sealed_rev.to_be_bytes());
    push_part(&mut data, &key.get().to_be_bytes());
    push_part(&mut data, &[VERSION]);
    data
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random::SystemRandom;

    const PLACE: Place = Place { workspace: [1; 16], field: Field(7), row: [2; 16], sealed_rev: 5 };

    fn key(id: i64, byte: u8) -> SealingKey {
        SealingKey::new(KeyId::new(id).unwrap(), &[byte; 32]).unwrap()
    }

    #[test]
    fn opens_where_it_was_sealed() {
        let key = key(1, 1);
        let sealed = key.seal(&PLACE, b"note", &SystemRandom).unwrap();
        assert_eq!(key.open(&PLACE, &sealed).unwrap(), b"note");
        assert_eq!(Sealed::<String>::from_bytes(sealed).key_id(), Ok(key.id()));
        let empty = key.seal(&PLACE, b"", &SystemRandom).unwrap();
        assert_eq!(empty.len(), 49);
        assert_eq!(key.open(&PLACE, &empty).unwrap(), b"");
    }

    #[test]
    fn the_format_is_as_documented() {
        // Put together by hand, so that a change of format cannot pass unseen.
        let id = 0x0102_0304_0506_0708;
        let nonce: [u8; 24] = *b"ABCDEFGHIJKLMNOPQRSTUVWX";
        let mut data = Vec::new();
        data.extend(b"\0\0\0\0\0\0\0\x10timeproof/sealed");
        data.extend([0, 0, 0, 0, 0, 0, 0, 16]);
        data.extend([1; 16]);
        data.extend([0, 0, 0, 0, 0, 0, 0, 2, 0, 7]);
        data.extend([0, 0, 0, 0, 0, 0, 0, 16]);
        data.extend([2; 16]);
        data.extend([0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 5]);
        data.extend([0, 0, 0, 0, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
        data.extend([0, 0, 0, 0, 0, 0, 0, 1, 1]);
        let mut bytes = b"note".to_vec();
        XaesKey::new(&[9; 32]).unwrap().seal(&nonce, &data, &mut bytes).unwrap();
        let head = [1, 1, 2, 3, 4, 5, 6, 7, 8];
        let bytes: Vec<u8> = head.into_iter().chain(nonce).chain(bytes).collect();
        assert_eq!(key(id, 9).open(&PLACE, &bytes).unwrap(), b"note");
    }

    #[test]
    fn the_same_text_is_never_sealed_the_same() {
        let key = key(1, 1);
        let one = key.seal(&PLACE, b"note", &SystemRandom).unwrap();
        let two = key.seal(&PLACE, b"note", &SystemRandom).unwrap();
        assert_ne!(one[9..33], two[9..33]);
        assert_ne!(one[33..], two[33..]);
    }

    #[test]
    fn does_not_open_anywhere_else() {
        let key = key(1, 1);
        let sealed = key.seal(&PLACE, b"note", &SystemRandom).unwrap();
        for place in [
            Place { workspace: [3; 16], ..PLACE },
            Place { field: Field(8), ..PLACE },
            Place { row: [3; 16], ..PLACE },
            Place { workspace: PLACE.row, row: PLACE.workspace, ..PLACE },
            Place { sealed_rev: 4, ..PLACE },
            Place { sealed_rev: 6, ..PLACE },
            Place { sealed_rev: -5, ..PLACE },
        ] {
            assert_eq!(key.open(&place, &sealed), Err(OpenError::DoesNotOpen), "{place:?}");
        }
    }

    #[test]
    fn an_older_ciphertext_does_not_open_at_the_newer_revision() {
        let key = key(1, 1);
        let older = key.seal(&PLACE, b"before", &SystemRandom).unwrap();
        let now = Place { sealed_rev: PLACE.sealed_rev + 1, ..PLACE };
        let newer = key.seal(&now, b"after", &SystemRandom).unwrap();
        assert_eq!(key.open(&now, &newer).unwrap(), b"after");
        assert_eq!(key.open(&now, &older), Err(OpenError::DoesNotOpen));
    }

    #[test]
    fn does_not_open_with_another_key() {
        let sealed = key(1, 1).seal(&PLACE, b"note", &SystemRandom).unwrap();
        assert_eq!(key(1, 2).open(&PLACE, &sealed), Err(OpenError::DoesNotOpen));
        let error = key(2, 1).open(&PLACE, &sealed).unwrap_err();
        assert_eq!(error, OpenError::UnknownKey(KeyId::new(1).unwrap()));
        // Relabelled to the id of the other key: the id is bound too, even with equal bytes.
        let mut relabelled = sealed;
        relabelled[8] = 2;
        assert_eq!(key(2, 1).open(&PLACE, &relabelled), Err(OpenError::DoesNotOpen));
    }

    #[test]
    fn every_flipped_bit_is_an_error() {
        let key = key(1, 1);
        let sealed = key.seal(&PLACE, b"note", &SystemRandom).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let error = key.open(&PLACE, &flipped).unwrap_err();
            let expected = match bit / 8 {
                0 => matches!(error, OpenError::UnknownVersion(_)),
                1..9 => matches!(error, OpenError::UnknownKey(_) | OpenError::DoesNotOpen),
                _ => error == OpenError::DoesNotOpen,
            };
            assert!(expected, "bit {bit}: {error:?}");
        }
    }

    #[test]
    fn cut_at_every_length_is_an_error() {
        let key = key(1, 1);
        let sealed = key.seal(&PLACE, b"note", &SystemRandom).unwrap();
        for length in 0..sealed.len() {
            let expected = if length < 49 { OpenError::TooShort } else { OpenError::DoesNotOpen };
            assert_eq!(key.open(&PLACE, &sealed[..length]), Err(expected), "{length}");
        }
        let mut longer = sealed;
        longer.push(0);
        assert_eq!(key.open(&PLACE, &longer), Err(OpenError::DoesNotOpen));
    }

    #[test]
    fn unknown_versions_are_named() {
        let mut sealed = key(1, 1).seal(&PLACE, b"note", &SystemRandom).unwrap();
        for version in (0..=255).filter(|version| *version != VERSION) {
            sealed[0] = version;
            let expected = Err(OpenError::UnknownVersion(version));
            assert_eq!(key(1, 1).open(&PLACE, &sealed), expected);
        }
    }

    #[test]
    fn long_texts_are_refused() {
        let key = key(1, 1);
        let mut text = vec![b'a'; MAX_PLAINTEXT_BYTES];
        let sealed = key.seal(&PLACE, &text, &SystemRandom).unwrap();
        assert_eq!(key.open(&PLACE, &sealed).unwrap(), text);
        text.push(b'a');
        let error = key.seal(&PLACE, &text, &SystemRandom).unwrap_err();
        assert!(matches!(error, SealError::TooLong { size_bytes: 65_537 }));
    }

    #[test]
    fn debug_shows_no_bytes() {
        let sealed = Sealed::<String>::from_bytes(vec![1, 2, 3]);
        assert_eq!(format!("{sealed:?}"), "Sealed(3 bytes)");
        assert_eq!(sealed.clone().into_bytes(), sealed.as_bytes());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_open(bytes: Vec<u8>) {
            prop_assert!(key(1, 1).open(&PLACE, &bytes).is_err());
        }

        #[test]
        fn arbitrary_bytes_behind_a_good_head_never_open(tail: Vec<u8>) {
            let head = [1, 0, 0, 0, 0, 0, 0, 0, 1];
            let bytes: Vec<u8> = head.into_iter().chain(tail).collect();
            let error = key(1, 1).open(&PLACE, &bytes).unwrap_err();
            let expected =
                if bytes.len() < 49 { OpenError::TooShort } else { OpenError::DoesNotOpen };
            prop_assert_eq!(error, expected);
        }

        #[test]
        fn any_text_at_any_place_goes_there_and_back(
            text: Vec<u8>,
            workspace: [u8; 16],
            row: [u8; 16],
            field: u16,
            sealed_rev: i64,
        ) {
            let place = Place { workspace, field: Field(field), row, sealed_rev };
            let key = key(42, 3);
            let sealed = key.seal(&place, &text, &SystemRandom).unwrap();
            prop_assert_eq!(sealed.len(), text.len() + 49);
            prop_assert_eq!(key.open(&place, &sealed).unwrap(), text);
        }
    }
}
