//! `timeproof witness LOG…`: a witness of logs, on another host than theirs.

use std::{net::SocketAddr, path::Path, sync::Arc};

use anyhow::bail;
use axum_server::Handle;
use tokio::sync::watch;

use super::{say, serve};
use crate::{
    boot,
    config::Config,
    log, net, panics,
    system::SystemClock,
    witness::{self, http::router},
};

/// Where it keeps what it has seen, unless the configuration says otherwise.
const FOLDER: &str = "witness-data";

/// Cosigns the heads of these logs until it is told to stop.
///
/// Errors: an address that would let others in unencrypted; as [`witness::open`]; an address in use.
pub fn run(mut config: Config, name: Option<&str>, logs: &[String]) -> anyhow::Result<()> {
    config.data.get_or_insert_with(|| FOLDER.into());
    check(&config, logs)?;
    log::start(&config)?;
    panics::log_without_words();
    serve::install_tls()?;
    let doors = net::open(&config)?;
    let folder: &Path = config.data();
    let witness = witness::open(folder, name, logs, boot::draw_seed, Arc::new(SystemClock))?;
    serve::block_on(async {
        let handle: Handle<SocketAddr> = Handle::new();
        let stop = serve::StopSignals::catch()?.stop(handle.clone(), watch::Sender::new(false));
        tokio::spawn(stop);
        for (log, size) in witness.logs() {
            say(&format!("Log: {log}, of which {size} leaves were seen"));
        }
        say(&format!("Key: {}", witness.verifier()));
        say(&format!("Listening on port {}", config.port));
        net::serve(doors, router(Arc::new(witness)), handle).await
    })
}

fn check(config: &Config, logs: &[String]) -> anyhow::Result<()> {
    if logs.is_empty() {
        bail!(
            "Give the keys of the logs to cosign, as the address /ledger/keys of each server says them."
        );
    }
    // Who can answer in its place could stop a log, by a larger size than there is.
    let is_open = config.listen.is_some_and(|address| !address.is_loopback());
    if is_open && config.tls_cert.is_none() {
        bail!(
            "--listen lets other machines in, and nothing encrypts the way there. Give --tls-cert and \
             --tls-key, or leave --listen out and let a reverse proxy on this machine serve TLS."
        );
    }
    Ok(())
}
