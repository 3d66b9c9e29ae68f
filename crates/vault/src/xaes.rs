//! XAES-256-GCM: AES-256-GCM with a key of its own for every message, so that random nonces are
//! safe for practically any number of messages.
//!
//! Source: <https://c2sp.org/XAES-256-GCM> v1.0.1, "Detailed key derivation algorithm". The first
//! half of the 192-bit nonce goes through a NIST SP 800-108 key derivation (AES-256-CMAC over one
//! block) and gives the message's key; the second half is that key's GCM nonce. The block cipher
//! and GCM are those of aws-lc-rs. The block cipher is called directly, as the specification
//! describes, because a CMAC context for every message costs several allocations.
//!
//! The tests hold all published vectors, the accumulated random ones included.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_256, EncryptingKey, UnboundCipherKey};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::CryptoError;

/// Bytes of a nonce.
pub const NONCE_LEN: usize = 24;
/// Bytes that sealing adds after the ciphertext.
pub const TAG_LEN: usize = 16;

/// A key, expanded for the derivation of message keys.
pub struct XaesKey {
    block: EncryptingKey,
    /// The CMAC subkey *K1* of the specification; it depends on the key alone.
    k1: Zeroizing<u128>,
}

impl XaesKey {
    /// Expands a key.
    ///
    /// Errors: only when aws-lc-rs refuses, which it does not for 32 bytes.
    pub fn new(key: &[u8; 32]) -> Result<Self, CryptoError> {
        let block = EncryptingKey::ecb(UnboundCipherKey::new(&AES_256, key)?)?;
        let mut l = Zeroizing::new([0; 16]);
        block.encrypt(l.as_mut_slice())?;
        let l = Zeroizing::new(u128::from_be_bytes(*l));
        // Doubling in GF(2^128): without a branch, since L is secret.
        let carry = 0_u128.wrapping_sub(*l >> 127);
        let k1 = Zeroizing::new((*l << 1) ^ (carry & 0b1000_0111));
        Ok(Self { block, k1 })
    }

    /// Seals `in_out` in place and appends the tag. A nonce must be random, or never used before
    /// under this key.
    pub fn seal(
        &self,
        nonce: &[u8; NONCE_LEN],
        associated_data: &[u8],
        in_out: &mut Vec<u8>,
    ) -> Result<(), CryptoError> {
        let (key, nonce) = self.message_key(nonce)?;
        key.seal_in_place_append_tag(nonce, Aad::from(associated_data), in_out)?;
        Ok(())
    }

    /// The plaintext of `sealed`, ciphertext and tag.
    ///
    /// Errors: anything but what was sealed under this key with this nonce and associated data.
    pub fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        associated_data: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let length = sealed.len().checked_sub(TAG_LEN).ok_or(CryptoError)?;
        let (ciphertext, tag) = sealed.split_at_checked(length).ok_or(CryptoError)?;
        let (key, nonce) = self.message_key(nonce)?;
        let mut plaintext = vec![0; length];
        let aad = Aad::from(associated_data);
        match key.open_separate_gather(nonce, aad, ciphertext, tag, &mut plaintext) {
            Ok(()) => Ok(plaintext),
            Err(refused) => {
                plaintext.zeroize();
                Err(refused.into())
            }
        }
    }

    fn message_key(&self, nonce: &[u8; NONCE_LEN]) -> Result<(LessSafeKey, Nonce), CryptoError> {
        let (context, nonce) = nonce.split_first_chunk::<12>().ok_or(CryptoError)?;
        let subkey = self.subkey(context)?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, subkey.as_slice())?);
        Ok((key, Nonce::try_assume_unique_for_key(nonce)?))
    }

    /// *Kₓ* of the specification: one AES block for each of the counters 1 and 2.
    fn subkey(&self, context: &[u8; 12]) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
        let context = context.iter().fold(0_u128, |wide, byte| (wide << 8) | u128::from(*byte));
        let mut subkey = Zeroizing::new([0; 32]);
        let (first, second) = subkey.split_at_mut(16);
        first.copy_from_slice(&(*self.k1 ^ (0x0001_5800 << 96) ^ context).to_be_bytes());
        second.copy_from_slice(&(*self.k1 ^ (0x0002_5800 << 96) ^ context).to_be_bytes());
        self.block.encrypt(subkey.as_mut_slice())?;
        Ok(subkey)
    }
}

