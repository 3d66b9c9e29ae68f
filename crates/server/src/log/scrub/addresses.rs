//! E-mail addresses.

use std::ops::Range;

use super::values::userinfo;

/// The longest local part in quotes that is looked for.
const LONGEST_QUOTED: usize = 64;

/// The addresses, in their order, and whether each is one alone. The `@` before the host of a link
/// makes none.
pub(super) fn find(chars: &[char]) -> Vec<(Range<usize>, bool)> {
    let mut found: Vec<(Range<usize>, bool)> = Vec::new();
    let mut host = None;
    for at in 0..chars.len() {
        if let Some([':', '/', '/']) = chars.get(at..at + 3) {
            host = userinfo(chars, at + 3).or(host);
        }
        if chars.get(at) != Some(&'@') || host == Some(at) {
            continue;
        }
        let (start, end) = (before(chars, at), after(chars, at + 1));
        if start == at || end == at + 1 {
            continue;
        }
        match found.last_mut().filter(|(last, _)| last.end > start) {
            Some((last, is_one)) => {
                last.end = end;
                *is_one = false;
            }
            None => found.push((start..end, true)),
        }
    }
    found
}

/// Where a domain that begins here ends.
fn after(chars: &[char], from: usize) -> usize {
    let is_part = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let rest = chars.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|c| is_part(c)).count()
}

/// Where a local part that ends here begins.
fn before(chars: &[char], to: usize) -> usize {
    let is_part = |c: char| {
        c.is_alphanumeric()
            || matches!(c, '.' | '-' | '_' | '+' | '%' | '~' | '!' | '#' | '$' | '*')
    };
    if to > 0 && chars.get(to - 1) == Some(&'"') {
        return quoted(chars, to - 1).unwrap_or(to);
    }
    let mut start = to;
    while start > 0 && chars.get(start - 1).copied().is_some_and(is_part) {
        start -= 1;
    }
    start
}

/// Where a local part in quotes begins, whose closing quote stands here.
fn quoted(chars: &[char], closing: usize) -> Option<usize> {
    let first = closing.saturating_sub(LONGEST_QUOTED);
    let opening = chars.get(first..closing)?.iter().rposition(|c| *c == '"')?;
    Some(first + opening)
}
