//! Patterns that programs try before anything else: a few characters over and over, and rows.

/// Rows of the keyboard, beside the alphabet and the digits.
const ROWS: [&str; 7] =
    ["qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm"];

/// Characters of a row on average that make a password a mere row of rows.
const ROW: usize = 4;

/// The shortest text of which this one is a repetition, perhaps cut off in the middle; the text itself
/// when it repeats nothing.
pub(super) fn unit(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let repeats = |length: &usize| {
        characters.iter().skip(*length).zip(&characters).all(|(later, earlier)| later == earlier)
    };
    // A text that begins again only in its second half is not a repetition.
    let found = (1..=characters.len() / 2).find(repeats);
    characters.into_iter().take(found.unwrap_or(usize::MAX)).collect()
}

/// Whether a text consists of rows: `abcdef…`, `987654…`, `qwertyuiopasdf…`.
pub(super) fn is_sequential(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let (mut rest, mut rows) = (characters.as_slice(), 0_usize);
    while !rest.is_empty() {
        let (_, later) = rest.split_at(longest_row(rest));
        (rest, rows) = (later, rows.saturating_add(1));
    }
    rows.saturating_mul(ROW) <= characters.len()
}

/// How two characters that stand side by side belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Same,
    Up,
    Down,
    Right,
    Left,
}

const STEPS: [Step; 5] = [Step::Same, Step::Up, Step::Down, Step::Right, Step::Left];

/// How many characters from the beginning go on in one way; at least one.
fn longest_row(text: &[char]) -> usize {
    let row = |step: Step| {
        let pairs = text.iter().zip(text.iter().skip(1));
        pairs.take_while(|(first, second)| is_step(step, **first, **second)).count()
    };
    STEPS.into_iter().map(row).max().unwrap_or_default().saturating_add(1)
}

fn is_step(step: Step, first: char, second: char) -> bool {
    match step {
        Step::Same => first == second,
        Step::Up => is_next(first, second),
        Step::Down => is_next(second, first),
        Step::Right => is_right_of(first, second),
        Step::Left => is_right_of(second, first),
    }
}

/// The next letter or digit; 0 comes after 9.
fn is_next(first: char, second: char) -> bool {
    let is_kind = first.is_alphanumeric() && second.is_alphanumeric();
    is_kind && u32::from(first).checked_add(1) == Some(u32::from(second))
        || (first, second) == ('9', '0')
}

fn is_right_of(first: char, second: char) -> bool {
    let beside = |row: &&str| row.chars().zip(row.chars().skip(1)).any(|p| p == (first, second));
    ROWS.iter().any(beside)
}