impl fmt::Debug for XaesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("XaesKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use sha3::Shake128;
    use sha3::digest::{ExtendableOutput, Update, XofReader};

    use super::*;

    const NONCE: &[u8; 24] = b"ABCDEFGHIJKLMNOPQRSTUVWX";

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// Key, K1, Kₓ, associated data and ciphertext as published. MSB₁(L) is 0 in the first and 1
    /// in the second, so both ways through the doubling are held.
    const PUBLISHED: [(u8, &str, &str, &[u8], &str); 2] = [
        (
            0x01,
            "e531954aca063d5b8d9c47a47d4cc6f0",
            "c8612c9ed53fe43e8e005b828a1631a0bbcb6ab2f46514ec4f439fcfd0fa969b",
            b"",
            "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271",
        ),
        (
            0x03,
            "23810ec50edb99f374409466ed1f4b7b",
            "e9c621d4cdd9b11b00a6427ad7e559aeedd66b3857646677748f8ca796cb3fd8",
            b"c2sp.org/XAES-256-GCM",
            "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
        ),
    ];

    #[test]
    fn published_vectors() {
        for (byte, k1, subkey, associated_data, ciphertext) in PUBLISHED {
            let key = XaesKey::new(&[byte; 32]).unwrap();
            assert_eq!(hex(&key.k1.to_be_bytes()), k1);
            assert_eq!(hex(key.subkey(b"ABCDEFGHIJKL").unwrap().as_slice()), subkey);

            let mut message = b"XAES-256-GCM".to_vec();
            key.seal(NONCE, associated_data, &mut message).unwrap();
            assert_eq!(hex(&message), ciphertext);
            assert_eq!(key.open(NONCE, associated_data, &message).unwrap(), b"XAES-256-GCM");
        }
    }

    #[test]
    fn what_is_too_short_for_a_tag_does_not_open() {
        let key = XaesKey::new(&[1; 32]).unwrap();
        for length in 0..TAG_LEN {
            assert_eq!(key.open(NONCE, b"", &vec![0; length]), Err(CryptoError));
        }
    }

    fn draw(stream: &mut impl XofReader, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        stream.read(&mut bytes);
        bytes
    }

    fn draw_with_length(stream: &mut impl XofReader) -> Vec<u8> {
        let length = draw(stream, 1)[0];
        draw(stream, usize::from(length))
    }

    fn accumulated(iterations: u32) -> String {
        let mut stream = Shake128::default().finalize_xof();
        let mut digest = Shake128::default();
        for _ in 0..iterations {
            let key: [u8; 32] = draw(&mut stream, 32).try_into().unwrap();
            let nonce: [u8; 24] = draw(&mut stream, 24).try_into().unwrap();
            let plaintext = draw_with_length(&mut stream);
            let associated_data = draw_with_length(&mut stream);
            let key = XaesKey::new(&key).unwrap();
            let mut message = plaintext.clone();
            key.seal(&nonce, &associated_data, &mut message).unwrap();
            digest.update(&message);
            assert_eq!(key.open(&nonce, &associated_data, &message).unwrap(), plaintext);
        }
        hex(&draw(&mut digest.finalize_xof(), 32))
    }

    #[test]
    fn published_accumulated_10_000() {
        let expected = "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939";
        assert_eq!(accumulated(10_000), expected);
    }

    #[test]
    #[ignore = "a measurement: run in release with --include-ignored --nocapture"]
    fn how_many_small_fields_a_second() {
        let key = XaesKey::new(&[1; 32]).unwrap();
        let mut sealed = vec![b'a'; 40];
        key.seal(NONCE, b"", &mut sealed).unwrap();
        let started = std::time::Instant::now();
        for _ in 0..1_000_000 {
            std::hint::black_box(key.open(NONCE, b"", &sealed).unwrap());
        }
        println!("{:?} to open a field", started.elapsed() / 1_000_000);
    }

    #[test]
    #[ignore = "a million messages: run in release with --include-ignored"]
    fn published_accumulated_1_000_000() {
        let expected = "2163ae1445985a30b60585ee67daa55674df06901b890593e824b8a7c885ab15";
        assert_eq!(accumulated(1_000_000), expected);
    }
}
