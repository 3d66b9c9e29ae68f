//! Salted commitments: what an event says about a text without holding it.
//!
//! The salt makes a short text unguessable; destroying the salt (it is sealed under the subject's
//! key) leaves a number that nobody can open, so the record stays whole when a person is erased.

use aws_lc_rs::digest;

/// `SHA-256("timeproof text commitment v1" | salt | text)`. The label and the salt have fixed
/// lengths, so no two inputs share their bytes.
pub fn commit(salt: &[u8; 32], text: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"timeproof text commitment v1");
    context.update(salt);
    context.update(text);
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    out
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
}
