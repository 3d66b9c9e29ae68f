//! A PostgreSQL for one measurement: durable as it comes (`fsync` is on), on a loopback port.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::process::free_port;
use crate::run;

const BIN: &str = "/usr/lib/postgresql/15/bin";
const FOLDER: &str = "/var/tmp/timeproof-bench-pg";

/// A running cluster; stopped and removed when this is dropped.
pub(super) struct Cluster {
    pub(super) url: String,
    folder: String,
}

impl Cluster {
    /// Makes a cluster and starts it.
    pub(super) fn start() -> Result<Self> {
        Self::start_in(FOLDER.to_owned())
    }

    /// Another one beside it: schemas and roles of two instances have the same names.
    pub(super) fn start_another() -> Result<Self> {
        Self::start_in(format!("{FOLDER}-2"))
    }

    fn start_in(folder: String) -> Result<Self> {
        remove(&folder);
        std::fs::create_dir_all(&folder)?;
        if is_root() {
            // Without a word: the standard output is the tables'.
            let mut chown = Command::new("chown");
            run::answer(chown.args(["postgres", &folder])).context("chown failed")?;
        }
        let port = free_port()?;
        let script = format!(
            "set -e
             {BIN}/initdb -D {folder}/data -U postgres --auth=trust -E UTF8 --locale=C >/dev/null
             {BIN}/pg_ctl -D {folder}/data -l {folder}/log -w -o \"-p {port} \
               -c listen_addresses=127.0.0.1 -c unix_socket_directories= \" start >/dev/null"
        );
        if !shell(&script).status()?.success() {
            bail!("PostgreSQL did not start; see {folder}/log");
        }
        Ok(Self { url: format!("postgres://postgres@127.0.0.1:{port}/postgres"), folder })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

fn remove(folder: &str) {
    if Path::new(folder).join("data/postmaster.pid").exists() {
        drop(shell(&format!("{BIN}/pg_ctl -D {folder}/data -m immediate stop")).status());
    }
    drop(std::fs::remove_dir_all(folder));
}

/// PostgreSQL refuses to run as root.
fn shell(script: &str) -> Command {
    let mut command = Command::new(if is_root() { "runuser" } else { "sh" });
    if is_root() {
        command.args(["-u", "postgres", "--", "sh"]);
    }
    command.args(["-c", script]).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn is_root() -> bool {
    run::answer(Command::new("id").arg("-u")).is_some_and(|id| id == "0")
}
