//! Names: types, modules and files say what they are. And long files are pointed out.

use super::{Problem, SourceFile, line_of, words_at};
use crate::rust_text::RustText;

/// The glossary's empty nouns. A role may be called manager; a type or a module may not.
const EMPTY_NOUNS: [&str; 8] =
    ["manager", "managers", "helper", "helpers", "util", "utils", "utility", "utilities"];

pub(crate) fn check(file: &SourceFile) -> Vec<Problem> {
    if file.is_vendored() {
        return Vec::new();
    }
    let mut problems = Vec::new();
    if !file.has_extension(&["md"]) {
        for part in file.path.split('/') {
            let stem = part.split('.').next().unwrap_or(part);
            if let Some(noun) = empty_noun(stem) {
                problems.push(Problem::new(&file.path, 0, says_nothing(noun)));
            }
        }
    }
    if file.has_extension(&["rs"]) {
        problems.extend(types(file));
    }
    problems
}

fn types(file: &SourceFile) -> Vec<Problem> {
    let code = RustText::new(&file.text).code;
    let mut problems = Vec::new();
    for keyword in ["struct", "enum", "trait", "type", "mod"] {
        for at in words_at(&code, keyword) {
            let rest = code.get(at + keyword.len()..).unwrap_or_default().trim_start();
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            if let Some(noun) = rest.get(..end).and_then(empty_noun) {
                problems.push(Problem::new(&file.path, line_of(&code, at), says_nothing(noun)));
            }
        }
    }
    problems
}

fn says_nothing(noun: &str) -> String {
    format!("a name with \"{noun}\" says nothing: name what it is")
}

/// An empty noun among the words of `snake_case`, `kebab-case` or `CamelCase`.
fn empty_noun(name: &str) -> Option<&'static str> {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
        .split(['_', '-', ' '])
        .find_map(|word| EMPTY_NOUNS.iter().copied().find(|noun| *noun == word))
}

/// Not an error: it asks whether there are two subjects.
pub(crate) fn long_file(file: &SourceFile) -> Option<String> {
    let ours = file.has_extension(&["rs", "html", "css", "js", "mjs"]) && !file.is_vendored();
    let lines = file.text.lines().count();
    (ours && lines > 600).then(|| format!("{}: {lines} lines: two subjects?", file.path))
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        check(&fixture(path, text)).into_iter().map(|problem| problem.line).collect()
    }

    #[test]
    fn empty_nouns_in_files_types_and_modules() {
        for path in
            ["crates/app/src/util.rs", "crates/app/src/date_helpers/mod.rs", "e2e/utils.mjs"]
        {
            assert_eq!(found(path, ""), [0], "{path}");
        }
        assert_eq!(found("a.rs", "\npub struct SessionManager;"), [2]);
        assert_eq!(found("a.rs", "mod helpers { }"), [1]);
        let fine = "enum Role { Manager }\nstruct Futile; fn manager() {} // struct Helper";
        assert_eq!(found("crates/domain/src/permission.rs", fine), [0; 0]);
        assert_eq!(found("docs/operating/manager.md", ""), [0; 0]);
    }

    #[test]
    fn long_files() {
        assert!(long_file(&fixture("a.rs", &"\n".repeat(601))).is_some());
        assert!(long_file(&fixture("a.rs", &"\n".repeat(600))).is_none());
        assert!(long_file(&fixture("assets/vendor/a.js", &"\n".repeat(601))).is_none());
    }
}
