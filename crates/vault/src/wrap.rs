//! Wrapping keys under the root key, and the commitment that says an unwrapped key is the right
//! one, with the id, kind and owner it was made for.
//!
//! AES-256-KWP binds nothing but the key itself, and AES-GCM does not commit to a key. The
//! commitment (HKDF-SHA-256 of the key with id, kind and owner) closes both: a wrapped key that
//! was given another id, kind or owner is refused, and two keys never pass for one.
//! Source: NIST SP 800-38F (KWP), RFC 5869 (HKDF).

use aws_lc_rs::hkdf::{self, HKDF_SHA256};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded as _};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::error::CryptoError;
use crate::key_file::RootKey;
use crate::keyring::{KeyId, KeyKind, WrappedKey};

const COMMITMENT_LABEL: &[u8] = b"timeproof/vault/key-commitment/v1";

/// A key made ready for the keyring.
pub(crate) fn wrap(
    root: &RootKey,
    id: KeyId,
    kind: KeyKind,
    owner: [u8; 16],
    key: &[u8; 32],
) -> Result<WrappedKey, CryptoError> {
    // aws-lc wants room for the longest padding, which 32 bytes do not need.
    let mut room = [0; 48];
    let written = AesKek::new(&AES_256, root.expose())?.wrap_with_padding(key, &mut room)?;
    let wrapped = <[u8; 40]>::try_from(&*written).map_err(|_| CryptoError)?;
    let commitment = commitment(id, kind, owner, key)?;
    Ok(WrappedKey { id, kind, owner, wrapped, commitment })
}

/// The key itself.
///
/// Errors: wrapped under another root key, or not with this id, kind and owner.
pub(crate) fn unwrap(root: &RootKey, key: &WrappedKey) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
    let mut room = Zeroizing::new([0; 48]);
    let kek = AesKek::new(&AES_256, root.expose())?;
    let unwrapped = kek.unwrap_with_padding(&key.wrapped, room.as_mut_slice())?;
    let unwrapped = Zeroizing::new(<[u8; 32]>::try_from(&*unwrapped).map_err(|_| CryptoError)?);
    let expected = commitment(key.id, key.kind, key.owner, &unwrapped)?;
    if bool::from(expected.ct_eq(&key.commitment)) { Ok(unwrapped) } else { Err(CryptoError) }
}

fn commitment(
    id: KeyId,
    kind: KeyKind,
    owner: [u8; 16],
    key: &[u8; 32],
) -> Result<[u8; 32], CryptoError> {
    let (id, kind) = (id.get().to_be_bytes(), [kind.number()]);
    // All three have a fixed length, so that nothing can slide.
    let info = [id.as_slice(), kind.as_slice(), owner.as_slice()];
    let mut commitment = [0; 32];
    hkdf::Salt::new(HKDF_SHA256, COMMITMENT_LABEL)
        .extract(key)
        .expand(&info, HKDF_SHA256)?
        .fill(&mut commitment)?;
    Ok(commitment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped() -> (RootKey, WrappedKey) {
        let root = RootKey::from_bytes([9; 32]);
        let id = KeyId::new(77).unwrap();
        let key = wrap(&root, id, KeyKind::Member, [3; 16], &[5; 32]).unwrap();
        (root, key)
    }

    #[test]
    fn opens_under_the_same_root_only() {
        let (root, key) = wrapped();
        assert_eq!(*unwrap(&root, &key).unwrap(), [5; 32]);
        assert!(unwrap(&RootKey::from_bytes([8; 32]), &key).is_err());
    }

    #[test]
    fn another_id_kind_or_owner_is_refused() {
        let (root, key) = wrapped();
        let id = KeyId::new(78).unwrap();
        assert!(unwrap(&root, &WrappedKey { id, ..key.clone() }).is_err());
        assert!(unwrap(&root, &WrappedKey { kind: KeyKind::Person, ..key.clone() }).is_err());
        assert!(unwrap(&root, &WrappedKey { owner: [4; 16], ..key.clone() }).is_err());
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let (root, key) = wrapped();
        for bit in 0..40 * 8 {
            let mut flipped = key.clone();
            flipped.wrapped[bit / 8] ^= 1 << (bit % 8);
            assert!(unwrap(&root, &flipped).is_err());
        }
        for bit in 0..32 * 8 {
            let mut flipped = key.clone();
            flipped.commitment[bit / 8] ^= 1 << (bit % 8);
            assert!(unwrap(&root, &flipped).is_err());
        }
    }
}
