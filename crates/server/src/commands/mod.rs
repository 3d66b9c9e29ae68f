//! What can be typed behind `timeproof`.

pub mod copy;
pub mod demo;
pub mod export;
pub mod ledger;
pub mod link;
pub mod open_policy;
pub mod operator;
pub mod person;
pub mod recover;
pub mod restore;
pub mod run_book;
pub mod seed;
pub mod serve;
pub mod support;
pub mod witness;
mod workspace;

use std::{
    fmt::Display,
    fs::{self, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use anyhow::{Context, bail};

use crate::{boot, config::Config, data_folder};

/// Tells the operator what went wrong.
pub fn complain(error: &anyhow::Error) {
    // Nothing can be done when not even the complaint can be written.
    drop(writeln!(io::stderr(), "timeproof: {error:#}"));
}

/// Refuses to begin a new instance where an operator wants to work on one that is there.
///
/// Errors: a sentence that says what to do.
pub(crate) fn require_data(config: &Config) -> anyhow::Result<()> {
    data_folder::require_whole(config)?;
    if boot::is_here(config) {
        return Ok(());
    }
    bail!(
        "There is no Timeproof in {}. Name its folder with --data, or start `timeproof` once to \
         begin a new one.",
        config.data().display()
    )
}

/// Makes a folder for what a command writes, for its owner only; nothing is mixed with what is
/// there, or overwritten.
///
/// Errors: a folder that holds something; what the system says.
pub(crate) fn make_empty_folder(dir: &Path) -> anyhow::Result<()> {
    let name = dir.display();
    let mut entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return boot::make_private_folder(dir);
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => bail!(
            "{name} is a file, or lies below one. Name a folder that is empty or does not exist yet."
        ),
        entries => entries.with_context(|| format!("the folder {name}"))?,
    };
    if entries.next().is_some() {
        bail!(
            "{name} is not empty. Name a folder that is empty or does not exist yet, so that \
             nothing is overwritten."
        );
    }
    let private = Permissions::from_mode(0o700);
    fs::set_permissions(dir, private).with_context(|| format!("the folder {name}"))
}

/// So many things, as one says it.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(count: N, thing: &str) -> String {
    let end = if count == N::from(1) { "" } else { "s" };
    format!("{count} {thing}{end}")
}

/// Prints a line about what is not as it should be, and puts it into the log.
pub(crate) fn warn(sentence: &str) {
    say(&format!("Warning: {sentence}"));
    tracing::warn!("{sentence}");
}

/// Prints a line for the operator or a script.
pub(crate) fn say(line: &str) {
    // A closed pipe must not end the server.
    drop(writeln!(io::stdout(), "{line}"));
}
