//! `cargo xtask tidy`: the rules of this code base that no other tool checks.
//!
//! | file | rules |
//! |---|---|
//! | `rooms.rs` | which crate may import which, held against `cargo metadata` |
//! | `sources.rs` | Rust: SQL text, `unsafe`, lint exceptions without a reason, leftovers, imports by file |
//! | `templates.rs` | HTML: nothing inline, nothing unescaped |
//! | `docs.rs` | links resolve, the changelog exists |
//! | `checks.rs` | the tests that `docs/checks.md` names are there |
//! | `codes.rs` | the codes of errors are those of `docs/errors.md` |
//! | `rights.rs` | an operation of `app` names its right before it touches the database |
//! | `names.rs` | the nouns that say nothing; long files (a warning) |
//!
//! A check is a function from text to problems, so that a test can show that it fails.

mod checks;
mod codes;
mod docs;
mod names;
mod rights;
mod rooms;
mod sources;
mod templates;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::Project;

/// A text file of the repository, its path relative and with slashes.
pub(crate) struct SourceFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    fn has_extension(&self, wanted: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, extension)| wanted.contains(&extension))
    }

    /// Taken over from others as it is, so our rules do not apply.
    fn is_vendored(&self) -> bool {
        self.path.split('/').any(|part| part == "vendor")
    }
}

/// What is wrong, and where. Line 0 means the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl Problem {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

/// Folders that hold our sources; everything else is generated, installed or data.
const FOLDERS: [&str; 5] = ["crates", "xtask", "e2e", "docs", "fuzz"];
const NOT_OURS: [&str; 3] = ["node_modules", "target", "test-results"];
const TEXT: [&str; 11] =
    ["rs", "toml", "sql", "html", "txt", "css", "js", "mjs", "md", "json", "svg"];

pub(crate) fn command(project: &Project) -> Result<bool> {
    let files = files(&project.root)?;
    let mut problems = rooms::check(&crate::test::metadata(&project.root)?)?;
    for file in &files {
        problems.extend(names::check(file));
        if file.has_extension(&["rs"]) {
            problems.extend(sources::check(file));
        } else {
            problems.extend(sources::leftovers_in_text(file));
        }
        if file.path.starts_with("crates/server/") && file.has_extension(&["html"]) {
            problems.extend(templates::check(file));
        }
        if file.has_extension(&["md"]) {
            problems.extend(docs::check_links(file, &|path| project.root.join(path).exists()));
        }
    }
    problems.extend(docs::check_presence(&files));
    problems.extend(codes::check(&files));
    problems.extend(checks::check(&files));
    problems.extend(rights::check(&files));

    for warning in files.iter().filter_map(names::long_file) {
        println!("warning: {warning}");
    }
    for problem in &problems {
        println!("{problem}");
    }
    println!("tidy: {} problems in {} files", problems.len(), files.len());
    Ok(problems.is_empty())
}

fn files(root: &Path) -> Result<Vec<SourceFile>> {
    let mut found = Vec::new();
    for name in FOLDERS {
        if root.join(name).is_dir() {
            read_folder(root, name, &mut found)?;
        }
    }
    for entry in fs::read_dir(root)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if has_text(&name) && root.join(&name).is_file() {
            found.push(read(root, name)?);
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn read_folder(root: &Path, folder: &str, found: &mut Vec<SourceFile>) -> Result<()> {
    for entry in fs::read_dir(root.join(folder)).with_context(|| folder.to_owned())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        if entry.file_type()?.is_dir() {
            if !NOT_OURS.contains(&name.as_str()) && !name.starts_with('.') {
                read_folder(root, &path, found)?;
            }
        } else if has_text(&name) {
            found.push(read(root, path)?);
        }
    }
    Ok(())
}

fn has_text(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| TEXT.contains(&extension))
}

fn read(root: &Path, path: String) -> Result<SourceFile> {
    let text = fs::read_to_string(root.join(&path)).with_context(|| path.clone())?;
    Ok(SourceFile { path, text })
}

/// Where `word` stands alone: not as a part of a longer name. Byte positions.
fn words_at<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
    })
}

/// The line, from 1, of a byte position.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1
}

/// Makes a file for a test of a check.
#[cfg(test)]
fn fixture(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_alone() {
        assert_eq!(words_at("unsafe_code unsafe {", "unsafe").collect::<Vec<_>>(), [12]);
        assert_eq!(line_of("a\nb\nc", 4), 3);
    }

    #[test]
    fn problems_say_where() {
        assert_eq!(Problem::new("a.rs", 3, "wrong").to_string(), "a.rs:3: wrong");
        assert_eq!(Problem::new("a.rs", 0, "wrong").to_string(), "a.rs: wrong");
    }
}
