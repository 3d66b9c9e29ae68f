//! `timeproof` and `timeproof serve`: the server itself.

use std::{fs::File, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use app::App;
use axum_server::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use super::{link, say};
use crate::{
    boot, config::Config, data_folder, jobs::Jobs, net, panics, router::router, state::Server, tls,
};

/// Threads that may block on a database at once.
const BLOCKING_THREADS: usize = 64;

/// How long running requests may take once the server has been told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until it is told to stop.
///
/// Errors: a configuration that is refused, a database that cannot be opened, an address in use.
pub fn run(config: Config) -> anyhow::Result<()> {
    prepare(&config)?;
    runtime()?.block_on(async {
        let claim = claim(&config)?;
        let app = open(&config).await?;
        let base_url = config.base_url();
        let link = link::set_up(&app, &base_url).await?;
        let ready = || {
            say(&format!("Listening on {base_url}"));
            if let Some(link) = link {
                say(&format!("Set up: {link}"));
            }
        };
        serve(config, app, claim, ready).await
    })
}

/// Checks the configuration and sets up what a process needs once.
///
/// Errors: a sentence that says what to do.
pub fn prepare(config: &Config) -> anyhow::Result<()> {
    if let Err(sentence) = config.check() {
        bail!(sentence);
    }
    start_log(&config.log)?;
    panics::log_without_words();
    raise_file_limit();
    if tls::provider().install_default().is_err() {
        bail!("a TLS provider was installed before ours");
    }
    Ok(())
}

/// The runtime of the server.
///
/// Errors: what the system says.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .context("the runtime")
}

/// Opens keys and databases on a thread that may block.
///
/// Errors: as [`boot::open`].
pub async fn open(config: &Config) -> anyhow::Result<App> {
    let config = config.clone();
    let app = tokio::task::spawn_blocking(move || boot::open(&config)).await;
    let app = app.context("start-up")??;
    app.open_instance().await?;
    Ok(app)
}

/// What one server alone can have: its addresses, and its SQLite files until this is dropped.
pub struct Claim {
    doors: net::Doors,
    folder: Option<File>,
}

/// Takes what one server alone can have, before anything is written or printed: a start that fails
/// must not end the links and tokens of the server that runs.
///
/// Errors: a certificate that cannot be read; an address in use; another server on the data folder;
/// a folder that lacks a part.
pub fn claim(config: &Config) -> anyhow::Result<Claim> {
    data_folder::require_whole(config)?;
    let doors = net::open(config)?;
    let folder = data_folder::hold(config)?;
    Ok(Claim { doors, folder })
}

/// Serves an opened application where `claim` says; `ready` is called before.
///
/// Errors: what the system says.
pub async fn serve(
    config: Config,
    app: App,
    claim: Claim,
    ready: impl FnOnce(),
) -> anyhow::Result<()> {
    let config = Arc::new(config);
    let server = Server::new(app, Arc::clone(&config));
    let jobs = Jobs::start(&server.app, &config, server.memory.jobs.clone())?;
    let handle: Handle<SocketAddr> = Handle::new();
    // Before anybody hears that the server is there: who hears it may stop it at once.
    tokio::spawn(StopSignals::catch()?.stop(handle.clone()));
    ready();
    let served = net::serve(claim.doors, router(server), handle).await;
    jobs.stop().await;
    drop(claim.folder);
    served
}

/// What tells the server to stop.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// From now on the signals no longer end the process at once.
    fn catch() -> anyhow::Result<Self> {
        let interrupt = signal(SignalKind::interrupt()).context("no signal handler")?;
        let terminate = signal(SignalKind::terminate()).context("no signal handler")?;
        Ok(Self { interrupt, terminate })
    }

    /// Lets running requests finish after the first signal.
    async fn stop(mut self, handle: Handle<SocketAddr>) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        tracing::info!("stopping");
        handle.graceful_shutdown(Some(GRACE));
    }
}

fn start_log(level: &str) -> anyhow::Result<()> {
    let filter: Targets = level.parse().with_context(|| format!("--log {level} is not a level"))?;
    let lines = tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr);
    let started = tracing_subscriber::registry().with(filter).with(lines).try_init();
    started.map_err(|error| anyhow::anyhow!("the log: {error}"))
}

/// An open workspace takes three files; the usual limit of 1,024 is soon reached.
fn raise_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(65_536) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}
