//! Rust sources: SQL stays in its rooms, `unsafe` in its own, lint exceptions carry reasons,
//! nothing is left over, and inside `server` only `boot.rs` knows the lower rooms.

use super::{Problem, SourceFile, line_of, words_at};
use crate::rust_text::RustText;

pub(crate) fn check(file: &SourceFile) -> Vec<Problem> {
    let text = RustText::new(&file.text);
    let mut problems = Vec::new();
    problems.extend(sql(file, &text));
    problems.extend(unsafe_code(file, &text));
    problems.extend(exceptions_without_reason(file, &text));
    problems.extend(leftovers(file, &text));
    problems.extend(lower_rooms(file, &text));
    problems
}

fn is_test(file: &SourceFile) -> bool {
    file.path.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "benches"))
}

/// SQL is written in `app` (beside its operation) and in `store` (its own tables) only.
fn sql(file: &SourceFile, text: &RustText) -> Vec<Problem> {
    let home = ["crates/app/", "crates/store/", "crates/testkit/"];
    if home.iter().any(|room| file.path.starts_with(room)) || is_test(file) {
        return Vec::new();
    }
    let tests_from = text.tests_from();
    text.strings
        .iter()
        .filter(|literal| literal.line < tests_from && is_sql(&literal.text))
        .map(|literal| Problem::new(&file.path, literal.line, "SQL outside app and store"))
        .collect()
}

/// Keywords in capitals, as we write them, or a text that opens as a query in small letters.
fn is_sql(literal: &str) -> bool {
    let words: Vec<&str> = literal
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let position = |word: &str| words.iter().position(|w| *w == word);
    let follows = |first: &str, gap: usize, second: &str| {
        words
            .iter()
            .enumerate()
            .any(|(at, word)| *word == first && words.get(at + gap).is_some_and(|w| *w == second))
    };
    let query = |select: &str, from: &str| {
        position(select).is_some_and(|at| position(from).is_some_and(|from| from > at))
    };
    let small = match (words.first(), words.get(1)) {
        (Some(&"select"), _) => query("select", "from"),
        (first, second) => first
            .zip(second)
            .is_some_and(|pair| matches!(pair, (&"insert", &"into") | (&"delete", &"from"))),
    };
    small
        || query("SELECT", "FROM")
        || follows("INSERT", 1, "INTO")
        || follows("DELETE", 1, "FROM")
        || follows("UPDATE", 2, "SET")
}

fn unsafe_code(file: &SourceFile, text: &RustText) -> Vec<Problem> {
    if file.path.starts_with("crates/sys/") {
        return Vec::new();
    }
    words_at(&text.code, "unsafe")
        .map(|at| Problem::new(&file.path, line_of(&text.code, at), "unsafe outside the crate sys"))
        .collect()
}

/// `#[allow(…)]` and `#[expect(…)]` say why, also in files that clippy does not see.
fn exceptions_without_reason(file: &SourceFile, text: &RustText) -> Vec<Problem> {
    let mut problems = Vec::new();
    for opening in ["[allow(", "[expect("] {
        for (at, _) in text.code.match_indices(opening) {
            let attribute = text.code.get(at..).unwrap_or_default();
            let end = attribute.find(")]").unwrap_or(attribute.len());
            let inside = attribute.get(..end).unwrap_or_default();
            if words_at(inside, "reason").next().is_none() {
                let line = line_of(&text.code, at);
                problems.push(Problem::new(&file.path, line, "a lint exception without a reason"));
            }
        }
    }
    problems
}

const MARKS: [&str; 3] = ["TODO", "FIXME", "XXX"];

fn leftovers(file: &SourceFile, text: &RustText) -> Vec<Problem> {
    let mut problems = Vec::new();
    for mark in MARKS {
        for at in words_at(&text.comments, mark) {
            let line = line_of(&text.comments, at);
            problems.push(Problem::new(&file.path, line, format!("{mark}: file an issue instead")));
        }
    }
    for name in ["todo!", "unimplemented!", "dbg!"] {
        for (at, _) in text.code.match_indices(name) {
            let line = line_of(&text.code, at);
            problems.push(Problem::new(&file.path, line, format!("{name}() left over")));
        }
    }
    problems
}

