//! Words that look like a secret of ours: API tokens, what cookies and links carry, codes.
//!
//! | what | how it looks |
//! |---|---|
//! | API token | `tp1_` and more |
//! | cookies, links, what programs wait with | 22 or 43 characters of base64url |
//! | code by mail | `ABCD-EFGH`, `ABCDEFGH` |
//! | recovery code | `ABCD-EFGH-JKMN-PQRS`, the same without dashes |
//! | secret of an authenticator app | base32 |
//! | code of an authenticator app | `123456`, `123 456` |
//!
//! Ids stay: a log without them says nothing.

use std::ops::Range;

use super::{Marks, words_of};

/// Letters and digits of an id, by the lengths of its groups.
const ID_GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// Characters of an id with its dashes.
const ID: usize = 36;

/// Characters of an id without.
const BARE_ID: usize = 32;

/// The shortest word that is taken for random characters.
const SECRET: usize = 20;

/// Marks the words that look like a secret, and the ids that stay.
pub(super) fn mark(chars: &[char], marks: &mut Marks) {
    let mut three: Option<Range<usize>> = None;
    for word in words_of(chars) {
        if is_token(chars.get(word.clone()).unwrap_or_default()) {
            marks.hit(word);
            continue;
        }
        mark_ids(chars, word.clone(), marks);
        for part in parts(&word, marks) {
            if looks_secret(chars.get(part.clone()).unwrap_or_default()) {
                marks.hit(part);
            }
        }
        // A code of an app, as the app shows it.
        let is_three = word.len() == 3 && all(chars, &word, char::is_ascii_digit);
        if let Some(before) = three.take_if(|_| is_three)
            && before.end + 1 == word.start
            && chars.get(before.end) == Some(&' ')
        {
            marks.hit(before.start..word.end);
        }
        three = is_three.then_some(word);
    }
}

/// What of a word is no id.
fn parts(word: &Range<usize>, marks: &Marks) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = word.start;
    for at in word.clone() {
        if marks.is_id(at) {
            parts.push(start..at);
            start = at + 1;
        }
    }
    parts.push(start..word.end);
    parts.retain(|part| !part.is_empty());
    parts
}

fn mark_ids(chars: &[char], word: Range<usize>, marks: &mut Marks) {
    let is_edge = |at: Option<usize>| {
        at.filter(|at| word.contains(at)).is_none_or(|at| matches!(chars.get(at), Some('-' | '_')))
    };
    let mut at = word.start;
    while at < word.end {
        let found = [ID, BARE_ID].into_iter().find(|length| {
            is_edge(at.checked_sub(1))
                && is_edge(Some(at + length))
                && at + length <= word.end
                && is_id(chars.get(at..at + length).unwrap_or_default())
        });
        if let Some(length) = found {
            marks.keep(at..at + length);
        }
        at += found.unwrap_or(1);
    }
}

/// Whether a text is an id and nothing else, as most values are.
pub(super) fn is_whole_id(text: &str) -> bool {
    let mut groups = text.split('-');
    text.len() == ID
        && ID_GROUPS.iter().all(|length| {
            groups.next().is_some_and(|group| {
                group.len() == *length
                    && group.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
            })
        })
}

/// With dashes any; without them one of ours, of version 7, as none but 1 in 64 random ones would be.
fn is_id(chars: &[char]) -> bool {
    let is_hex = |c: &char| matches!(c, '0'..='9' | 'a'..='f');
    if chars.len() == BARE_ID {
        return chars.iter().all(is_hex)
            && chars.get(12) == Some(&'7')
            && matches!(chars.get(16), Some('8' | '9' | 'a' | 'b'));
    }
    let mut groups = chars.split(|c| *c == '-');
    ID_GROUPS.iter().all(|length| {
        groups.next().is_some_and(|group| group.len() == *length && group.iter().all(is_hex))
    }) && groups.next().is_none()
}

fn looks_secret(word: &[char]) -> bool {
    let counts = Counts::of(word);
    is_random(word, &counts) || is_code(word, &counts) || (counts.digits == 6 && word.len() == 6)
}

fn is_token(word: &[char]) -> bool {
    matches!(word, ['t' | 'T', 'p' | 'P', digit, '_', _, ..] if digit.is_ascii_digit())
}

/// Characters as chance draws them, which names are not made of.
fn is_random(word: &[char], counts: &Counts) -> bool {
    let Counts { digits, upper, lower, changes } = *counts;
    let has_both = upper > 0 && lower > 0;
    let is_mixed = has_both && (digits > 0 || changes * 2 >= word.len());
    let is_long = word.split(|c| *c == '-' || *c == '_').any(|part| {
        let part = Counts::of(part);
        part.digits > 0 && part.letters() > 0 && part.digits + part.letters() >= 16
    });
    // Of base32, and of codes in groups: capitals alone.
    let is_capitals = lower == 0 && upper > 0 && digits > 0 && upper + digits >= 16;
    (word.len() >= SECRET && (is_mixed || is_long)) || is_capitals
}

/// A code for people: eight characters, or groups of four.
fn is_code(word: &[char], counts: &Counts) -> bool {
    let groups: Vec<&[char]> = word.split(|c| *c == '-').collect();
    let in_fours = groups.len() > 1 && groups.iter().all(|group| group.len() == 4);
    let is_bare = groups.len() == 1 && matches!(word.len(), 8 | 16);
    let is_alphabet = groups.iter().copied().flatten().all(char::is_ascii_alphanumeric);
    let is_of_code = |c: &char| !matches!(c, 'I' | 'L' | 'O' | 'U');
    let is_drawn =
        counts.upper > 0 && counts.lower == 0 && groups.iter().copied().flatten().all(is_of_code);
    // As somebody types it who does not care about capitals.
    let is_typed = counts.digits > 0 && counts.letters() > 0;
    (in_fours || is_bare) && is_alphabet && (is_drawn || is_typed)
}

/// What a word is made of.
struct Counts {
    digits: usize,
    upper: usize,
    lower: usize,
    /// How often capitals and small letters follow each other.
    changes: usize,
}

impl Counts {
    fn of(word: &[char]) -> Self {
        let count = |is_it: fn(&char) -> bool| word.iter().filter(|c| is_it(c)).count();
        let changes = word.windows(2).filter(|pair| {
            matches!(pair, [a, b] if (a.is_ascii_uppercase() && b.is_ascii_lowercase())
                || (a.is_ascii_lowercase() && b.is_ascii_uppercase()))
        });
        Self {
            digits: count(char::is_ascii_digit),
            upper: count(char::is_ascii_uppercase),
            lower: count(char::is_ascii_lowercase),
            changes: changes.count(),
        }
    }

    fn letters(&self) -> usize {
        self.upper + self.lower
    }
}

fn all(chars: &[char], range: &Range<usize>, is_it: impl Fn(&char) -> bool) -> bool {
    chars.get(range.clone()).is_some_and(|chars| chars.iter().all(is_it))
}
