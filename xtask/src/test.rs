//! `cargo xtask test`: installs what is missing, runs every test, and closes with the counts.
//!
//! The tests find what they need in the environment:
//!
//! | variable | what |
//! |---|---|
//! | `TIMEPROOF_TEST_ENGINE` | `sqlite`, `postgres` or `both` |
//! | `TIMEPROOF_TEST_SEED` | the number that random tests start from; printed, so that a run can be repeated |
//! | `TIMEPROOF_TEST_PYTHON` | a `python` that has aiosmtpd |
//! | `TIMEPROOF_BIN`, `TP_BIN` | the debug builds of the two programs, for the browser tests |

use std::ffi::OsString;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::Project;
use crate::install;
use crate::report::{Counts, Runner};
use crate::run;

/// A file of browser tests that has not ended after ten minutes hangs: it is killed, counts as failed, and
/// the next begins.
const LONGEST_FILE: &str = "--test-timeout=600000";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
    Both,
}

impl Engine {
    fn parse(text: &str) -> Result<Self> {
        match text {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" => Ok(Self::Postgres),
            "both" => Ok(Self::Both),
            other => bail!("--engine is sqlite, postgres or both, not {other}"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Both => "both",
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) engine: Engine,
    pub(crate) filter: Option<String>,
}

impl Options {
    pub(crate) fn everything() -> Self {
        Self { engine: Engine::Both, filter: None }
    }

    fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self::everything();
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            if word == "--engine" {
                options.engine = Engine::parse(words.next().context("--engine needs a name")?)?;
            } else if let Some(name) = word.strip_prefix("--engine=") {
                options.engine = Engine::parse(name)?;
            } else if word.starts_with('-') {
                bail!("unknown option: {word}");
            } else if options.filter.replace(word.to_owned()).is_some() {
                bail!("one name at most");
            }
        }
        Ok(options)
    }
}

/// The subcommand: its closing line is the counts and nothing else.
pub(crate) fn command(project: &Project, words: &[&str]) -> Result<bool> {
    let options = Options::parse(words)?;
    let counts = run(project, &options);
    println!("{counts}");
    Ok(counts.failed == 0)
}

/// Runs all steps, also after one that failed. What goes wrong around the tests counts as failed.
pub(crate) fn run(project: &Project, options: &Options) -> Counts {
    let mut session = Session { counts: Counts::default(), steps: Vec::new() };
    if let Err(error) = session.all(project, options) {
        eprintln!("xtask: {error:#}");
        session.counts.failed += 1;
    }
    println!("\ntests, step by step:");
    for (name, seconds, counts) in &session.steps {
        println!("  {seconds:>7.1} s  {name:<10} {counts}");
    }
    if session.counts.passed + session.counts.failed == 0 {
        eprintln!("xtask: no test was run");
        session.counts.failed = 1;
    }
    session.counts
}

struct Session {
    counts: Counts,
    steps: Vec<(&'static str, f64, Counts)>,
}

impl Session {
    fn all(&mut self, project: &Project, options: &Options) -> Result<()> {
        let root = &project.root;
        let target = target_folder(root)?;
        let tools = target.join("test-tools");
        let browser_files = browser_tests(&root.join("e2e/tests"))?;

        let started = Instant::now();
        println!("── install");
        install::debian_packages(options.engine, !browser_files.is_empty())?;
        install::nextest(root)?;
        let python = install::python(&tools)?;
        let node = if browser_files.is_empty() { None } else { Some(install::node(root, &tools)?) };
        println!("── install: {:.1} s", started.elapsed().as_secs_f64());

        let seed = seed();
        println!("TIMEPROOF_TEST_SEED={}", seed.to_string_lossy());
        let environment: Vec<(&str, OsString)> = vec![
            ("TIMEPROOF_TEST_ENGINE", options.engine.name().into()),
            ("TIMEPROOF_TEST_SEED", seed),
            ("TIMEPROOF_TEST_PYTHON", python.into()),
            ("TIMEPROOF_BIN", target.join("debug/timeproof").into()),
            ("TP_BIN", target.join("debug/tp").into()),
        ];
        let prepared = |program: &Path| {
            let mut command = Command::new(program);
            command.current_dir(root).envs(environment.iter().cloned());
            command
        };
        let cargo = Path::new("cargo");

        let mut nextest = prepared(cargo);
        nextest.args(["nextest", "run", "--workspace", "--no-fail-fast", "--no-tests=pass"]);
        nextest.args(&options.filter);
        self.step("rust", Runner::Nextest, &mut nextest)?;

        if options.filter.is_none() {
            let mut doctests = prepared(cargo);
            doctests.args(["test", "--doc", "--workspace", "--no-fail-fast"]);
            self.step("doctests", Runner::Doctest, &mut doctests)?;
        }

        let files = matching(&browser_files, options.filter.as_deref());
        match node {
            None => println!("── browser: not run, e2e/tests does not exist yet"),
            Some(_) if files.is_empty() => println!("── browser: no file of that name"),
            Some(node) => {
                run::passing(prepared(cargo).args(["build", "--workspace", "--bins"]))?;
                let mut browser = prepared(&node);
                browser.args(["--test", "--test-concurrency=1", LONGEST_FILE]).args(files);
                self.step("browser", Runner::Node, &mut browser)?;
            }
        }
        Ok(())
    }

