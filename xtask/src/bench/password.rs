//! The check of a password, at the cost that a start on this machine chooses.

use std::process::Command;

use anyhow::{Context, Result};

use super::{
    Bench,
    table::{Table, verdict},
};
use crate::run;

/// Slow for whoever tries many, and not for who signs in.
const GOAL_MS: std::ops::RangeInclusive<f64> = 150.0..=250.0;

pub(super) fn measure(bench: &Bench) -> Result<Table> {
    super::say("the check of a password");
    let times = if bench.is_quick { 10 } else { 50 };
    let mut check = Command::new(&bench.password_check);
    check.arg(times.to_string());
    let said = run::answer(&mut check).context("password-check failed")?;
    let figures = said.lines().map(str::parse).collect::<Result<Vec<f64>, _>>()?;
    let [memory, passes, least, middle, most] = figures.as_slice() else {
        anyhow::bail!("password-check said {said:?}");
    };
    let mut table = Table::new(
        "The check of a password",
        &["memory (Argon2id)", "passes", "shortest", "median", "longest"],
    );
    table.row([
        format!("{:.0} MiB", memory / 1024.0),
        format!("{passes:.0}"),
        format!("{least:.0} ms"),
        format!("{middle:.0} ms"),
        format!("{most:.0} ms"),
    ]);
    table.note(format!("150 to 250 ms in the middle is {}.", verdict(GOAL_MS.contains(middle))));
    table.note(format!(
        "{times} checks after each other in one process (`crates/server/src/bin/password_check.rs`), at the \
         cost that a first start on this machine chooses."
    ));
    Ok(table)
}
