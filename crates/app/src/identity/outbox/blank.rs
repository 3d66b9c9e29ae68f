//! What is sealed instead of a letter that is never sent.

use super::Letter;

/// Where the letter would go that is never sent: a name that nobody has (RFC 2606).
pub(in crate::identity) const NOBODY: &str = "nobody@example.invalid";

/// As long as the letter and of as many lines, so that reading it takes as long; it says nothing.
pub(super) fn blank(letter: &Letter) -> String {
    let as_long = letter.to_text().len();
    let (subject, body) = (spaces(letter.subject()), spaces(letter.body()));
    let mut text = format!("{NOBODY}\n{subject}\n{body}");
    let head = NOBODY.len() + subject.len() + 2;
    text.truncate(as_long.max(head));
    text.push_str(&" ".repeat(as_long.saturating_sub(text.len())));
    text
}

fn spaces(text: &str) -> String {
    let space = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
    text.bytes().map(space).collect()
}

/// Whether nothing is to be sent.
pub(super) fn is_blank(letter: &Letter) -> bool {
    letter.to().as_str() == NOBODY
}

#[cfg(test)]
mod tests {
    use domain::text::EmailAddress;

    use super::*;

    #[test]
    fn a_blank_letter_is_as_long_and_says_nothing() {
        for to in ["a@b.example", "somebody.with.a.longer.name@example.com"] {
            let to = EmailAddress::parse(to).unwrap();
            let letter = Letter::new(to, "Your code", "Hello,\n\nAB12, ünter uns\n").unwrap();
            let text = blank(&letter);
            assert_eq!(text.len(), letter.to_text().len());
            let read = Letter::from_text(&text).unwrap();
            assert!(is_blank(&read) && !is_blank(&letter));
            assert_eq!((read.subject().trim(), read.body().trim()), ("", ""));
        }
    }
}
