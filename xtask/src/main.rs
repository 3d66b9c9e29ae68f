//! `cargo xtask`: the one entry to everything that is done to the code.
//!
//! A subcommand is one file. Nothing here is part of the product: it may print, start processes
//! and read the environment, which the crates may not. Read `ci.rs` first: it says what must hold.
#![expect(clippy::print_stdout, reason = "a command line tool speaks by printing")]
#![expect(clippy::print_stderr, reason = "a command line tool speaks by printing")]

mod advisories;
mod bench;
mod blocklist;
mod ci;
mod install;
mod report;
mod run;
mod rust_text;
mod screenshot;
mod soak;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
cargo xtask <command>

  ci                        everything a change must pass: fmt, clippy, deny, advisories, tidy, test
  test [--engine E] [NAME]  install what the tests need and run them all
                            E is sqlite, postgres or both (the default);
                            NAME runs only the tests whose name, or whose browser file, contains it
  tidy                      the rules of this code base that no other tool checks
  advisories [--db DIR]     Cargo.lock against a folder of the RustSec advisory database
  bench [--quick] [--markdown] [creation|reading|session|start]…
                            the figures of docs/performance.md, made anew on this machine
  blocklist                 the filter of common passwords, made anew from a public list (needs npm)
  soak [NAME]               every test with full counts, in a release build: hours
  screenshot                docs/images/today.png, made anew from the demo
";

/// What the subcommands share: where the repository is, and the day it is.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    /// Days since 1970-01-01, UTC.
    pub(crate) today: i64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `Ok(false)` means that a check failed and has said so itself.
fn dispatch(arguments: &[String]) -> Result<bool> {
    let project = Project { root: root()?, today: today()? };
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["ci"] => Ok(ci::run(&project)),
        ["test", rest @ ..] => test::command(&project, rest),
        ["tidy"] => tidy::command(&project),
        ["advisories"] => Ok(advisories::command(&project, None)?.passed()),
        ["advisories", "--db", folder] => {
            Ok(advisories::command(&project, Some(Path::new(folder)))?.passed())
        }
        ["bench", rest @ ..] => bench::command(&project, rest),
        ["blocklist"] => blocklist::command(&project),
        ["soak", rest @ ..] => soak::command(&project, rest),
        ["screenshot"] => screenshot::command(&project),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(true)
        }
        _ => bail!("unknown command: {}\n\n{USAGE}", words.join(" ")),
    }
}

fn root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .context("xtask lies in the repository")
}

#[expect(clippy::disallowed_methods, reason = "this is an entry point: the clock is read here")]
fn today() -> Result<i64> {
    let since_1970 = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .context("the clock stands before 1970")?;
    Ok(i64::try_from(since_1970.as_secs() / 86_400)?)
}
