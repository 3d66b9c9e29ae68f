//! Tokens and codes: drawing, writing, reading and hashing them.
//!
//! A *token* is random bytes for a machine to carry (a session, a link); the database holds
//! [`hash_token`] of it. A *code* is eight characters for a person to type; forty bits are few
//! enough to try them all, so a code is stored as an HMAC under a `LoginCodes` key, never as a
//! plain hash.
//!
//! Crockford's base32 (<https://www.crockford.com/base32.html>, without the check symbol) leaves
//! out I, L, O and U and reads the first three as the digits they are mistaken for.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::framing::length_prefix;
use crate::random::Random;
use crate::secret::Secret;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_CHARACTERS: usize = 8;
const HASH_LABEL: &[u8] = b"timeproof/token/v1";

/// Why a token could not be read. Says nothing of what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// A character that the coding does not have.
    #[error("a character does not belong to the coding")]
    Alphabet,
    /// No encoder gives this length, or the last character has bits that belong to no byte.
    #[error("the text is cut off or too long")]
    Length,
}

/// Random bytes: 32 for a session or an API token, 16 or more for a link.
pub fn draw_token(random: &dyn Random, n_bytes: usize) -> Secret<Vec<u8>> {
    let mut token = vec![0; n_bytes];
    random.fill(&mut token);
    Secret::new(token)
}

/// A code for a person to type: eight characters of Crockford's base32, 40 bits, all equally
/// likely, since each character is five bits.
pub fn draw_code(random: &dyn Random) -> Secret<String> {
    let mut bits = Zeroizing::new([0; 5]);
    random.fill(bits.as_mut_slice());
    Secret::new(encode_crockford(bits.as_slice()))
}

/// What a person typed, as [`draw_code`] wrote it; nothing when it cannot be a code.
///
/// ```
/// let code = vault::canonical_code(" 1o1l-abcd ").unwrap();
/// assert_eq!(code.expose(), "1011ABCD");
/// assert!(vault::canonical_code("1O1LABC").is_none());
/// ```
pub fn canonical_code(typed: &str) -> Option<Secret<String>> {
    let mut values = Zeroizing::new([0; CODE_CHARACTERS]);
    let mut free = values.iter_mut();
    for value in crockford_values(typed) {
        *free.next()? = value.ok()?;
    }
    if free.next().is_some() {
        return None;
    }
    let mut code = String::with_capacity(CODE_CHARACTERS);
    code.extend(values.iter().map(|value| symbol(*value)));
    Some(Secret::new(code))
}

/// Base64 with `-` and `_`, without padding: RFC 4648, section 5.
pub fn encode_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of [`encode_base64url`]. Strict: one text for each value.
pub fn decode_base64url(text: &str) -> Result<Vec<u8>, TokenError> {
    use base64::DecodeError;
    URL_SAFE_NO_PAD.decode(text).map_err(|error| match error {
        DecodeError::InvalidByte(..) => TokenError::Alphabet,
        DecodeError::InvalidLength(_)
        | DecodeError::InvalidLastSymbol(..)
        | DecodeError::InvalidPadding => TokenError::Length,
    })
}

/// Crockford's base32 in capitals, five bits a character, most significant first, the last
/// character filled up with zero bits.
///
/// ```
/// assert_eq!(vault::encode_crockford(&[0xff, 0x00]), "ZW00");
/// ```
pub fn encode_crockford(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5).saturating_mul(8));
    let (mut pending, mut bits) = (0_u16, 0_u32);
    for byte in bytes {
        pending = (pending << 8) | u16::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(symbol(low_five_bits(pending >> bits)));
        }
        pending &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(symbol(low_five_bits(pending << (5 - bits))));
    }
    text
}

/// The bytes of [`encode_crockford`]: capitals or not, O as 0, I and L as 1, dashes and spaces
/// ignored.
pub fn decode_crockford(text: &str) -> Result<Vec<u8>, TokenError> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut pending, mut bits) = (0_u16, 0_u32);
    for value in crockford_values(text) {
        pending = (pending << 5) | u16::from(value?);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            let [_, byte] = (pending >> bits).to_be_bytes();
            bytes.push(byte);
            pending &= (1 << bits) - 1;
        }
    }
    if bits < 5 && pending == 0 { Ok(bytes) } else { Err(TokenError::Length) }
}

/// SHA-256 with a label, for tokens of 256 random bits: nothing shorter, since a plain hash of
/// what can be guessed can be guessed too.
pub fn hash_token(token: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&length_prefix(HASH_LABEL.len()));
    context.update(HASH_LABEL);
    context.update(token);
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

fn low_five_bits(value: u16) -> u8 {
    let [_, low] = value.to_be_bytes();
    low & 31
}

