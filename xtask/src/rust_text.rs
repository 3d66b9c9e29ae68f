//! Takes Rust source apart into code, comments and string literals: enough to ask where a word
//! stands, so that a rule about code is not broken by a sentence about it.

/// One line-numbered stretch of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Literal {
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// A source file taken apart. `code` and `comments` keep the lines and columns of the file, with
/// blanks in place of all else (a string literal leaves its quotes).
pub(crate) struct RustText {
    pub(crate) code: String,
    pub(crate) comments: String,
    pub(crate) strings: Vec<Literal>,
}

impl RustText {
    pub(crate) fn new(source: &str) -> Self {
        let mut reader = Reader {
            rest: source.chars().collect(),
            at: 0,
            line: 1,
            code: String::new(),
            comments: String::new(),
            strings: Vec::new(),
        };
        reader.read();
        Self { code: reader.code, comments: reader.comments, strings: reader.strings }
    }

    /// The first line of the tests at the end of the file: 1 past the end when there are none.
    pub(crate) fn tests_from(&self) -> usize {
        let lines = || self.code.lines();
        let found = lines().zip(lines().skip(1)).position(|(attribute, item)| {
            attribute.trim() == "#[cfg(test)]" && item.trim_start().starts_with("mod ")
        });
        found.map_or(lines().count() + 1, |index| index + 1)
    }
}

struct Reader {
    rest: Vec<char>,
    at: usize,
    line: usize,
    code: String,
    comments: String,
    strings: Vec<Literal>,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at + ahead).copied()
    }

    fn starts_with(&self, word: &str) -> bool {
        word.chars().enumerate().all(|(index, c)| self.peek(index) == Some(c))
    }

    /// Moves on by one character, which goes to code, to the comments, or to neither.
    fn take(&mut self, to_code: bool, to_comments: bool) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        if c == '\n' {
            self.line += 1;
            self.code.push('\n');
            self.comments.push('\n');
        } else {
            self.code.push(if to_code { c } else { ' ' });
            self.comments.push(if to_comments { c } else { ' ' });
        }
        Some(c)
    }

    fn read(&mut self) {
        while let Some(c) = self.peek(0) {
            let in_word = self
                .at
                .checked_sub(1)
                .and_then(|at| self.rest.get(at))
                .is_some_and(|before| before.is_alphanumeric() || *before == '_');
            if self.starts_with("//") {
                while self.peek(0).is_some_and(|c| c != '\n') {
                    self.take(false, true);
                }
            } else if self.starts_with("/*") {
                self.block_comment();
            } else if c == '"' {
                self.string(0, true);
            } else if !in_word && let Some((prefix, hashes)) = self.raw_prefix() {
                for _ in 0..prefix {
                    self.take(true, false);
                }
                self.string(hashes, false);
            } else if c == '\'' {
                self.quote();
            } else {
                self.take(true, false);
            }
        }
    }

    /// `r"`, `br##"`, `cr"`: the length before the quote, and the number of hashes.
    fn raw_prefix(&self) -> Option<(usize, usize)> {
        let letters = ["r", "br", "cr"].into_iter().find(|word| self.starts_with(word))?.len();
        let mut hashes = 0;
        while self.peek(letters + hashes) == Some('#') {
            hashes += 1;
        }
        (self.peek(letters + hashes) == Some('"')).then_some((letters + hashes, hashes))
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            if self.starts_with("/*") {
                depth += 1;
                self.take(false, true);
                self.take(false, true);
            } else if self.starts_with("*/") {
                depth -= 1;
                self.take(false, true);
                self.take(false, true);
                if depth == 0 {
                    return;
                }
            } else if self.take(false, true).is_none() {
                return;
            }
        }
    }

    /// At the opening quote.
    fn string(&mut self, hashes: usize, escapes: bool) {
        let line = self.line;
        let end = format!("\"{}", "#".repeat(hashes));
        self.take(true, false);
        let mut text = String::new();
        while self.peek(0).is_some() && !self.starts_with(&end) {
            if escapes && self.peek(0) == Some('\\') {
                text.extend(self.take(false, false));
            }
            text.extend(self.take(false, false));
        }
        for _ in 0..end.len() {
            self.take(true, false);
        }
        self.strings.push(Literal { line, text });
    }

    /// A character literal, or the tick of a lifetime.
    fn quote(&mut self) {
        if self.peek(1) == Some('\\') {
            self.take(true, false);
            self.take(false, false);
            self.take(false, false);
            while self.peek(0).is_some_and(|c| c != '\'') {
                self.take(false, false);
            }
            self.take(true, false);
        } else if self.peek(2) == Some('\'') {
            self.take(true, false);
            self.take(false, false);
            self.take(true, false);
        } else {
            self.take(true, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_comments_and_strings_are_told_apart() {
        let source = "let a = \"// no comment \\\" still\"; // a \"comment\"\n/* one /* two */ */ b('\"', 'c');\nlet r: &'static str = r#\"raw \"x\" \"#;\n";
        let text = RustText::new(source);
        let strings: Vec<(usize, &str)> =
            text.strings.iter().map(|s| (s.line, s.text.as_str())).collect();
        assert_eq!(strings, [(1, "// no comment \\\" still"), (3, "raw \"x\" ")]);
        assert!(text.comments.contains("// a \"comment\""));
        assert!(text.comments.contains("/* one /* two */ */"));
        assert!(!text.code.contains("comment") && !text.code.contains("raw "));
        assert!(text.code.contains("b(") && text.code.contains("&'static str"));
        assert_eq!(text.code.lines().count(), source.lines().count());
    }

    #[test]
    fn escapes_end_where_they_should() {
        let text = RustText::new("f('\\'', '\\u{1b}', b'\\\\', \"\\\\\"); unsafe_word // x");
        assert!(text.code.contains("unsafe_word"));
        assert_eq!(text.strings.len(), 1);
    }

    #[test]
    fn tests_at_the_end() {
        assert_eq!(RustText::new("fn a() {}\n#[cfg(test)]\nmod tests {}\n").tests_from(), 2);
        assert_eq!(RustText::new("fn a() {}\n").tests_from(), 2);
    }
}
