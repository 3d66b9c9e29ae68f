//! What a text itself calls a secret: `password=…`, `Cookie: …`, `Bearer …`, `postgres://user:…@host`.

use std::ops::Range;

use super::{LEFT_OUT, Marks, ends_line, words_of};

/// A word that ends so names a secret, where a `:` or `=` follows.
const NAMES: [&str; 13] = [
    "authorization",
    "cookie",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api-key",
    "api_key",
    "apikey",
    "csrf",
    "sid",
];

/// Of these, those whose value is the rest of the line, whatever quotes are in it.
const HEADERS: [&str; 2] = ["authorization", "cookie"];

/// What the hash of an address begins with, and how many digits it has.
const MAIL: [char; 6] = ['<', 'm', 'a', 'i', 'l', ':'];
const MAIL_DIGITS: usize = 10;

/// The shortest value of `Basic …`, which is also a word of its own.
const BASIC: usize = 8;

/// Marks what follows such a name.
pub(super) fn mark(chars: &[char], marks: &mut Marks) {
    let mut done = 0;
    for word in words_of(chars) {
        let is_scheme = matches!(chars.get(word.start), Some('b' | 'B'));
        if word.start < done || !(is_scheme || sign(chars, word.end).is_some()) {
            continue;
        }
        let name: String = chars.get(word.clone()).unwrap_or_default().iter().collect();
        let name = name.to_lowercase();
        let value = match name.as_str() {
            "bearer" => scheme(chars, word.end, 1),
            "basic" => scheme(chars, word.end, BASIC),
            name if NAMES.iter().any(|end| name.ends_with(end)) => {
                let is_header = HEADERS.iter().any(|end| name.ends_with(end));
                value(chars, &word, is_header)
            }
            _ => None,
        };
        if let Some(value) = value {
            done = value.end;
            marks.hit(value);
        }
    }
    mark_userinfo(chars, marks);
}

type Found = Option<Range<usize>>;

/// What follows the name of a way to authenticate.
fn scheme(chars: &[char], at: usize, shortest: usize) -> Found {
    let start = skip(chars, at, |c| c == ' ' || c == '+');
    let end = skip(chars, start, |c| !c.is_whitespace() && !ends_value(c));
    let is_new = chars.get(start) != Some(&LEFT_OUT);
    (is_new && start > at && end - start >= shortest).then_some(start..end)
}

/// What follows a name: to its closing quote, to the end of a field of a form, or to the end of the line.
fn value(chars: &[char], name: &Range<usize>, is_header: bool) -> Found {
    let sign = sign(chars, name.end)?;
    let start = skip(chars, sign + 1, |c| c == ' ');
    // What was left out before, or an address that is a hash now.
    if chars.get(start) == Some(&LEFT_OUT) || is_hashed_address(chars, start) {
        return None;
    }
    let is_colon = chars.get(sign) == Some(&':');
    let is_to_line_end = is_colon && is_header && sign == name.end;
    let (start, end) = if let Some(quote) = opening(chars, start).filter(|_| !is_to_line_end) {
        (quote + 1, closing(chars, quote, quote - start))
    } else if is_colon {
        (start, skip(chars, start, |c| !ends_line(c)))
    } else {
        (start, skip(chars, start, |c| !c.is_whitespace() && !ends_line(c) && !ends_field(c)))
    };
    (end > start).then_some(start..end)
}

/// Where the `:` or `=` after a name stands.
fn sign(chars: &[char], at: usize) -> Option<usize> {
    let at = opening(chars, at).map_or(at, |quote| quote + 1);
    let sign = skip(chars, at, |c| c == ' ');
    matches!(chars.get(sign)?, ':' | '=').then_some(sign)
}

/// Where a quote stands that begins here, behind the backslashes of a text within a text.
fn opening(chars: &[char], at: usize) -> Option<usize> {
    let quote = skip(chars, at, |c| c == '\\');
    chars.get(quote).copied().is_some_and(is_quote).then_some(quote)
}

/// Where a quoted text ends: at the quote before which there are no more backslashes than before the one
/// that opened it.
fn closing(chars: &[char], quote: usize, escapes: usize) -> usize {
    let mut at = quote + 1;
    while at < chars.len() {
        let next = skip(chars, at, |c| c == '\\');
        if next - at <= escapes && chars.get(next) == chars.get(quote) {
            return at;
        }
        at = next + 1;
    }
    chars.len()
}

/// As this program writes one: `<mail:0123456789>`.
fn is_hashed_address(chars: &[char], at: usize) -> bool {
    let digits = at + MAIL.len();
    chars.get(at..digits) == Some(&MAIL)
        && skip(chars, digits, |c| c.is_ascii_hexdigit()) == digits + MAIL_DIGITS
        && chars.get(digits + MAIL_DIGITS) == Some(&'>')
}

/// Marks who signs in by an address: `user:password` before the `@` of its host.
fn mark_userinfo(chars: &[char], marks: &mut Marks) {
    let mut at = 0;
    while at < chars.len() {
        let Some([':', '/', '/']) = chars.get(at..at + 3) else {
            at += 1;
            continue;
        };
        at += 3;
        if let Some(end) = userinfo(chars, at) {
            marks.hit(at..end);
            at = end;
        }
    }
}

/// Where what stands between `://` and the `@` of a host ends.
pub(super) fn userinfo(chars: &[char], start: usize) -> Option<usize> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | LEFT_OUT);
    // What was left out before.
    if let Some([LEFT_OUT, '@']) = chars.get(start..start + 2) {
        return Some(start + 1);
    }
    let end = skip(chars, start, |c| !is_end(c) && !ends_value(c));
    let found = chars.get(start..end)?.iter().rposition(|c| *c == '@')?;
    (found > 0).then_some(start + found)
}

fn ends_value(c: char) -> bool {
    is_quote(c) || ends_line(c) || matches!(c, '&' | ';' | ',' | ')' | '}' | ']' | '<' | '>')
}

/// What ends a field of a form that is not quoted.
fn ends_field(c: char) -> bool {
    is_quote(c) || c == '&'
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`')
}

fn skip(chars: &[char], from: usize, is_it: impl Fn(char) -> bool) -> usize {
    let rest = chars.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|c| is_it(**c)).count()
}
