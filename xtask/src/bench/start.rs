//! Start-up until the first answer, and memory.

use anyhow::{Result, bail};

use super::{
    Bench,
    creation::Loaded,
    median,
    process::{Folder, Process, free_port, server},
    table::{Table, verdict, whole},
};
use crate::run;

const START_GOAL_MS: f64 = 100.0;
const IDLE_GOAL_MIB: f64 = 30.0;
const STARTS: usize = 11;

pub(super) fn measure(bench: &Bench, loaded: Option<&Loaded>) -> Result<Table> {
    let workspaces = if bench.is_quick { 500 } else { 10_000 };
    let mut table = Table::new("Start-up and memory", &["", "measured", "goal", ""]);

    super::say("start-up, empty");
    let folder = Folder::new(&bench.folder, "start")?;
    let empty = starts(bench, &folder)?;
    start_row(&mut table, "start-up to the first answer, empty", empty.start_ms);

    super::say(&format!("start-up, {workspaces} workspaces"));
    let full = Folder::new(&bench.folder, "start-full")?;
    let mut seed = server(&bench.program, Some("seed"), full.path(), 0);
    seed.arg("--workspaces").arg(workspaces.to_string());
    if run::answer(&mut seed).is_none() {
        bail!("timeproof seed --workspaces {workspaces} failed");
    }
    let crowded = starts(bench, &full)?;
    let count = whole(f64::from(workspaces));
    start_row(
        &mut table,
        &format!("start-up to the first answer, {count} workspaces"),
        crowded.start_ms,
    );

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
         {STARTS} starts, files in the page cache. Memory is `VmRSS`, {} s after the start.",
        super::SETTLE.as_secs()
    ));
    Ok(table)
}

fn start_row(table: &mut Table, what: &str, measured_ms: f64) {
    table.row([
        what.to_owned(),
        format!("{measured_ms:.0} ms"),
        format!("{START_GOAL_MS:.0} ms"),
        verdict(measured_ms <= START_GOAL_MS).to_owned(),
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
