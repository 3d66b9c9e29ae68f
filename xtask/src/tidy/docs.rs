//! Documents: relative links lead somewhere, and the files that people look for are there.

use super::{Problem, SourceFile};

/// Looked for by people and by hosting sites under these names.
const EXPECTED: [&str; 6] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs/glossary.md",
];

pub(crate) fn check_presence(files: &[SourceFile]) -> Vec<Problem> {
    EXPECTED
        .iter()
        .filter(|name| !files.iter().any(|file| file.path == **name))
        .map(|name| Problem::new(name, 0, "this file is missing"))
        .collect()
}

/// `exists` answers for a path relative to the root of the repository.
pub(crate) fn check_links(file: &SourceFile, exists: &dyn Fn(&str) -> bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut in_code = false;
    for (index, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for target in targets(line) {
            let leads_somewhere = resolve(&file.path, &target).is_some_and(|path| exists(&path));
            if !leads_somewhere {
                let what = format!("the link to {target} leads nowhere");
                problems.push(Problem::new(&file.path, index + 1, what));
            }
        }
    }
    problems
}

/// The relative targets of `[text](target)` and `[name]: target`, without fragments.
fn targets(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let without_code: String =
        line.split('`').enumerate().filter(|(at, _)| at % 2 == 0).map(|(_, text)| text).collect();
    let mut rest = without_code.as_str();
    while let Some((_, after)) = rest.split_once("](") {
        let (target, after) = after.split_once(')').unwrap_or((after, ""));
        found.push(target.to_owned());
        rest = after;
    }
    if let Some((_, target)) = line.strip_prefix('[').and_then(|line| line.split_once("]: ")) {
        found.push(target.to_owned());
    }
    found
        .into_iter()
        .filter_map(|target| target.split_whitespace().next().map(str::to_owned))
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .filter_map(|target| target.split('#').next().map(str::to_owned))
        .filter(|target| !target.is_empty())
        .collect()
}

/// The path from the root; `None` when it leaves the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn dead(path: &str, text: &str) -> Vec<usize> {
        let exists = |path: &str| ["docs/glossary.md", "README.md"].contains(&path);
        check_links(&fixture(path, text), &exists).into_iter().map(|p| p.line).collect()
    }

    #[test]
    fn links() {
        assert_eq!(
            dead("docs/a.md", "[g](glossary.md#timer)\n[r](../README.md \"title\")"),
            [0; 0]
        );
        assert_eq!(dead("docs/a.md", "x\n[g](gone.md) and [g](glossary.md)"), [2]);
        assert_eq!(dead("README.md", "[up](../elsewhere.md)"), [1], "outside the repository");
        assert_eq!(dead("README.md", "[a]: docs/gone.md"), [1]);
        let fine = "[a](https://example.org/x) [b](#here) `[c](gone.md)`\n```\n[d](gone.md)\n```";
        assert_eq!(dead("README.md", fine), [0; 0]);
    }

    #[test]
    fn a_missing_changelog_is_a_problem() {
        let mut files: Vec<SourceFile> = EXPECTED.iter().map(|name| fixture(name, "")).collect();
        assert_eq!(check_presence(&files), []);
        files.retain(|file| file.path != "CHANGELOG.md");
        assert_eq!(check_presence(&files).len(), 1);
    }
}
