//! A witness: another host that keeps the largest head it has seen of each log, and cosigns only what goes
//! on from it (C2SP `tlog-witness`). Whoever puts a whole server back to an older state is found out by it.
//!
//! | file | what |
//! |---|---|
//! | [`folder`] | its folder: held by one process, each file whole or not there |
//! | [`key`] | its name and its key, made at the first start |
//! | [`heads`] | the heads it has seen: kept before a cosignature leaves |
//! | [`http`] | what it is asked |
//!
//! It shares nothing with a server but the program, and needs no database. What it says is signed, and what
//! it is told is public: it has no secret but its key.
//!
//! Deliberately absent: fetching logs by itself, and other logs than those it was started with.

mod folder;
mod heads;
pub mod http;
mod key;

#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc};

use anyhow::{Context, bail};
use app::clock::Clock;
use ledger::{Verifier, key::Kind};

use folder::Folder;
pub(crate) use heads::log_word;
pub use heads::{NotAdded, Witness};

/// Opens the witness of a folder, which the first start makes: with this name, and a key of this seed.
///
/// Errors: a folder that another process holds, or that is something else's; a file in it that is not as it
/// was written; a key of a log that is none.
pub fn open(
    path: &Path,
    name: Option<&str>,
    logs: &[String],
    seed: impl FnOnce() -> [u8; ledger::key::KEY_BYTES],
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Witness> {
    let logs = logs.iter().map(|line| log_key(line)).collect::<anyhow::Result<Vec<_>>>()?;
    let folder = Folder::hold(path)?;
    let signer = key::open(&folder, name, seed)?;
    Witness::open(folder, signer, logs, clock)
}

fn log_key(line: &str) -> anyhow::Result<Verifier> {
    let key = Verifier::parse(line.trim()).with_context(|| format!("the key {line:?}"))?;
    if key.kind() != Kind::Log {
        bail!("{line} is the key of a witness. Give that of a log, as its /ledger/keys says it.");
    }
    Ok(key)
}
