//! `timeproof` and `timeproof serve`: the server itself.

use std::{fs::File, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use app::{App, identity::MissingKeys, ledger::find_halt};
use axum_server::Handle;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use super::{counted, link, say, warn};
use crate::{
    boot,
    config::Config,
    data_folder,
    hashing::hashing,
    jobs::Jobs,
    ledger::{anchors::Anchors, witnesses::Witnesses},
    log, mail, net, panics,
    router::router,
    state::{Providers, Server},
    tls,
};

/// Threads that may block on a database at once.
const BLOCKING_THREADS: usize = 64;

/// How long running requests may take once the server has been told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How long what blocks may go on after everything else has ended: a letter to a slow mail server,
/// which is sent again.
const LAST: Duration = Duration::from_secs(2);

/// Serves until it is told to stop.
///
/// Errors: a configuration that is refused, a database that cannot be opened, an address in use.
pub fn run(config: Config) -> anyhow::Result<()> {
    prepare(&config)?;
    block_on(async {
        let claim = claim(&config)?;
        let app = open(&config).await?;
        let base_url = config.base_url();
        let link = link::set_up(&app, &base_url).await?;
        let incomplete = data_folder::incomplete(config.data())?;
        let ready = || {
            if let Some(sentence) = incomplete {
                warn(&sentence);
            }
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
    log::start(config)?;
    panics::log_without_words();
    raise_file_limit();
    install_tls()
}

/// Makes the one TLS provider that of this process.
///
/// Errors: another one was there before.
pub fn install_tls() -> anyhow::Result<()> {
    if tls::provider().install_default().is_err() {
        bail!("a TLS provider was installed before ours");
    }
    Ok(())
}

/// Runs what a command does to its end, and does not wait long for what it left behind.
///
/// Errors: what the command or the system says.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .context("the runtime")?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(LAST);
    outcome
}

/// Opens keys and databases on a thread that may block.
///
/// Errors: as [`boot::open`].
pub async fn open(config: &Config) -> anyhow::Result<App> {
    let (hashing, challenges) = (hashing(config.password_checks), config.password_work);
    let (opened, origin) = (config.clone(), config.base_url());
    let app = tokio::task::spawn_blocking(move || boot::open(&opened)).await;
    let app = app.context("start-up")??;
    app.open_instance().await?;
    log::keep(config, &app)?;
    app.set_hashing(hashing);
    app.set_challenges(challenges);
    app.set_passkey_origin(&origin);
    Ok(app)
}

/// What one server alone can have: its addresses, and its SQLite files until this is dropped.
pub struct Claim {
    doors: net::Doors,
    folder: Option<File>,
    providers: Providers,
}

/// Takes what one server alone can have, before anything is written or printed: a start that fails
/// must not end the links and tokens of the server that runs.
///
/// Errors: providers or a certificate that cannot be read; an address in use; another server on the data
/// folder; a folder that lacks a part.
pub fn claim(config: &Config) -> anyhow::Result<Claim> {
    let providers = Providers::read(config).map_err(anyhow::Error::msg)?;
    data_folder::require_whole(config)?;
    mail::require_files(config)?;
    let doors = net::open(config)?;
    let folder = data_folder::hold(config)?;
    Ok(Claim { doors, folder, providers })
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
    let server = Server::new(app, Arc::clone(&config), claim.providers);
    begin_ledger(&server.app, &config).await?;
    let jobs = Jobs::start(&server.app, &config, server.memory.jobs.clone())?;
    let handle: Handle<SocketAddr> = Handle::new();
    // Before anybody hears that the server is there: who hears it may stop it at once.
    let stop = StopSignals::catch()?.stop(handle.clone(), server.memory.stopping.clone());
    let in_a_hurry = tokio::spawn(stop);
    data_folder::keep_address(&config)?;
    for complaint in &claim.doors.complaints {
        warn(complaint);
    }
    ready();
    let look = tokio::spawn(warn_of_missing_keys(server.app.clone(), Arc::clone(&config)));
    let counting = tokio::spawn(settle_refusals(server.clone()));
    let served = net::serve(claim.doors, router(server.clone()), handle).await;
    look.abort();
    counting.abort();
    server.memory.refusals.close();
    tokio::select! {
        () = jobs.stop() => {}
        _ = in_a_hurry => {}
    }
    drop(claim.folder);
    served
}

/// Before anything is signed: who the witnesses are, and whether an older state was put back.
async fn begin_ledger(app: &App, config: &Config) -> anyhow::Result<()> {
    let witnesses = Witnesses::open(&config.witness, config.witness_ca.as_deref())?;
    witnesses.announce(app).await?;
    if let Err(error) = Anchors::of(&config.anchor).compare_all(app).await {
        warn(&format!("The ledger was not compared with all anchors: {error:#}"));
    }
    if let Some(halt) = app.read_directory(app.new_request(), find_halt).await? {
        warn(&format!("The ledger signs nothing: {halt}."));
    }
    Ok(())
}

/// Looks beside the first requests, so that a start with many workspaces is not slowed down.
async fn warn_of_missing_keys(app: App, config: Arc<Config>) {
    match app.find_missing_keys().await {
        Ok(missing) if missing.is_empty() => {}
        Ok(missing) => warn(&about_missing_keys(&missing, &config)),
        Err(error) => tracing::warn!(%error, "it was not looked whether keys are missing"),
    }
}

/// Tells of refusals that were counted and not written down, also where no further one comes.
async fn settle_refusals(server: Server) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.memory.refusals.settle(server.app.clock().now());
    }
}

/// The most workspaces that a warning names.
const MOST_NAMED: usize = 20;

fn about_missing_keys(missing: &MissingKeys, config: &Config) -> String {
    let ids = missing.workspaces.iter().take(MOST_NAMED).map(ToString::to_string);
    let mut ids: Vec<_> = ids.collect();
    if missing.workspaces.len() > MOST_NAMED {
        ids.push("…".to_owned());
    }
    let [first, second] = boot::keyring_folders(config);
    format!(
        "The keyring is older than the databases: it lacks keys of {} ({}), and of {} of those who \
         sign in. What was sealed with them cannot be read. Stop the server and put the newer keyring \
         back, into {} or {}.",
        counted(missing.workspaces.len(), "workspace"),
        ids.join(", "),
        missing.people.len(),
        first.display(),
        second.display()
    )
}

/// What tells the server to stop.
pub(super) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// From now on the signals no longer end the process at once.
    pub(super) fn catch() -> anyhow::Result<Self> {
        let interrupt = signal(SignalKind::interrupt()).context("no signal handler")?;
        let terminate = signal(SignalKind::terminate()).context("no signal handler")?;
        Ok(Self { interrupt, terminate })
    }

    /// Lets running requests finish after the first signal; waits for nobody after the second.
    pub(super) async fn stop(mut self, handle: Handle<SocketAddr>, stopping: watch::Sender<bool>) {
        self.next().await;
        tracing::info!("stopping");
        stopping.send_replace(true);
        handle.graceful_shutdown(Some(GRACE));
        self.next().await;
        tracing::info!("stopping at once");
        handle.shutdown();
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// An open workspace takes three files; the usual limit of 1,024 is soon reached.
fn raise_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(65_536) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}