#[expect(clippy::indexing_slicing, reason = "five bits are at most 31, the alphabet has 32")]
fn symbol(five_bits: u8) -> char {
    char::from(ALPHABET[usize::from(five_bits & 31)])
}

/// The five bits of each character that is not a dash or a space.
fn crockford_values(text: &str) -> impl Iterator<Item = Result<u8, TokenError>> {
    text.chars().filter(|character| !matches!(character, '-' | ' ')).map(|character| {
        let read = match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        (0_u8..32).find(|value| symbol(*value) == read).ok_or(TokenError::Alphabet)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::random::{SeededRandom, SystemRandom};

    #[test]
    fn tokens_have_the_length_asked_for() {
        for length in [0, 16, 32] {
            assert_eq!(draw_token(&SystemRandom, length).expose().len(), length);
        }
        let (one, two) = (draw_token(&SystemRandom, 32), draw_token(&SystemRandom, 32));
        assert_ne!(one.expose(), two.expose());
    }

    #[test]
    fn codes_use_the_whole_alphabet_evenly() {
        let random = SeededRandom::new(3);
        let mut counts = [0_u32; 128];
        for _ in 0..4000 {
            let code = draw_code(&random);
            assert_eq!(code.expose().len(), 8);
            for byte in code.expose().bytes() {
                counts[usize::from(byte)] += 1;
            }
        }
        // 32,000 characters over 32 symbols: 1,000 each, standard deviation 31.
        for symbol in ALPHABET {
            let count = counts[usize::from(*symbol)];
            assert!((850..1150).contains(&count), "{symbol}: {count}");
        }
        assert_eq!(counts.iter().sum::<u32>(), 32_000);
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        for (typed, expected) in [
            ("0123abcd", Some("0123ABCD")),
            ("oIlL-ABCD", Some("0111ABCD")),
            (" vwxy z000 ", Some("VWXYZ000")),
            ("0123ABC", None),
            ("0123ABCDE", None),
            ("0123ABCU", None),
            ("0123ABC\u{e9}", None),
            ("", None),
        ] {
            let code = canonical_code(typed);
            assert_eq!(code.as_ref().map(|code| code.expose().as_str()), expected, "{typed}");
        }
        let code = draw_code(&SystemRandom);
        assert_eq!(canonical_code(code.expose()).unwrap().expose(), code.expose());
    }

    #[test]
    fn crockford_texts() {
        for (bytes, text) in [
            (&b""[..], ""),
            (&[0], "00"),
            (&[0xff], "ZW"),
            (&[0xff; 5], "ZZZZZZZZ"),
            (&[0, 1, 2, 3, 4], "000G40R4"),
        ] {
            assert_eq!(encode_crockford(bytes), text);
            assert_eq!(decode_crockford(text).unwrap(), bytes);
        }
        assert_eq!(decode_crockford("z-w"), Ok(vec![0xff]));
        assert_eq!(decode_crockford("ZU"), Err(TokenError::Alphabet));
        assert_eq!(decode_crockford("Z"), Err(TokenError::Length), "five bits are no byte");
        assert_eq!(decode_crockford("ZZ"), Err(TokenError::Length), "two bits too many");
        assert_eq!(decode_crockford("ZW0"), Err(TokenError::Length), "a whole character too many");
    }

    #[test]
    fn base64url_is_strict() {
        assert_eq!(encode_base64url(&[0xfb, 0xff]), "-_8");
        assert_eq!(decode_base64url("-_8"), Ok(vec![0xfb, 0xff]));
        assert_eq!(decode_base64url("+/8"), Err(TokenError::Alphabet));
        assert!(decode_base64url("-_8=").is_err());
        assert_eq!(decode_base64url("-_9"), Err(TokenError::Length));
        assert_eq!(decode_base64url("-"), Err(TokenError::Length));
    }

    #[test]
    fn hashes_are_labelled() {
        let plain = digest::digest(&digest::SHA256, &[1; 32]);
        assert_ne!(hash_token(&[1; 32]), plain.as_ref());
        let hashes: HashSet<_> = (0..=255).map(|byte| hash_token(&[byte; 32])).collect();
        assert_eq!(hashes.len(), 256);
    }

    proptest! {
        #[test]
        fn both_codings_go_there_and_back(bytes: Vec<u8>) {
            prop_assert_eq!(&decode_crockford(&encode_crockford(&bytes)).unwrap(), &bytes);
            prop_assert_eq!(&decode_base64url(&encode_base64url(&bytes)).unwrap(), &bytes);
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = canonical_code(&text);
            let _ = decode_base64url(&text);
            if let Ok(bytes) = decode_crockford(&text) {
                prop_assert_eq!(decode_crockford(&encode_crockford(&bytes)).unwrap(), bytes);
            }
        }
    }
}
