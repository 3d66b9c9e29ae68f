//! What an export can be made to say, and what the verdict says to it.

mod audit;
mod bench;
mod damage;
mod decided;
mod document;
mod fixture;
mod hostile;
mod instance;
mod receipt;
mod support;
mod unproven;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use super::verdict::Code;
use super::*;
use crate::verify::tests::fixture::Fixture;

/// A random export, as of this run's seed and the number of the case.
fn fixture(case: u64) -> Fixture {
    Fixture::new(fastrand::Rng::with_seed(testkit::seed().0.wrapping_add(case)))
}

/// What was found in an export, and the verdict.
fn check(fixture: &Fixture, ask: impl FnOnce(&mut Request, &Path)) -> (BTreeSet<Code>, Verdict) {
    let folder = TempDir::new().unwrap();
    let aside = TempDir::new().unwrap();
    fixture.write(folder.path());
    let mut request = Request { folder: folder.path().to_owned(), ..Request::default() };
    ask(&mut request, aside.path());
    let (codes, verdict) = told(&request);
    assert_agreed(&request, &codes);
    (codes, verdict)
}

/// The second verifier is asked as well: by each test about two of ten exports, one as it was and one
/// altered, since a process takes a while.
fn assert_agreed(request: &Request, codes: &BTreeSet<Code>) {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    if ASKED.fetch_add(1, Ordering::Relaxed) % 10 > 1 {
        return;
    }
    let _ = agreed(request, codes);
}

/// What both verifiers find.
fn agreed(request: &Request, codes: &BTreeSet<Code>) -> Vec<String> {
    let (ended, by_the_other) = by_the_other(request);
    let codes: Vec<serde_json::Value> =
        codes.iter().map(|code| serde_json::to_value(code).unwrap()).collect();
    assert_eq!(codes, by_the_other);
    assert_eq!(ended, Some(i32::from(!codes.is_empty())));
    by_the_other
}

fn told(request: &Request) -> (BTreeSet<Code>, Verdict) {
    let verdict = verify(request).unwrap();
    let codes = verdict.codes.clone();
    assert_eq!(verdict.valid, codes.is_empty());
    (codes, verdict)
}

/// Without any option.
fn plainly(fixture: &Fixture) -> (BTreeSet<Code>, Verdict) {
    check(fixture, |_, _| {})
}

#[test]
fn an_export_as_it_was_written_is_valid() {
    for case in 0..10 {
        let mut fixture = fixture(case);
        fixture.pending = 1;
        let kept = fixture.head_of(7).sign(&fixture::log_key(&fixture.origin)).unwrap();
        let (codes, verdict) = check(&fixture, |request, aside| {
            let path = aside.join("kept");
            std::fs::write(&path, kept.to_string()).unwrap();
            request.checkpoints.push(path);
        });
        assert_eq!(codes, BTreeSet::new(), "{:?}", verdict.findings);
        let log = verdict.log.unwrap();
        assert_eq!(log.proven, u64::try_from(fixture.size()).unwrap());
        assert_eq!((log.pending, log.checkpoints), (1, vec![7]));
        assert_eq!(log.pending_kinds.keys().collect::<Vec<_>>(), ["workspace.exported"]);
        let rows = fixture.tables.values().map(Vec::len).sum::<usize>() + fixture.leaves.len();
        assert_eq!(verdict.rows, u64::try_from(rows).unwrap());
        assert_eq!(verdict.sums_only, ["tags.csv"]);
        let unproven: BTreeSet<_> =
            verdict.not_proven.iter().map(|one| format!("{}.{}", one.table, one.column)).collect();
        assert!(unproven.contains("members.locale") && unproven.contains("tags.version"));
        assert!(!unproven.contains("workspace.week_start") && !unproven.contains("tags.name"));
    }
}

/// The second verifier, which shares no line with this one; or a third one, by whoever wrote it from the
/// docs: `TIMEPROOF_TEST_VERIFIER='node verify.mjs'`.
#[expect(clippy::disallowed_methods, reason = "tests are configured by their environment")]
fn other_verifier() -> std::process::Command {
    if let Ok(words) = std::env::var("TIMEPROOF_TEST_VERIFIER") {
        let mut words = words.split_whitespace();
        let mut command = std::process::Command::new(words.next().unwrap());
        command.args(words).arg("--json");
        return command;
    }
    let python = std::env::var("TIMEPROOF_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut command = std::process::Command::new(python);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verify.py"));
    command
}

fn by_the_other(request: &Request) -> (Option<i32>, Vec<String>) {
    let ended = ask_the_other(request);
    let said: serde_json::Value = serde_json::from_slice(&ended.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ended.stderr)));
    let codes = said["codes"].as_array().unwrap().iter();
    (ended.status.code(), codes.map(|code| code.as_str().unwrap().to_owned()).collect())
}

/// What is found in a folder as it is, by both verifiers.
fn found_in(request: &Request) -> Vec<String> {
    agreed(request, &told(request).0)
}

/// That a request makes no sense, to both verifiers.
fn assert_not_understood(request: &Request) {
    assert!(matches!(verify(request), Err(Failure::Usage(_))));
    assert_eq!(ask_the_other(request).status.code(), Some(2));
}

fn ask_the_other(request: &Request) -> std::process::Output {
    let mut command = other_verifier();
    command.arg(&request.folder);
    for path in &request.checkpoints {
        command.arg("--checkpoint").arg(path);
    }
    for key in &request.keys {
        command.arg("--key").arg(key);
    }
    for witness in &request.witnesses {
        command.arg("--witness").arg(witness);
    }
    if let Some(fresh) = request.fresh {
        command.arg("--fresh").arg(format!("{}s", fresh.as_secs()));
        command.arg("--now").arg(request.now.as_second().to_string());
    }
    command.output().unwrap()
}
