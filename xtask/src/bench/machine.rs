//! Where the figures come from: they mean little without it.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use super::{process::read_text, table::Table};
use crate::run;

/// Flushes that are timed.
const FLUSHES: usize = 200;

pub(super) fn table(root: &Path, folder: &Path) -> Result<Table> {
    let mut table = Table::new("The machine", &["", ""]);
    let cores = std::thread::available_parallelism()?;
    table.row(["processor".to_owned(), format!("{cores} cores, {}", processor())]);
    let memory = field(&read_text("/proc/meminfo"), "MemTotal").unwrap_or_default();
    table.row(["memory".to_owned(), memory]);
    table.row(["kernel".to_owned(), read_text("/proc/sys/kernel/osrelease").trim().to_owned()]);
    let flush = flush_us(folder)?;
    table.row([
        "a flush of the disk (4 KiB, `fdatasync`)".to_owned(),
        format!("{flush:.0} µs, median of {FLUSHES}"),
    ]);
    let load = read_text("/proc/loadavg");
    let load = load.split(' ').take(3).collect::<Vec<_>>().join(" ");
    table.row(["load before the run (1, 5, 15 minutes)".to_owned(), load]);
    let compiler = run::answer(Command::new("rustc").arg("--version")).unwrap_or_default();
    table.row(["build".to_owned(), format!("`cargo build --release`, {compiler}")]);
    table.row(["version".to_owned(), commit(root)]);
    Ok(table)
}

fn processor() -> String {
    field(&read_text("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".to_owned())
}

fn field(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn commit(root: &Path) -> String {
    let git =
        |arguments: &[&str]| run::answer(Command::new("git").args(arguments).current_dir(root));
    let commit = git(&["rev-parse", "--short", "HEAD"]).unwrap_or_default();
    match git(&["status", "--porcelain", "--untracked-files=no"]) {
        Some(changes) if changes.is_empty() => commit,
        _ => format!("{commit} with changes"),
    }
}

/// What one flush takes: creation cannot be faster than the flushes it shares.
fn flush_us(folder: &Path) -> Result<f64> {
    let path = folder.join("flush");
    let mut file = File::create(&path)?;
    let mut times = Vec::with_capacity(FLUSHES);
    for _ in 0..FLUSHES {
        file.write_all(&[7; 4096])?;
        let began = Instant::now();
        file.sync_data()?;
        times.push(began.elapsed().as_secs_f64() * 1e6);
    }
    std::fs::remove_file(path)?;
    Ok(super::median(times))
}
