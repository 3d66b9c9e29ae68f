//! Every operation of `app` names its right before it touches the database: it asks `op.require`,
//! `op.may` or their like, or calls a function that does so first.
//!
//! An operation is a public function that takes `&mut Op`. Those that need no right stand in a list with
//! their reasons; one that stands there and needs it no more is a problem too, so that the list only
//! shrinks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Problem, SourceFile, line_of, words_at};
use crate::rust_text::RustText;

/// Operations that ask for no right, by their file in `app` and their name, with the reason: one of the same
/// name elsewhere is none of them.
const FREE: &[(&str, &str)] = &[
    (
        "member/profile.rs::get_me",
        "one's own profile is shown to everybody, also to who stays at the door",
    ),
    ("token/list.rs::get_token", "whose it is stands in the row, and decides about the right"),
    ("token/revoke.rs::revoke_token", "asks by get_token"),
    ("token/touch.rs::is_touch_due", "the program notes the use of the token that asks"),
    ("token/touch.rs::touch_token", "the program notes the use of the token that asks"),
    (
        "time_entry/booking.rs::relation_of",
        "how a thing stands to who asks is what rights are asked with",
    ),
    ("time_entry/add.rs::zone_of", "of a member whose time the caller has asked about"),
    ("time_entry/delete.rs::has_expired_trash", "the program cleans up by night"),
    ("time_entry/delete.rs::purge_trash", "the program cleans up by night"),
    ("trash.rs::has_expired", "the program cleans up by night"),
    ("trash.rs::purge", "the program cleans up by night"),
];

/// Where operations are.
const ROOT: &str = "crates/app/src/";

/// What asks for a right.
const ASKS: [&str; 3] = ["op.require", "op.may", "visible_project"];

/// What touches the database.
const TOUCHES: [&str; 5] = ["op.execute", "op.query(", "op.optional(", "op.one(", "op.record("];

/// A function that takes an operation.
struct Function {
    path: String,
    line: usize,
    name: String,
    is_public: bool,
    /// What it does before it touches the database.
    beginning: String,
}

impl Function {
    /// As the list of those that need no right names it.
    fn place(&self) -> String {
        format!("{}::{}", self.path.strip_prefix(ROOT).unwrap_or(&self.path), self.name)
    }
}

pub(crate) fn check(files: &[SourceFile]) -> Vec<Problem> {
    check_with(files, FREE)
}

fn check_with(files: &[SourceFile], free: &[(&str, &str)]) -> Vec<Problem> {
    let sources = files.iter().filter(|file| file.path.starts_with(ROOT));
    let functions: Vec<Function> = sources
        .filter(|file| file.has_extension(&["rs"]) && !file.path.ends_with("/tests.rs"))
        .flat_map(functions)
        .collect();
    let asking = asking(&functions);
    let mut problems = Vec::new();
    let mut needed: BTreeSet<String> = BTreeSet::new();
    for (function, asks) in functions.iter().zip(asking).filter(|(it, _)| it.is_public) {
        let place = function.place();
        let is_free = free.iter().any(|(name, _)| *name == place);
        if is_free && !asks {
            needed.insert(place);
        } else if !asks {
            let what = format!("{} names no right before it touches the database", function.name);
            problems.push(Problem::new(&function.path, function.line, what));
        }
    }
    for (name, _) in free.iter().filter(|(name, _)| !needed.contains(*name)) {
        let what = format!("{name} needs no exception any more: take it off the list");
        problems.push(Problem::new("xtask/src/tidy/rights.rs", 0, what));
    }
    problems
}

/// Whether each of them asks for a right, itself or by another one.
fn asking(functions: &[Function]) -> Vec<bool> {
    let asks_itself = |it: &Function| ASKS.iter().any(|word| it.beginning.contains(word));
    let mut asking: Vec<bool> = functions.iter().map(asks_itself).collect();
    loop {
        let mut by_name: BTreeMap<(&str, &str), bool> = BTreeMap::new();
        let mut anywhere: BTreeMap<&str, bool> = BTreeMap::new();
        for (function, asks) in functions.iter().zip(&asking) {
            *by_name.entry((&function.path, &function.name)).or_insert(true) &= asks;
            *anywhere.entry(&function.name).or_insert(true) &= asks;
        }
        // Of two of a name, the one in the same file is meant.
        let calls_one = |function: &Function| {
            calls(&function.beginning).any(|name| {
                let here = by_name.get(&(function.path.as_str(), name));
                *here.or_else(|| anywhere.get(name)).unwrap_or(&false)
            })
        };
        let more: Vec<bool> =
            functions.iter().zip(&asking).map(|(it, asks)| *asks || calls_one(it)).collect();
        if more == asking {
            return asking;
        }
        asking = more;
    }
}

/// The functions that are called with the operation, by their last name.
fn calls(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("(op").filter_map(|(at, _)| {
        let after = text.get(at + 3..)?.chars().next()?;
        if after.is_alphanumeric() || after == '_' || after == '.' {
            return None;
        }
        let before = text.get(..at)?;
        let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        before.get(start..).filter(|name| !name.is_empty())
    })
}

