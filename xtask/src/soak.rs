//! `cargo xtask soak`: the long runs that CI has no time for, in a release build.
//!
//! Every Rust test, also those marked as long, with full counts: two hundred kills on each engine
//! where CI makes ten, ten thousand cases of each property, a million messages of XAES. It takes
//! hours. The seed is printed first; `TIMEPROOF_TEST_SEED=<seed> cargo xtask soak` repeats a run.

use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::report::Runner;
use crate::test::{Engine, seed, target_folder};
use crate::{Project, install, run};

/// Cases of each property that does not say how many it wants.
const PROPTEST_CASES: &str = "10000";

/// The subcommand: its closing line is the counts and nothing else.
pub(crate) fn command(project: &Project, words: &[&str]) -> Result<bool> {
    if words.len() > 1 || words.iter().any(|word| word.starts_with('-')) {
        bail!("soak takes one name at most: of the tests to run");
    }
    let root = &project.root;
    install::debian_packages(Engine::Both, false)?;
    install::nextest(root)?;
    let python = install::python(&target_folder(root)?.join("test-tools"))?;
    let seed = seed();
    println!("TIMEPROOF_TEST_SEED={}", seed.to_string_lossy());
    let started = Instant::now();
    let mut tests = Command::new("cargo");
    tests
        .args(["nextest", "run", "--workspace", "--release", "--profile", "soak"])
        .args(["--run-ignored", "all", "--no-fail-fast", "--success-output", "final"])
        .args(words)
        .current_dir(root)
        .env("TIMEPROOF_SOAK", "1")
        .env("TIMEPROOF_TEST_ENGINE", "both")
        .env("TIMEPROOF_TEST_SEED", &seed)
        .env("TIMEPROOF_TEST_PYTHON", python)
        .env("PROPTEST_CASES", PROPTEST_CASES);
    let ended = run::tee(&mut tests)?;
    let counts = Runner::Nextest.counts(ended.success, &ended.output);
    println!(
        "\n{:.0} s, TIMEPROOF_TEST_SEED={}",
        started.elapsed().as_secs_f64(),
        seed.to_string_lossy()
    );
    println!("{counts}");
    Ok(counts.failed == 0)
}
