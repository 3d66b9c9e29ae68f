//! Numbers of cards: 13 to 19 digits whose last one is right by Luhn, also in groups.
//!
//! Source: ISO/IEC 7812-1, annex B (the check digit).

use std::ops::Range;

use super::Marks;

/// So many digits a number of a card has.
const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;

/// Marks every number of a card, and the groups of digits it is written in.
pub(super) fn mark(chars: &[char], marks: &mut Marks) {
    let groups = groups(chars, marks);
    for (at, (first, _)) in groups.iter().enumerate() {
        if holds_card(chars.get(first.clone()).unwrap_or_default()) {
            marks.hit(first.clone());
        }
        let mut digits = Vec::new();
        for (group, follows) in groups.get(at..).unwrap_or_default() {
            if !(digits.is_empty() || *follows) {
                break;
            }
            digits.extend(chars.get(group.clone()).unwrap_or_default());
            if digits.len() > *LENGTHS.end() {
                break;
            }
            if LENGTHS.contains(&digits.len()) && is_right(&digits) {
                marks.hit(first.start..group.end);
            }
        }
    }
}

/// Whether a number without anything between its digits is one of a card.
pub(super) fn is_card(digits: &str) -> bool {
    let digits: Vec<char> = digits.chars().filter(char::is_ascii_digit).collect();
    // Instants in microseconds have as many digits, and begin with 1 until the year 2033.
    LENGTHS.contains(&digits.len()) && is_issued(&digits) && is_right(&digits)
}

/// Whether a number of a card stands somewhere in a row of digits, such as before its check code.
fn holds_card(digits: &[char]) -> bool {
    LENGTHS.flat_map(|length| digits.windows(length)).any(|part| is_issued(part) && is_right(part))
}

/// Cards of the world begin with 2 to 6.
fn is_issued(digits: &[char]) -> bool {
    digits.first().is_some_and(|first| ('2'..='6').contains(first))
}

/// Luhn's sum.
fn is_right(digits: &[char]) -> bool {
    let values = digits.iter().rev().filter_map(|digit| digit.to_digit(10));
    let sum: u32 = values
        .enumerate()
        .map(|(at, value)| match (at % 2, value) {
            (0, value) => value,
            (_, value @ 0..=4) => value * 2,
            (_, value) => value * 2 - 9,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != '0')
}

/// Rows of digits, and whether each follows the one before it as groups of one number do.
fn groups(chars: &[char], marks: &Marks) -> Vec<(Range<usize>, bool)> {
    let is_digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit) && !marks.is_id(at);
    let mut groups: Vec<(Range<usize>, bool)> = Vec::new();
    let mut at = 0;
    let mut follows = false;
    while at < chars.len() {
        if is_digit(at) {
            let start = at;
            while is_digit(at) {
                at += 1;
            }
            groups.push((start..at, follows));
            let gap = gap(chars, at);
            (at, follows) = (at + gap, gap > 0);
        } else {
            (at, follows) = (at + 1, false);
        }
    }
    groups
}

/// How many characters of what people and forms write between two groups of digits stand here.
fn gap(chars: &[char], at: usize) -> usize {
    let mut end = at;
    for _ in 0..2 {
        end += one_gap(chars.get(end..).unwrap_or_default());
    }
    end - at
}

fn one_gap(chars: &[char]) -> usize {
    match chars {
        [
            ' ' | '-' | '.' | '_' | '+' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2011}'
            | '\u{2013}',
            ..,
        ] => 1,
        ['%', '2', '0' | 'd' | 'D', ..] => 3,
        _ => 0,
    }
}
