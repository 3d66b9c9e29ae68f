//! Reading what the formats have in common: base64 and decimals, each in one way only.

use base64::{Engine, engine::general_purpose::STANDARD};

/// Base64 with padding (RFC 4648, section 4).
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads base64 that is padded and whose unused bits are nought; nothing for any other text.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Reads a decimal without sign or leading zeroes; nothing for any other text.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_padded = text.len() > 1 && text.starts_with('0');
    if is_plain && !is_padded { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_have_one_text_each() {
        for (text, number) in [("0", 0), ("7", 7), ("18446744073709551615", u64::MAX)] {
            assert_eq!(decimal(text), Some(number));
        }
        for wrong in ["", "00", "07", "+7", "-1", " 7", "7 ", "7_0", "18446744073709551616", "٧"] {
            assert_eq!(decimal(wrong), None, "{wrong:?}");
        }
    }
}
