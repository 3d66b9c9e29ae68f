//! The check that every page of somebody signed in begins with, and what it adds to an act to ask
//! whether somebody may do it.

use std::process::Command;

use anyhow::{Context, Result};

use super::{
    Bench,
    postgres::Cluster,
    process::Folder,
    table::{Table, verdict},
};
use crate::run;

const GOAL_US: f64 = 20.0;

/// Of a write.
const GOAL_ADDED: f64 = 0.05;

pub(super) fn measure(bench: &Bench) -> Result<[Table; 2]> {
    let cluster = Cluster::start()?;
    let times = if bench.is_quick { 2_000 } else { 20_000 };
    let mut table = Table::new(
        "The check of a session",
        &["", "looked up within the last second", "looked up in the database"],
    );
    let mut writes = Table::new(
        "The rights of a write",
        &["", "by the program itself", "by a token with limits, under a policy", "more"],
    );
    let (mut worst, mut most): (f64, f64) = (0.0, 0.0);
    for (name, url) in [("SQLite", None), ("PostgreSQL 15", Some(cluster.url.as_str()))] {
        super::say(&format!("the check of a session, {name}"));
        let folder = Folder::new(&bench.folder, "session")?;
        let mut check = Command::new(&bench.session_check);
        check.arg(times.to_string()).arg("--data").arg(folder.path().join("data"));
        check.args(url.map(|url| ["--database-url", url]).into_iter().flatten());
        let said = run::answer(&mut check).context("session-check failed")?;
        let figures = said.lines().map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        let [kept, fresh, unasked, asked] = figures.as_slice() else {
            anyhow::bail!("session-check said {said:?}");
        };
        worst = worst.max(*kept);
        table.row([name.to_owned(), format!("{kept:.1} µs"), format!("{fresh:.1} µs")]);
        let added = asked / unasked - 1.0;
        most = most.max(added);
        let [unasked, asked] = [unasked, asked].map(|us| format!("{us:.0} µs"));
        writes.row([name.to_owned(), unasked, asked, format!("{:.1} %", added * 100.0)]);
    }
    table.note(format!(
        "At most {GOAL_US} µs where it was looked up within the last second is {}.",
        verdict(worst <= GOAL_US)
    ));
    table.note(format!(
        "Median of {times} checks after each other in one process, without HTTP \
         (`crates/server/src/bin/session_check.rs`)."
    ));
    writes.note(format!(
        "At most {:.0} % more is {}.",
        GOAL_ADDED * 100.0,
        verdict(most <= GOAL_ADDED)
    ));
    writes.note(format!(
        "Median of {times} entries each, in turns, each committed and flushed by itself, without HTTP (the \
         same program). Who asks is looked up for both, since their keys, zone and settings are needed."
    ));
    Ok([table, writes])
}
