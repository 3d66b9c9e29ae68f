//! Start-up until the first answer, the keyring's part of it, and memory.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{
    Bench,
    creation::Loaded,
    median,
    process::{Folder, Process, free_port, server},
    table::{Table, verdict, whole},
};
use crate::run;

const START_GOAL_MS: f64 = 100.0;
const KEYRING_GOAL_MS: f64 = 100.0;
const IDLE_GOAL_MIB: f64 = 30.0;
const STARTS: usize = 11;

pub(super) fn measure(bench: &Bench, loaded: Option<&Loaded>) -> Result<Table> {
    let workspaces = if bench.is_quick { 500 } else { 10_000 };
    let mut table = Table::new("Start-up and memory", &["", "measured", "goal", ""]);

    super::say("start-up, empty");
    let folder = Folder::new(&bench.folder, "start")?;
    let empty = starts(bench, &folder)?;
    let what = "start-up to the first answer, empty";
    time_row(&mut table, what, empty.start_ms, START_GOAL_MS);

    super::say(&format!("start-up, {workspaces} workspaces"));
    let full = Folder::new(&bench.folder, "start-full")?;
    let mut seed = server(&bench.program, Some("seed"), full.path(), 0);
    seed.arg("--workspaces").arg(workspaces.to_string());
    if run::answer(&mut seed).is_none() {
        bail!("timeproof seed --workspaces {workspaces} failed");
    }
    let crowded = starts(bench, &full)?;
    let count = whole(f64::from(workspaces));
    let what = format!("start-up to the first answer, {count} workspaces");
    time_row(&mut table, &what, crowded.start_ms, START_GOAL_MS);

    let keys = if bench.is_quick { 10_000 } else { 100_000 };
    super::say(&format!("a keyring of {keys} keys"));
    let what = format!("a copy of the keyring, {} keys, read and checked", whole(f64::from(keys)));
    time_row(&mut table, &what, keyring_ms(bench, keys)?, KEYRING_GOAL_MS);

    memory_row(&mut table, "memory, idle, empty", empty.resident_mib, true);
    memory_row(
        &mut table,
        &format!("memory, idle, {count} workspaces"),
        crowded.resident_mib,
        true,
    );
    if let Some(loaded) = loaded {
        memory_row(&mut table, "memory, idle, demo", loaded.idle_mib, true);
        memory_row(
            &mut table,
            "memory after the load of 64 connections above",
            loaded.loaded_mib,
            false,
        );
    }
    table.note(format!(
        "Start-up is from before the process is made to the first answer of `/healthz`, median of \
         {STARTS} starts, files in the page cache; of the keyring, median of as many loads in one \
         process, of which a start has two or more. Memory is `VmRSS`, {} s after the start.",
        super::SETTLE.as_secs()
    ));
    Ok(table)
}

fn time_row(table: &mut Table, what: &str, measured_ms: f64, goal_ms: f64) {
    table.row([
        what.to_owned(),
        format!("{measured_ms:.0} ms"),
        format!("{goal_ms:.0} ms"),
        verdict(measured_ms <= goal_ms).to_owned(),
    ]);
}

fn memory_row(table: &mut Table, what: &str, mib: f64, has_goal: bool) {
    let (goal, verdict) = if has_goal {
        (format!("{IDLE_GOAL_MIB:.0} MiB"), verdict(mib <= IDLE_GOAL_MIB))
    } else {
        (String::new(), "")
    };
    table.row([what.to_owned(), format!("{mib:.1} MiB"), goal, verdict.to_owned()]);
}

struct Started {
    start_ms: f64,
    resident_mib: f64,
}

/// Starts on a folder again and again; the first start, which may make it, does not count.
fn starts(bench: &Bench, folder: &Folder) -> Result<Started> {
    let start = || {
        let port = free_port()?;
        Process::start(&mut server(&bench.program, None, folder.path(), port), port, "/healthz")
    };
    drop(start()?);
    let times = (0..STARTS).map(|_| Ok(start()?.start_ms)).collect::<Result<Vec<_>>>()?;
    let process = start()?;
    std::thread::sleep(super::SETTLE);
    Ok(Started { start_ms: median(times), resident_mib: process.resident_mib()? })
}

/// How long one copy of a keyring of so many keys takes to load.
fn keyring_ms(bench: &Bench, keys: u32) -> Result<f64> {
    let folder = Folder::new(&bench.folder, "keyring")?;
    let mut load = Command::new(&bench.keyring_load);
    load.arg(folder.path().join("keyring")).args([keys.to_string(), STARTS.to_string()]);
    let times = run::answer(&mut load).context("keyring-load failed")?;
    Ok(median(times.lines().map(str::parse).collect::<Result<_, _>>()?))
}
