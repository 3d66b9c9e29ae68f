//! Codes of errors: those that the program can answer and those of `docs/errors.md` are the same.
//!
//! A code is the text in a call that makes a failure or a wrong field, or in a function that is called
//! `code` and gives one, such as `Refusal::code`. One that comes from a variable was written as a text
//! somewhere else.

use std::collections::BTreeMap;

use super::{Problem, SourceFile, line_of};

const DOCUMENT: &str = "docs/errors.md";

/// Where codes are made: files that begin so, the call, and which of its arguments is the code.
const CALLS: [(&str, &str, usize); 5] = [
    ("crates/server/src/", "Failure::new(", 1),
    ("crates/server/src/", "Failure::unavailable(", 0),
    ("crates/server/src/error.rs", "Self::new(", 1),
    ("crates/app/src/", "Error::invalid(", 1),
    ("crates/server/src/", "Error::invalid(", 1),
];

pub(crate) fn check(files: &[SourceFile]) -> Vec<Problem> {
    let mut made = BTreeMap::new();
    for file in files.iter().filter(|file| file.has_extension(&["rs"])) {
        gather(file, &mut made);
    }
    let Some(document) = files.iter().find(|file| file.path == DOCUMENT) else {
        return vec![Problem::new(DOCUMENT, 0, "this file is missing")];
    };
    let described = described(&document.text);
    let unknown = made.iter().filter(|(code, _)| !described.contains_key(*code));
    let unknown = unknown.map(|(code, (path, line))| {
        Problem::new(path, *line, format!("the code {code} is not in {DOCUMENT}"))
    });
    let stale = described.iter().filter(|(code, _)| !made.contains_key(*code));
    let stale = stale.map(|(code, line)| {
        Problem::new(DOCUMENT, *line, format!("nothing answers the code {code}"))
    });
    unknown.chain(stale).collect()
}

/// Codes of a file, with the first place of each.
fn gather(file: &SourceFile, made: &mut BTreeMap<String, (String, usize)>) {
    let text = file.text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = |code: &str, at: usize| {
        let place = (file.path.clone(), line_of(text, at));
        made.entry(code.to_owned()).or_insert(place);
    };
    for (folder, call, nth) in CALLS {
        if !file.path.starts_with(folder) {
            continue;
        }
        for (at, _) in text.match_indices(call) {
            let rest = text.get(at + call.len()..).unwrap_or_default();
            if let Some(code) = arguments(rest).get(nth).and_then(|argument| literal(argument)) {
                found(code, at);
            }
        }
    }
    for (at, _) in text.match_indices("FieldError {") {
        let rest = text.get(at..).unwrap_or_default();
        let inside = rest.split('}').next().unwrap_or_default();
        let code = inside.split("code:").nth(1).and_then(|rest| rest.split(',').next());
        if let Some(code) = code.and_then(literal) {
            found(code, at);
        }
    }
    for (at, _) in text.match_indices("fn code(").filter(|_| answers(file)) {
        let body = text.get(at..).unwrap_or_default();
        let signature = body.split('{').next().unwrap_or_default();
        if !signature.contains("-> &'static str") {
            continue;
        }
        // To the brace that closes it: a function of a file, or one of an `impl`.
        let body = body.split("\n    }\n").next().unwrap_or_default();
        let body = body.split("\n}\n").next().unwrap_or_default();
        for code in body.split('"').skip(1).step_by(2) {
            found(code, at);
        }
    }
}

/// Whether what it makes is told to clients.
fn answers(file: &SourceFile) -> bool {
    ["crates/app/src/", "crates/server/src/"].iter().any(|folder| file.path.starts_with(folder))
}

/// The arguments of a call, from its opening bracket on.
fn arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut is_text, mut begin) = (0, false, 0);
    let mut found = Vec::new();
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => is_text = !is_text,
            _ if is_text => {}
            '(' | '[' | '{' => depth += 1,
            ',' if depth == 0 => {
                found.push(text.get(begin..at).unwrap_or_default());
                begin = at + 1;
            }
            ')' | ']' | '}' if depth == 0 => {
                found.push(text.get(begin..at).unwrap_or_default());
                return found;
            }
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    found
}

fn literal(argument: &str) -> Option<&str> {
    argument.trim().strip_prefix('"')?.strip_suffix('"')
}

/// Codes in the tables, by their lines: those of the column that holds nothing else.
fn described(text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let Some(cells) = line.strip_prefix("| ").map(|line| line.split(" | ")) else { continue };
        let codes = cells.take(2).find(|cell| cell.starts_with('`'));
        for code in codes.into_iter().flat_map(|cell| cell.split(", ")) {
            found.insert(code.trim_matches('`').to_owned(), index + 1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn codes_and_their_document_are_the_same() {
        let refusal = file(
            "crates/app/src/refusal.rs",
            "    pub const fn code(&self) -> &'static str {\n        match self {\n            \
             Self::A(_) => \"a.b\",\n        }\n    }\n    fn sentence() { \"No.\" }",
        );
        let server = file(
            "crates/server/src/x.rs",
            "Failure::new(status(1, 2),\n    \"c\", \"A, b.\");\nError::invalid(field, \"d\", x);\n\
             Failure::new(status, code, title)",
        );
        let document = |text: &str| file(DOCUMENT, text);
        let whole = "| status | code | means |\n|---|---|---|\n| 409 | `a.b`, `c` | It. |\n\n| `d` | That. |";
        let check = |document: SourceFile| {
            let files =
                [file(&refusal.path, &refusal.text), file(&server.path, &server.text), document];
            check(&files).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert!(check(document(whole)).is_empty(), "{:?}", check(document(whole)));
        let less = whole.replace(", `c`", "");
        let unknown = "crates/server/src/x.rs:1: the code c is not in docs/errors.md";
        assert_eq!(check(document(&less)), [unknown]);
        let more = whole.replace("`d`", "`d`, `e`");
        assert_eq!(check(document(&more)), ["docs/errors.md:5: nothing answers the code e"]);
    }
}