fn functions(file: &SourceFile) -> Vec<Function> {
    let text = RustText::new(&file.text);
    let mut found = Vec::new();
    for at in words_at(&text.code, "fn") {
        let line = line_of(&text.code, at);
        if line >= text.tests_from() {
            break;
        }
        let Some((signature, body)) = text.code.get(at..).and_then(taken_apart) else { continue };
        let takes = signature.contains("op: &mut Op") || signature.contains("op: &Op");
        if !takes || signature.contains("DirectoryOp") {
            continue;
        }
        let name: String =
            signature.chars().skip(3).take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let before = text.code.get(..at).unwrap_or_default();
        let touched = TOUCHES.iter().filter_map(|word| body.find(word)).min();
        found.push(Function {
            path: file.path.clone(),
            line,
            name,
            is_public: before.trim_end().ends_with("pub") && signature.contains("&mut Op"),
            beginning: body.get(..touched.unwrap_or(body.len())).unwrap_or_default().to_owned(),
        });
    }
    found
}

/// A function's signature and its body.
fn taken_apart(text: &str) -> Option<(&str, &str)> {
    let open = text.find('{')?;
    let signature = text.get(..open)?;
    if signature.contains(';') {
        return None;
    }
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some((signature, text.get(open..=at)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn found(sources: &[&str], free: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<SourceFile> = sources
            .iter()
            .enumerate()
            .map(|(at, text)| fixture(&format!("crates/app/src/feature/part{at}.rs"), text))
            .collect();
        check_with(&files, free).into_iter().map(|problem| problem.what).collect()
    }

    /// How many operations need no right. The list only shrinks: a new operation names a right, and gets
    /// none that nobody has to have.
    const MOST_FREE: usize = 11;

    #[test]
    fn no_exception_is_added() {
        let free: Vec<&str> = FREE.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            free.len(),
            MOST_FREE,
            "the list of operations without a right only shrinks: name the right that a new one asks \
             for, in its first line; after one less, lower MOST_FREE: {free:?}"
        );
    }

    const NAMED: &str = "pub fn a(op: &mut Op) -> X { op.require(R, W)?; op.execute(&S, &[]) }";
    const BARE: &str = "pub fn b(op: &mut Op, id: Id) -> X { op.execute(&S, &[id]) }";
    const LATE: &str = "pub fn c(op: &mut Op) -> X { op.execute(&S, &[])?; op.require(R, W) }";

    #[test]
    fn an_operation_names_its_right_first() {
        assert!(found(&[NAMED], &[]).is_empty());
        for text in [BARE, LATE] {
            let problems = found(&[text], &[]);
            assert_eq!(problems.len(), 1, "{text}");
            assert!(problems[0].contains("names no right"), "{problems:?}");
        }
        // Not public, of the directory, or a test.
        for text in [
            "pub(crate) fn b(op: &mut Op) { op.execute(&S, &[]) }",
            "pub fn b(op: &mut DirectoryOp) { op.execute(&S, &[]) }",
            "#[cfg(test)]\nmod tests { pub fn b(op: &mut Op) { op.execute(&S, &[]) } }",
        ] {
            assert!(found(&[text], &[]).is_empty(), "{text}");
        }
    }

    #[test]
    fn another_function_may_ask_for_it() {
        let calling = "pub fn d(op: &mut Op) -> X { let x = a(op)?; op.execute(&S, &[]) }";
        assert!(found(&[NAMED, calling], &[]).is_empty());
        let late = "pub fn d(op: &mut Op) -> X { op.execute(&S, &[])?; a(op) }";
        assert_eq!(found(&[NAMED, late], &[]).len(), 1);
        // By one that asks by another one; and of two of a name, the one in the same file.
        let twice = "pub fn e(op: &mut Op) { d(op) }";
        assert!(found(&[NAMED, calling, twice], &[]).is_empty());
        let same = "fn a(op: &mut Op) { op.execute(&S, &[]) }\npub fn f(op: &mut Op) { a(op) }";
        assert_eq!(found(&[NAMED, same], &[]).len(), 1);
    }

    #[test]
    fn the_list_of_exceptions_only_shrinks() {
        assert!(found(&[BARE], &[("feature/part0.rs::b", "a reason")]).is_empty());
        for gone in [&[NAMED][..], &[]] {
            let problems = found(gone, &[("feature/part0.rs::a", "a reason")]);
            assert_eq!(problems.len(), 1);
            assert!(problems[0].contains("take it off the list"), "{problems:?}");
        }
    }

    #[test]
    fn an_exception_is_of_one_file() {
        let problems = found(&[NAMED, BARE], &[("feature/part1.rs::b", "a reason")]);
        assert!(problems.is_empty(), "{problems:?}");
        let problems = found(&[BARE, BARE], &[("feature/part1.rs::b", "a reason")]);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("names no right"), "{problems:?}");
        // By the name alone it is no exception.
        assert_eq!(found(&[BARE], &[("b", "a reason")]).len(), 2);
    }
}
