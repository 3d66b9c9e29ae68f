//! The table of checks: every test that `docs/checks.md` names is there, no number is missing, and a test
//! that carries numbers in its name stands beside them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Problem, SourceFile};

const DOCUMENT: &str = "docs/checks.md";

/// Lists whose checks are numbered, how tests of them begin, and their last number.
const LISTS: [(&str, &str, usize); 3] =
    [("OTT", "ott_", 40), ("PW", "pw_", 40), ("OIDC", "t_oidc_", 42)];

/// A row: the line it is on, and the tests that it names.
type Rows = BTreeMap<String, (usize, BTreeSet<String>)>;

pub(crate) fn check(files: &[SourceFile]) -> Vec<Problem> {
    let Some(document) = files.iter().find(|file| file.path == DOCUMENT) else {
        return vec![Problem::new(DOCUMENT, 0, "this file is missing")];
    };
    let tests: BTreeSet<String> = files.iter().flat_map(tests_of).collect();
    let (rows, mut problems) = rows(&document.text);
    for (line, names) in rows.values() {
        if names.is_empty() {
            problems.push(Problem::new(DOCUMENT, *line, "no test shows this"));
        }
        let gone = names.iter().filter(|name| !tests.contains(*name));
        problems.extend(gone.map(|name| {
            Problem::new(DOCUMENT, *line, format!("there is no test with the name {name}"))
        }));
    }
    problems.extend(missing(&rows));
    problems.extend(tests.iter().flat_map(|test| unlisted(test, &rows)));
    problems
}

/// The rows of the tables by their first cell.
fn rows(text: &str) -> (Rows, Vec<Problem>) {
    let (mut found, mut problems) = (Rows::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [check, _, tests] = cells.as_slice() else { continue };
        if !line.starts_with('|') || !check.contains(' ') {
            continue;
        }
        let names = tests.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        if found.insert((*check).to_owned(), (index + 1, names)).is_some() {
            problems.push(Problem::new(DOCUMENT, index + 1, format!("{check} is there twice")));
        }
    }
    (found, problems)
}

fn missing(rows: &Rows) -> Vec<Problem> {
    let wanted = LISTS
        .iter()
        .flat_map(|(list, _, last)| (1..=*last).map(move |number| format!("{list} {number}")));
    let missing = wanted.filter(|check| !rows.contains_key(check));
    missing.map(|check| Problem::new(DOCUMENT, 0, format!("{check} is missing"))).collect()
}

/// A test that carries the number of a check and is not named beside it.
fn unlisted(test: &str, rows: &Rows) -> Vec<Problem> {
    let Some((list, rest)) =
        LISTS.iter().find_map(|(list, begin, _)| Some((list, test.strip_prefix(begin)?)))
    else {
        return Vec::new();
    };
    let parts = rest.split('_').take_while(|part| *part == "and" || part.parse::<usize>().is_ok());
    let checks = parts.filter_map(|part| Some(format!("{list} {}", part.parse::<usize>().ok()?)));
    let is_there = |check: &String| rows.get(check).is_some_and(|(_, names)| names.contains(test));
    let left_out = checks.filter(|check| !is_there(check));
    left_out.map(|check| Problem::new(DOCUMENT, 0, format!("{test} is not at {check}"))).collect()
}

/// The names of a file's tests, in Rust and in the browser.
fn tests_of(file: &SourceFile) -> Vec<String> {
    let (begin, name, end) = if file.has_extension(&["rs"]) {
        ("#[test]\n", "fn ", '(')
    } else if file.has_extension(&["mjs"]) {
        ("\ntest(", "\"", '"')
    } else {
        return Vec::new();
    };
    let parts = file.text.split(begin).skip(1);
    let names = parts.filter_map(|part| part.split_once(name)?.1.split(end).next());
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(table: &str, source: &str) -> Vec<String> {
        let all = LISTS.iter().flat_map(|(list, _, last)| {
            (1..=*last).map(move |number| format!("| {list} {number} |"))
        });
        let others = all.filter(|check| !table.contains(check));
        let rows: Vec<_> = others.map(|check| format!("{check} words | `other` |")).collect();
        let rows = rows.join("\n");
        let file = |path: &str, text: String| SourceFile { path: path.to_owned(), text };
        let source = format!("#[test]\nfn other() {{}}\n{source}");
        let files = [
            file(DOCUMENT, format!("{rows}\n{table}\n")),
            file("crates/app/tests/it/a.rs", source),
            file("e2e/tests/a.test.mjs", "\ntest(\"a browser\", 1)".to_owned()),
        ];
        check(&files).into_iter().map(|problem| problem.what).collect()
    }

    #[test]
    fn a_test_that_is_not_there_is_found() {
        assert!(problems("", "").is_empty());
        let gone = problems("| OTT 1 | words | `other`, `gone`, `a browser` |", "");
        assert_eq!(gone, ["there is no test with the name gone"]);
        assert_eq!(problems("| RBAC 1 | words | none |", ""), ["no test shows this"]);
        assert_eq!(
            problems("| PW 2 | a | `other` |\n| PW 2 | b | `other` |", ""),
            ["PW 2 is there twice"]
        );
        let none = [SourceFile { path: DOCUMENT.to_owned(), text: String::new() }];
        assert_eq!(check(&none).len(), 122, "every number is missing");
    }

    #[test]
    fn a_test_with_numbers_stands_beside_them() {
        let source = "#[test]\nfn t_oidc_27_and_42_words() {}";
        let listed = "| OIDC 27 | words | `t_oidc_27_and_42_words` |";
        assert_eq!(problems(listed, source), ["t_oidc_27_and_42_words is not at OIDC 42"]);
    }
}
