//! For `cargo xtask bench`: how long the check of a password takes at the cost that a start on this machine
//! would choose.
//!
//! `password-check TIMES` chooses the cost as a first start does, and times so many checks of it after
//! each other. It prints the memory in KiB, the passes, and the shortest, the middle and the longest check
//! in milliseconds, a line each.

#![expect(clippy::print_stdout, reason = "the figures are for the program that started this one")]

use anyhow::Context;
use clap::Parser;
use server::hashing::{measure, time};

#[derive(Parser)]
struct Arguments {
    /// How often a password is checked.
    times: usize,
}

fn main() -> anyhow::Result<()> {
    let Arguments { times } = Arguments::parse();
    let cost = measure();
    let mut taken: Vec<f64> = (0..times).map(|_| time(cost).as_secs_f64() * 1e3).collect();
    taken.sort_by(f64::total_cmp);
    println!("{}\n{}", cost.memory_kib(), cost.passes());
    for at in [0, times / 2, times.saturating_sub(1)] {
        println!("{}", taken.get(at).context("nothing was measured")?);
    }
    Ok(())
}
