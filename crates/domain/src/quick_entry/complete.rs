//! What an editor should offer at the cursor.

use super::words;

/// What is being named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    /// A target: client, project or task.
    Project,
    /// A tag.
    Tag,
}

/// A word to complete. Positions count characters from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What to offer.
    pub kind: CompletionKind,
    /// What has been typed between the sign and the cursor, without quotation marks and
    /// backslashes; names of a target are separated by `/`.
    pub prefix: String,
    /// Where the word begins: at its `@` or `#`.
    pub start: usize,
    /// Where the part to replace ends: at the end of the word, or at the cursor when an open
    /// quotation would swallow the rest of the line.
    pub end: usize,
}

/// The target or tag that the cursor is in or right behind, if any.
///
/// `cursor_char` is the number of characters before the cursor.
///
/// ```
/// use domain::quick_entry::{CompletionKind, complete_at};
/// let found = complete_at("1:30 standup @north #m", 19).unwrap();
/// assert_eq!((found.kind, found.prefix.as_str()), (CompletionKind::Project, "north"));
/// assert_eq!((found.start, found.end), (13, 19));
/// assert_eq!(complete_at("1:30 standup", 12), None);
/// ```
pub fn complete_at(text: &str, cursor_char: usize) -> Option<Completion> {
    let line = words::split(text);
    let word = line.words.iter().find(|w| w.start < cursor_char && cursor_char <= w.end)?;
    let (sign, rest) = word.glyphs.split_first()?;
    let kind = if sign.is('@') {
        CompletionKind::Project
    } else if sign.is('#') {
        CompletionKind::Tag
    } else {
        return None;
    };
    let prefix = rest.iter().filter(|glyph| glyph.at < cursor_char).map(|glyph| glyph.c).collect();
    let is_open = line.unclosed.is_some_and(|at| word.start <= at && at < cursor_char);
    let end = if is_open { cursor_char } else { word.end };
    Some(Completion { kind, prefix, start: word.start, end })
}
