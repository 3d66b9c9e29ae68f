//! What a text itself calls a secret: `password=…`, `Cookie: …`, `Bearer …`, `postgres://user:…@host`.

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
            name if NAMES.iter().any(|end| name.ends_with(end)) => value(chars, word.end),
            _ => None,
        };
        if let Some(value) = value {
            done = value.end;
            marks.hit(value);
        }
    }
    mark_userinfo(chars, marks);
}

type Found = Option<std::ops::Range<usize>>;

/// What follows the name of a way to authenticate.
fn scheme(chars: &[char], at: usize, shortest: usize) -> Found {
    let start = skip(chars, at, |c| c == ' ' || c == '+');
    let end = skip(chars, start, |c| !c.is_whitespace() && !ends_value(c));
    let is_new = chars.get(start) != Some(&LEFT_OUT);
    (is_new && start > at && end - start >= shortest).then_some(start..end)
}

/// What follows a name: to its closing quote, to the end of a field of a form, or to the end of the line.
fn value(chars: &[char], at: usize) -> Found {
    let sign = sign(chars, at)?;
    let is_header = chars.get(sign) == Some(&':');
    let start = skip(chars, sign + 1, |c| c == ' ');
    let first = *chars.get(start)?;
    // What was left out before, or an address that is a hash now.
    if first == LEFT_OUT || first == '<' {
        return None;
    }
    let (start, end) = if is_quote(first) {
        (start + 1, closing(chars, start + 1, first))
    } else if is_header {
        (start, skip(chars, start, |c| !ends_line(c) && !is_quote(c)))
    } else {
        (start, skip(chars, start, |c| !c.is_whitespace() && !ends_value(c)))
    };
    (end > start).then_some(start..end)
}

/// Where the `:` or `=` after a name stands.
fn sign(chars: &[char], at: usize) -> Option<usize> {
    let at = skip_one(chars, at, is_quote);
    let sign = skip(chars, at, |c| c == ' ');
    matches!(chars.get(sign)?, ':' | '=').then_some(sign)
}

/// Where a quoted text ends.
fn closing(chars: &[char], start: usize, quote: char) -> usize {
    let mut at = start;
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            c if *c == quote => break,
            _ => at += 1,
        }
    }
    at.min(chars.len())
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

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`')
}

fn skip(chars: &[char], from: usize, is_it: impl Fn(char) -> bool) -> usize {
    let rest = chars.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|c| is_it(**c)).count()
}

fn skip_one(chars: &[char], from: usize, is_it: impl Fn(char) -> bool) -> usize {
    chars.get(from).copied().filter(|c| is_it(*c)).map_or(from, |_| from + 1)
}
