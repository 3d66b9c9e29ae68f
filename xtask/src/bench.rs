//! `cargo xtask bench`: the figures of `docs/performance.md`, made anew in one run.
//!
//! It measures the release build on this machine, over loopback, with data below the target folder,
//! and ends by itself. Progress goes to the standard error, tables to the standard output.

mod creation;
mod http;
mod ledger;
mod machine;
mod password;
mod postgres;
mod process;
mod reading;
mod record;
mod session;
mod start;
mod table;
mod wrk;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::test::{Engine, target_folder};
use crate::{Project, install, run};
use process::Folder;

/// How long a server is left alone before its memory is read.
const SETTLE: Duration = Duration::from_secs(3);

const SUBJECTS: [&str; 7] =
    ["creation", "reading", "session", "password", "start", "ledger", "record"];

/// What the measurements share.
struct Bench {
    program: PathBuf,
    tp: PathBuf,
    yardstick: PathBuf,
    keyring_load: PathBuf,
    session_check: PathBuf,
    password_check: PathBuf,
    /// Where data may be put: on a disk, not in memory.
    folder: PathBuf,
    seconds: u32,
    warm_up: u32,
    is_quick: bool,
}

/// Tells what is being measured.
fn say(what: &str) {
    eprintln!("── {what}");
}

pub(crate) fn command(project: &Project, words: &[&str]) -> Result<bool> {
    let (mut is_quick, mut is_markdown, mut chosen) = (false, false, Vec::new());
    for word in words {
        match *word {
            "--quick" => is_quick = true,
            "--markdown" => is_markdown = true,
            subject if SUBJECTS.contains(&subject) => chosen.push(subject),
            other => bail!("bench knows --quick, --markdown, {}; not {other}", SUBJECTS.join(", ")),
        }
    }
    let root = &project.root;
    let target = target_folder(root)?;
    install::debian_packages(Engine::Both, false)?;
    install::wrk()?;
    let mut build = Command::new("cargo");
    let words =
        ["build", "--release", "--package", "server", "--package", "vault", "--package", "client"];
    build.args(words).current_dir(root);
    if run::answer(&mut build).is_none() {
        bail!("the release build failed: cargo {}", words.join(" "));
    }
    let folder = Folder::new(&target, "bench")?;
    let bench = Bench {
        program: target.join("release/timeproof"),
        tp: target.join("release/tp"),
        yardstick: target.join("release/yardstick"),
        keyring_load: target.join("release/keyring-load"),
        session_check: target.join("release/session-check"),
        password_check: target.join("release/password-check"),
        folder: folder.path().to_path_buf(),
        seconds: if is_quick { 2 } else { 8 },
        warm_up: if is_quick { 1 } else { 2 },
        is_quick,
    };
    let is_chosen = |subject: &str| chosen.is_empty() || chosen.contains(&subject);
    let mut loaded = None;
    println!("{}", machine::table(root, &bench.folder)?.render(is_markdown));
    if is_chosen("creation") {
        let (table, memory) = creation::measure(&bench)?;
        println!("{}", table.render(is_markdown));
        loaded = Some(memory);
    }
    if is_chosen("reading") {
        println!("{}", reading::measure(&bench)?.render(is_markdown));
    }
    if is_chosen("session") {
        for table in session::measure(&bench)? {
            println!("{}", table.render(is_markdown));
        }
    }
    if is_chosen("password") {
        println!("{}", password::measure(&bench)?.render(is_markdown));
    }
    if is_chosen("ledger") {
        for table in ledger::measure(&bench)? {
            println!("{}", table.render(is_markdown));
        }
    }
    if is_chosen("record") {
        for table in record::measure(&bench)? {
            println!("{}", table.render(is_markdown));
        }
    }
    if is_chosen("start") {
        println!("{}", start::measure(&bench, loaded.as_ref())?.render(is_markdown));
    }
    Ok(true)
}

/// The middle one; 0 of none.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
