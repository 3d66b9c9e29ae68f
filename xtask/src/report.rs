//! What the test runners said: their summary lines, read and added up.
//!
//! A number is never assumed. A runner that fails without naming a failed test, or whose summary
//! cannot be found, counts as one failed test.

use std::fmt;

/// Tests counted. Its `Display` is the closing line of `cargo xtask test`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// The programs whose summaries are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    Nextest,
    Doctest,
    Node,
}

impl Runner {
    /// The counts of a finished run, with its exit status taken into account.
    pub(crate) fn counts(self, success: bool, output: &str) -> Counts {
        let plain = without_colour(output);
        let read = match self {
            Self::Nextest => nextest(&plain),
            Self::Doctest => doctest(&plain),
            Self::Node => node(&plain),
        };
        let mut counts = read.unwrap_or(Counts { failed: 1, ..Counts::default() });
        if !success && counts.failed == 0 {
            counts.failed = 1;
        }
        counts
    }
}

/// `Summary [ 0.02s] 3/5 tests run: 2 passed (1 slow), 1 failed, 4 skipped`: the last such line.
fn nextest(output: &str) -> Option<Counts> {
    let line = output.lines().rev().find_map(|line| line.trim_start().strip_prefix("Summary ["))?;
    let (_, line) = line.split_once(']')?;
    let (ran, results) = line.split_once(" run:")?;
    let ran = ran.trim().trim_end_matches("tests").trim_end_matches("test").trim();
    let mut counts = Counts::default();
    if let Some((done, all)) = ran.split_once('/') {
        // A run that was cut short: what did not run did not pass.
        counts.failed += all.parse::<u64>().ok()?.checked_sub(done.parse().ok()?)?;
    }
    for part in without_parentheses(results).split(',') {
        let (number, what) = part.trim().split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        match what.trim() {
            "passed" => counts.passed += number,
            "skipped" => counts.skipped += number,
            // failed, timed out, exec failed, and whatever else is not a pass
            _ => counts.failed += number,
        }
    }
    Some(counts)
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; …`: one line a crate, added up.
fn doctest(output: &str) -> Option<Counts> {
    let mut counts = Counts::default();
    let mut found = false;
    for line in output.lines() {
        let Some(results) = line.trim_start().strip_prefix("test result:") else {
            continue;
        };
        found = true;
        let (_, results) = results.split_once(". ")?;
        for part in results.split(';') {
            match part.trim().split_once(' ') {
                Some((number, "passed")) => counts.passed += number.parse::<u64>().ok()?,
                Some((number, "failed")) => counts.failed += number.parse::<u64>().ok()?,
                Some((number, "ignored")) => counts.skipped += number.parse::<u64>().ok()?,
                _ => {}
            }
        }
    }
    found.then_some(counts)
}

/// `# pass 5` (TAP) or `ℹ pass 5` (spec), with `fail`, `cancelled`, `skipped`, `todo` beside it.
fn node(output: &str) -> Option<Counts> {
    let mut counts = Counts::default();
    let (mut pass, mut fail) = (false, false);
    for line in output.lines() {
        let Some(rest) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ ")) else {
            continue;
        };
        let Some((what, number)) = rest.trim().split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse::<u64>() else {
            continue;
        };
        match what {
            "pass" => {
                pass = true;
                counts.passed += number;
            }
            "fail" => {
                fail = true;
                counts.failed += number;
            }
            "cancelled" => counts.failed += number,
            "skipped" | "todo" => counts.skipped += number,
            _ => {}
        }
    }
    (pass && fail).then_some(counts)
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_usize;
    text.chars()
        .filter(|c| match c {
            '(' => {
                depth += 1;
                false
            }
            ')' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// Takes out the colour codes: escape, `[`, anything up to a letter.
fn without_colour(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn nextest_summaries() {
        let table = [
            ("     Summary [   0.021s] 3 tests run: 3 passed, 0 skipped", counts(3, 0, 0)),
            ("     Summary [   0.021s] 1 test run: 1 passed, 2 skipped", counts(1, 0, 2)),
            (
                "Summary [ 1.2s] 9 tests run: 6 passed (2 slow, 1 leaky), 2 failed, 1 timed out, 4 skipped",
                counts(6, 3, 4),
            ),
            ("Summary [ 1.2s] 3/5 tests run: 2 passed, 1 failed, 0 skipped", counts(2, 3, 0)),
            (
                "\u{1b}[32;1mSummary\u{1b}[0m [ 1s] 2 tests run: 2 passed, 0 skipped",
                counts(2, 0, 0),
            ),
        ];
        for (line, expected) in table {
            assert_eq!(nextest(&without_colour(line)), Some(expected), "{line}");
        }
    }

    #[test]
    fn doctest_lines_are_added_up() {
        let output = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                      test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(doctest(output), Some(counts(6, 2, 1)));
    }

    #[test]
    fn node_in_both_spellings() {
        let tap =
            "# tests 4\n# suites 0\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 0\n# todo 0\n";
        assert_eq!(node(tap), Some(counts(2, 2, 0)));
        let spec = "ℹ tests 3\nℹ pass 2\nℹ fail 0\nℹ cancelled 0\nℹ skipped 1\nℹ duration_ms 12.5";
        assert_eq!(node(spec), Some(counts(2, 0, 1)));
        assert_eq!(node("# pass 2\n"), None, "half a summary is none");
    }

    #[test]
    fn a_missing_summary_or_a_bad_exit_is_a_failure() {
        for runner in [Runner::Nextest, Runner::Doctest, Runner::Node] {
            assert_eq!(runner.counts(true, "nothing of the kind"), counts(0, 1, 0), "{runner:?}");
        }
        let crashed = "Summary [ 1s] 2 tests run: 2 passed, 0 skipped";
        assert_eq!(Runner::Nextest.counts(false, crashed), counts(2, 1, 0));
    }

    #[test]
    fn closing_line() {
        assert_eq!(counts(3, 0, 0).to_string(), "3 passed, 0 failed");
        assert_eq!(counts(3, 1, 2).to_string(), "3 passed, 1 failed, 2 skipped");
    }
}
