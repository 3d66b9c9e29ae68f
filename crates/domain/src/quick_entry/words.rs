//! Words of a line: cut at white space, with quotations and backslashes resolved.
//!
//! A quotation opens at the beginning of a word, right after the `@` or `#` that begins it, and
//! right after a `/` of a target; anywhere else `"` is an ordinary character (`a 15" screen`).
//! What is quoted, or follows a backslash, is *literal*: it never has a meaning of its own.

/// A character of a word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyph {
    pub(super) c: char,
    /// Quoted or after a backslash.
    pub(super) is_literal: bool,
    /// Characters before it in the line.
    pub(super) at: usize,
}

impl Glyph {
    /// Whether it is `c` with its meaning.
    pub(super) fn is(&self, c: char) -> bool {
        self.c == c && !self.is_literal
    }
}

/// A word, `start..end` in characters of the line, quotation marks and backslashes included.
#[derive(Debug, Clone, Default)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) glyphs: Vec<Glyph>,
    /// The glyphs as text.
    pub(super) text: String,
    /// Whether there was a quotation, even an empty one.
    has_quote: bool,
}

/// The words of a line, and where a quotation opens that does not end (in the last word).
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) words: Vec<Word>,
    pub(super) unclosed: Option<usize>,
}

impl Word {
    /// The text, when nothing in it is literal, so that it can be a time or a day.
    pub(super) fn plain(&self) -> Option<&str> {
        let is_plain = !self.has_quote && self.glyphs.iter().all(|glyph| !glyph.is_literal);
        is_plain.then_some(self.text.as_str())
    }

    /// What follows `sign`, when the word begins with it and does not end there.
    pub(super) fn after(&self, sign: char) -> Option<Vec<Glyph>> {
        let (first, rest) = self.glyphs.split_first()?;
        let has_more = !rest.is_empty() || self.has_quote;
        (first.is(sign) && has_more).then(|| rest.to_vec())
    }

    /// The name of a tag and whether it ends with `*`, when the word is a tag.
    ///
    /// `#`, `##…` and `#*` are text.
    pub(super) fn tag(&self) -> Option<(String, bool)> {
        let mut name = self.after('#')?;
        let is_unbillable = name.last().is_some_and(|glyph| glyph.is('*'));
        if is_unbillable {
            name.pop();
        }
        let is_bare = name.is_empty() && !self.has_quote;
        if is_bare || name.first().is_some_and(|glyph| glyph.is('#')) {
            return None;
        }
        Some((name.iter().map(|glyph| glyph.c).collect(), is_unbillable))
    }

    fn push(&mut self, c: char, is_literal: bool, at: usize) {
        self.glyphs.push(Glyph { c, is_literal, at });
        self.text.push(c);
    }

    /// Whether a quotation mark here opens a quotation.
    fn can_open(&self) -> bool {
        match self.glyphs.as_slice() {
            [] => !self.has_quote,
            [only] => only.is('@') || only.is('#'),
            [first, .., last] => first.is('@') && last.is('/'),
        }
    }
}

/// Cuts `text` into words. Never fails: an unclosed quotation reaches to the end.
pub(super) fn split(text: &str) -> Line {
    let mut line = Line::default();
    let mut word: Option<Word> = None;
    let mut quote: Option<usize> = None;
    let mut chars = text.chars().enumerate().peekable();
    while let Some((at, c)) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            line.words.extend(word.take());
            continue;
        }
        let current = word.get_or_insert_with(|| Word { start: at, ..Word::default() });
        current.end = at + 1;
        let next = chars.peek().map(|(_, next)| *next);
        if c == '\\' && next.is_some_and(|next| quote.is_some() || !next.is_whitespace()) {
            if let Some((at, escaped)) = chars.next() {
                current.end = at + 1;
                current.push(escaped, true, at);
            }
        } else if c == '"' && quote.is_some() {
            quote = None;
        } else if c == '"' && current.can_open() {
            quote = Some(at);
            current.has_quote = true;
        } else {
            current.push(c, quote.is_some(), at);
        }
    }
    line.words.extend(word);
    line.unclosed = quote;
    line
}
