//! `cargo xtask ci`: exactly what a change must pass, as named and timed steps.
//!
//! A step that fails does not stop the others, so that one run tells all. The tests come last:
//! their closing line is the last line.

use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use crate::advisories::{self, Verdict};
use crate::{Project, install, report, run, test, tidy};

/// What became of a step.
enum Outcome {
    Ok,
    Failed,
    /// Neither good nor bad: said as such, never as "ok".
    NotChecked,
}

pub(crate) fn run(project: &Project) -> bool {
    let root = &project.root;
    let cargo = |arguments: &[&str]| {
        run::passing(Command::new("cargo").args(arguments).current_dir(root))?;
        Ok(Outcome::Ok)
    };
    let mut steps = Steps { done: Vec::new() };
    steps.step("fmt", || cargo(&["fmt", "--all", "--check"]));
    steps.step("clippy", || {
        cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
    });
    steps.step("deny", || {
        install::deny(root)?;
        cargo(&["deny", "check", "bans", "licenses", "sources"])
    });
    steps.step("advisories", || {
        Ok(match advisories::command(project, None)? {
            Verdict::Clean => Outcome::Ok,
            Verdict::Vulnerable | Verdict::Stale => Outcome::Failed,
            Verdict::NotChecked => Outcome::NotChecked,
        })
    });
    steps.step("tidy", || Ok(if tidy::command(project)? { Outcome::Ok } else { Outcome::Failed }));
    let mut counts = report::Counts::default();
    steps.step("test", || {
        counts = test::run(project, &test::Options::everything());
        Ok(if counts.failed == 0 { Outcome::Ok } else { Outcome::Failed })
    });
    let passed = steps.summary();
    println!("{counts}");
    passed
}

struct Steps {
    done: Vec<(&'static str, f64, Outcome)>,
}

impl Steps {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<Outcome>) {
        println!("\n══ {name}");
        let started = Instant::now();
        let outcome = work().unwrap_or_else(|error| {
            eprintln!("{name}: {error:#}");
            Outcome::Failed
        });
        self.done.push((name, started.elapsed().as_secs_f64(), outcome));
    }

    fn summary(&self) -> bool {
        println!("\nsteps:");
        for (name, seconds, outcome) in &self.done {
            let word = match outcome {
                Outcome::Ok => "ok",
                Outcome::Failed => "FAILED",
                Outcome::NotChecked => "not checked",
            };
            println!("  {seconds:>7.1} s  {name:<10} {word}");
        }
        !self.done.iter().any(|(_, _, outcome)| matches!(outcome, Outcome::Failed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_step_fails_the_run_and_the_others_still_run() {
        let mut steps = Steps { done: Vec::new() };
        steps.step("a", || anyhow::bail!("broken"));
        let mut ran = false;
        steps.step("b", || {
            ran = true;
            Ok(Outcome::Ok)
        });
        assert!(ran);
        assert!(!steps.summary());
    }

    #[test]
    fn not_checked_does_not_fail() {
        let mut steps = Steps { done: Vec::new() };
        steps.step("a", || Ok(Outcome::NotChecked));
        assert!(steps.summary());
    }
}