/// Files that are not Rust, where a comment cannot be told from the rest.
pub(crate) fn leftovers_in_text(file: &SourceFile) -> Vec<Problem> {
    let ours = file.has_extension(&["html", "css", "js", "mjs", "sql", "toml"]);
    if !ours || file.is_vendored() {
        return Vec::new();
    }
    MARKS
        .iter()
        .flat_map(|mark| words_at(&file.text, mark).map(move |at| (mark, at)))
        .map(|(mark, at)| {
            let line = line_of(&file.text, at);
            Problem::new(&file.path, line, format!("{mark}: file an issue instead"))
        })
        .collect()
}

/// In `server`, `boot` alone (one file, or a folder) puts the rooms together.
fn lower_rooms(file: &SourceFile, text: &RustText) -> Vec<Problem> {
    let Some(inside) = file.path.strip_prefix("crates/server/src/") else {
        return Vec::new();
    };
    if inside == "boot.rs" || inside.starts_with("boot/") || is_test(file) {
        return Vec::new();
    }
    let tests_from = text.tests_from();
    let mut problems = Vec::new();
    for room in ["store", "vault"] {
        for at in words_at(&text.code, room) {
            let before = text.code.get(..at).unwrap_or_default();
            let after = text.code.get(at + room.len()..).unwrap_or_default();
            // `crate::store::` and `app.store` are other things of that name.
            let own = before.ends_with("::") || before.ends_with('.');
            let line = line_of(&text.code, at);
            if after.starts_with("::") && !own && line < tests_from {
                let what = format!("only boot.rs may name the crate {room}");
                problems.push(Problem::new(&file.path, line, what));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        check(&fixture(path, text)).into_iter().map(|problem| problem.line).collect()
    }

    const SERVER: &str = "crates/server/src/timer/web.rs";

    #[test]
    fn sql_outside_its_rooms() {
        for statement in [
            "SELECT id\n  FROM members",
            "INSERT INTO members (id) VALUES ($1)",
            "UPDATE members SET role = $1",
            "DELETE FROM members",
            "WITH x AS (SELECT 1 AS one FROM t) x",
            "select id from members",
        ] {
            let source = format!("const A: &str =\n  r#\"{statement}\"#;");
            assert_eq!(found(SERVER, &source), [2], "{statement}");
            assert_eq!(found("crates/app/src/timer/start.rs", &source), [0; 0], "{statement}");
        }
        for prose in ["Select a project from the list", "Update the project", "INSERT"] {
            assert_eq!(found(SERVER, &format!("const A: &str = \"{prose}\";")), [0; 0], "{prose}");
        }
        let tests = "#[cfg(test)]\nmod tests { const A: &str = \"DELETE FROM members\"; }";
        assert_eq!(found(SERVER, tests), [0; 0]);
        assert_eq!(found(SERVER, "// SELECT id FROM members"), [0; 0]);
    }

    #[test]
    fn unsafe_outside_sys() {
        let source = "fn f() {\n    unsafe { g() }\n}";
        assert_eq!(found("crates/domain/src/day.rs", source), [2]);
        assert_eq!(found("crates/sys/src/lib.rs", source), [0; 0]);
        assert_eq!(found(SERVER, "// unsafe\nlet unsafe_code = \"unsafe\";"), [0; 0]);
    }

    #[test]
    fn exceptions() {
        assert_eq!(found(SERVER, "\n#[allow(dead_code)]\nfn f() {}"), [2]);
        assert_eq!(found(SERVER, "#![expect(\n    clippy::panic,\n)]"), [1]);
        assert_eq!(found(SERVER, "#[expect(dead_code, reason = \"later\")]"), [0; 0]);
    }

    #[test]
    fn leftovers_are_found_where_they_mean_something() {
        assert_eq!(found(SERVER, "fn f() {\n    todo!()\n}"), [2]);
        assert_eq!(found(SERVER, "// TODO: later"), [1]);
        assert_eq!(found(SERVER, "/* FIXME */ let a = \"TODO\";"), [1]);
        let text = |path: &str, text: &str| leftovers_in_text(&fixture(path, text)).len();
        assert_eq!(text("crates/server/assets/js/a.js", "// TODO"), 1);
        assert_eq!(text("crates/server/assets/vendor/a.js", "// TODO"), 0);
    }

    #[test]
    fn only_boot_names_the_lower_rooms() {
        let source = "use store::Store;\nfn f() { vault::open(); }";
        assert_eq!(found(SERVER, source), [1, 2]);
        assert_eq!(found("crates/server/src/boot.rs", source), [0; 0]);
        assert_eq!(found("crates/app/src/op.rs", source), [0; 0]);
        assert_eq!(found(SERVER, "use crate::store::X;\nlet store = app.store;"), [0; 0]);
    }
}
