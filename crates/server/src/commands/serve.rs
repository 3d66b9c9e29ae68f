//! `timeproof` and `timeproof serve`: the server itself.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use app::App;
use axum_server::Handle;

use super::{link, say};
use crate::{boot, config::Config, jobs::Jobs, net, panics, router::router, state::Server, tls};

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
        let app = open(&config).await?;
        let base_url = config.base_url();
        let link = link::set_up(&app, &base_url).await?;
        let ready = || {
            say(&format!("Listening on {base_url}"));
            if let Some(link) = link {
                say(&format!("Set up: {link}"));
            }
        };
        serve(config, app, ready).await
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

/// Serves an opened application; `ready` is called once the addresses are open.
///
/// Errors: an address in use, a certificate that cannot be read.
pub async fn serve(config: Config, app: App, ready: impl FnOnce()) -> anyhow::Result<()> {
    let config = Arc::new(config);
    let listeners = net::bind(&config)?;
    let server = Server::new(app, Arc::clone(&config));
    let jobs = Jobs::start(&server.app, &config, server.memory.jobs.clone())?;
    let handle: Handle<SocketAddr> = Handle::new();
    tokio::spawn(stop_on_signal(handle.clone()));
    ready();
    let served = net::serve(&config, listeners, router(server), handle).await;
    jobs.stop().await;
    served
}

/// Lets running requests finish after the first signal.
async fn stop_on_signal(handle: Handle<SocketAddr>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::warn!("no signal handler: the server stops at once when it is told to");
        return;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    handle.graceful_shutdown(Some(GRACE));
}

fn start_log(level: &str) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(level)
        .with_context(|| format!("--log {level} is not a level"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = log.json().try_init();
    started.map_err(|error| anyhow::anyhow!("the log: {error}"))
}

/// An open workspace takes three files; the usual limit of 1,024 is soon reached.
fn raise_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(65_536) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}
