//! Salted commitments: what an event says about a text without holding it.
//!
//! The salt makes a short text unguessable; destroying the salt (it is sealed under the subject's
//! key) leaves a number that nobody can open, so the record stays whole when a person is erased.

use crate::hash;

const LABEL: &[u8] = b"timeproof text commitment v1";

/// How many bytes a salt has.
pub const SALT_BYTES: usize = 32;

/// `SHA-256("timeproof text commitment v1" | salt | text)`. The label and the salt have fixed
/// lengths, so no two inputs share their bytes.
pub fn commit(salt: &[u8; SALT_BYTES], text: &[u8]) -> [u8; 32] {
    hash::of(&[LABEL, salt, text]).0
}

#[cfg(test)]
mod tests {
    use super::commit;

    #[test]
    fn salt_and_text_both_count() {
        let one = commit(&[1; 32], b"a");
        assert_eq!(one, commit(&[1; 32], b"a"));
        assert_ne!(one, commit(&[2; 32], b"a"));
        assert_ne!(one, commit(&[1; 32], b"b"));
    }

    #[test]
    fn the_commitment_is_the_one_of_the_documentation() {
        let hex = commit(&[0; 32], "Zürich".as_bytes())
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        assert_eq!(hex, "f5cfb5fb39b9e6310faac27bb23a9940a16b742472de95960653744e9f53f54a");
    }
}
