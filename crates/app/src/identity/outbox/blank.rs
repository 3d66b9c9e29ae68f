//! What is sealed instead of a letter that is never sent.

/// As long as the letter.
pub(super) fn blank(letter: &str) -> String {
    " ".repeat(letter.len())
}

/// Whether nothing is to be sent: no letter is without an address.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ')
}
