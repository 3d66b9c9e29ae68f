//! Codes of authenticator apps: TOTP, RFC 6238, over HOTP, RFC 4226.
//!
//! With what every app knows: SHA-1, six digits, thirty seconds. SHA-1 is broken for signatures, not
//! within HMAC; half of the apps ignore another choice and show wrong codes.
//!
//! Thirty lines over the HMAC of aws-lc-rs, held by the vectors of both RFCs: what a library would
//! add (QR codes, addresses, a clock of its own) is done elsewhere, or is a parameter here.

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::token::encode_crockford;

/// Bytes of a seed: as long as the hash (RFC 4226, section 4, R6).
pub const TOTP_SEED_BYTES: usize = 20;

/// How long a code is shown, in seconds.
pub const TOTP_STEP_S: i64 = 30;

/// Digits of a code.
pub const TOTP_DIGITS: usize = 6;

/// Steps by which the clock of a phone may be off, to either side (RFC 6238, section 5.2).
const DRIFT_STEPS: i64 = 1;

/// The step that an instant lies in, in seconds since 1970.
pub fn totp_step(unix_s: i64) -> i64 {
    unix_s.div_euclid(TOTP_STEP_S)
}

/// The code of a step: six digits.
pub fn totp_code(seed: &[u8], step: i64) -> Secret<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    Secret::new(format!("{:06}", truncated(tag.as_ref()) % 1_000_000))
}

/// The step whose code this is, newer than `last_step` and at most one off from `now_step`; none when
/// it is wrong. What was used before is not found again, so a code works once.
pub fn find_totp_step(seed: &[u8], code: &str, now_step: i64, last_step: i64) -> Option<i64> {
    let steps = now_step - DRIFT_STEPS..=now_step + DRIFT_STEPS;
    // All are compared, and each in a time that does not tell where they differ.
    steps.filter(|step| is_code(seed, *step, code)).filter(|step| *step > last_step).max()
}

/// What a person typed as six digits, with or without spaces; none when it cannot be a code.
pub fn canonical_totp(typed: &str) -> Option<Secret<String>> {
    let mut code = Zeroizing::new(String::with_capacity(TOTP_DIGITS));
    for c in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        if !c.is_ascii_digit() || code.len() == TOTP_DIGITS {
            return None;
        }
        code.push(c);
    }
    (code.len() == TOTP_DIGITS).then(|| Secret::new(std::mem::take(&mut *code)))
}

/// A seed as people type it into an app: base32 of RFC 4648, without padding.
pub fn encode_base32(bytes: &[u8]) -> String {
    const CROCKFORD: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const RFC_4648: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    // The same five bits, under other names.
    let text = encode_crockford(bytes);
    let renamed = |c| CROCKFORD.find(c).and_then(|at| RFC_4648.chars().nth(at));
    text.chars().filter_map(renamed).collect()
}

fn is_code(seed: &[u8], step: i64, code: &str) -> bool {
    totp_code(seed, step).expose().as_bytes().ct_eq(code.as_bytes()).into()
}

/// RFC 4226, section 5.3: four bytes from where the last four bits point to, without the sign.
fn truncated(tag: &[u8]) -> u32 {
    let at = usize::from(tag.last().copied().unwrap_or_default() & 0x0f);
    let word = tag.get(at..).and_then(<[u8]>::first_chunk::<4>);
    // A tag of twenty bytes always has them.
    u32::from_be_bytes(word.copied().unwrap_or_default()) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    #[test]
    fn vectors_of_rfc_4226_appendix_d() {
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (counter, code) in (0..).zip(expected) {
            assert_eq!(totp_code(SEED, counter).expose(), code);
        }
    }

    /// The last six of the eight digits.
    #[test]
    fn vectors_of_rfc_6238_appendix_b() {
        for (unix_s, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(totp_code(SEED, totp_step(unix_s)).expose(), code, "{unix_s}");
        }
    }

    #[test]
    fn one_step_to_either_side_and_none_before_the_last() {
        for off in -3_i64..=3 {
            let code = totp_code(SEED, 100 + off);
            let found = find_totp_step(SEED, code.expose(), 100, 0);
            assert_eq!(found, (off.abs() <= 1).then_some(100 + off), "{off}");
            let again = find_totp_step(SEED, code.expose(), 100, 100 + off);
            assert_eq!(again, None, "used at {off}");
        }
        let older = totp_code(SEED, 99);
        assert_eq!(find_totp_step(SEED, older.expose(), 100, 100), None, "a newer one was used");
        assert_eq!(find_totp_step(SEED, "000000", 100, 0), None);
        assert_eq!(find_totp_step(SEED, "", 100, 0), None);
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        for typed in ["123456", " 123 456 ", "123-456"] {
            assert_eq!(canonical_totp(typed).unwrap().expose(), "123456", "{typed:?}");
        }
        for typed in ["", "12345", "1234567", "12345a", "ABCD-EFGH", "１２３４５６"] {
            assert!(canonical_totp(typed).is_none(), "{typed:?}");
        }
    }

    /// RFC 4648, section 10.
    #[test]
    fn vectors_of_base32() {
        for (bytes, text) in [
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
        ] {
            assert_eq!(encode_base32(bytes.as_bytes()), text);
        }
        assert_eq!(encode_base32(&[0xff; TOTP_SEED_BYTES]), "7".repeat(32));
    }
}