    fn step(&mut self, name: &'static str, runner: Runner, command: &mut Command) -> Result<()> {
        println!("── {name}");
        let started = Instant::now();
        let ended = run::tee(command)?;
        let counts = runner.counts(ended.success, &ended.output);
        let seconds = started.elapsed().as_secs_f64();
        println!("── {name}: {seconds:.1} s: {counts}");
        self.counts.add(counts);
        self.steps.push((name, seconds, counts));
        Ok(())
    }
}

/// The given seed, or a fresh one.
pub(crate) fn seed() -> OsString {
    std::env::var_os("TIMEPROOF_TEST_SEED").unwrap_or_else(|| {
        // The standard library's only source of randomness.
        RandomState::new().build_hasher().finish().to_string().into()
    })
}

pub(crate) fn target_folder(root: &Path) -> Result<PathBuf> {
    let metadata = metadata(root)?;
    let folder = metadata.get("target_directory").and_then(serde_json::Value::as_str);
    folder.map(PathBuf::from).context("cargo metadata names no target folder")
}

/// `cargo metadata` of the workspace's own crates; it needs no registry.
pub(crate) fn metadata(root: &Path) -> Result<serde_json::Value> {
    let text = run::answer(
        Command::new("cargo")
            .args(["metadata", "--format-version", "1", "--no-deps"])
            .current_dir(root),
    );
    serde_json::from_str(&text.context("cargo metadata failed")?)
        .context("cargo metadata is not JSON")
}

/// The browser tests, in a fixed order. A folder without one is an error: something was lost.
fn browser_tests(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("{}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(".test.mjs") {
                files.push(path);
            }
        }
    }
    if files.is_empty() {
        bail!("{} holds no *.test.mjs", folder.display());
    }
    files.sort();
    Ok(files)
}

fn matching<'a>(files: &'a [PathBuf], filter: Option<&str>) -> Vec<&'a PathBuf> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    files
        .iter()
        .filter(|path| filter.is_none_or(|part| name(path).is_some_and(|n| n.contains(part))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        assert_eq!(Options::parse(&[]).unwrap(), Options::everything());
        let parsed = Options::parse(&["--engine", "sqlite", "timer"]).unwrap();
        assert_eq!(parsed, Options { engine: Engine::Sqlite, filter: Some("timer".into()) });
        assert_eq!(Options::parse(&["--engine=postgres"]).unwrap().engine, Engine::Postgres);
        for wrong in [&["--engine"][..], &["--engine", "mysql"], &["--fast"], &["a", "b"]] {
            assert!(Options::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_folder_of_browser_tests_without_one_is_an_error() {
        let folder = std::env::temp_dir().join(format!("xtask-browser-{}", std::process::id()));
        assert_eq!(browser_tests(&folder).unwrap(), Vec::<PathBuf>::new(), "absent is fine");
        fs::create_dir_all(folder.join("timer")).unwrap();
        assert!(browser_tests(&folder).is_err());
        fs::write(folder.join("timer/start.test.mjs"), "").unwrap();
        fs::write(folder.join("support.mjs"), "").unwrap();
        let found = browser_tests(&folder).unwrap();
        assert_eq!(found, [folder.join("timer/start.test.mjs")]);
        assert_eq!(matching(&found, Some("start")).len(), 1);
        assert_eq!(matching(&found, Some("stop")).len(), 0);
        fs::remove_dir_all(&folder).unwrap();
    }
}
