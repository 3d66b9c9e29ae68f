//! The log: lines of JSON on the terminal, and in files of the program's own.
//!
//! Everything that is logged comes through here, also the words of foreign crates and of panics. A
//! [`line`] keeps the fields it knows and leaves the others out; [`scrub`] takes out of every value what
//! looks like a secret, whatever it was called. Then the line goes to the terminal, as far as `--log` asks
//! for it, and into a file of its day ([`files`]): what is about security, by [`SECURITY`], into one that
//! is kept for longer, whatever `--log` says.
//!
//! The log must never be in the way: what it cannot write is told on the terminal, and forgotten.

mod files;
mod line;
mod scrub;

use std::{
    hash::{BuildHasher, RandomState},
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError, RwLock},
};

use anyhow::Context;
use app::{App, clock::Clock, security::AddressHash};
use domain::ids::RequestId;
use jiff::Timestamp;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::{Context as LayerContext, SubscriberExt},
    util::SubscriberInitExt,
};

pub(crate) use files::remove_old;
use files::{Files, Kind, Written};
use line::Line;
use scrub::Scrubber;

use crate::{config::Config, system::SystemClock};

/// The target of lines about security.
pub(crate) use app::security::TARGET as SECURITY;

/// Where the files lie, unless the configuration says otherwise.
pub(crate) const FOLDER: &str = "logs";

/// What the configuration says instead of a folder, to have none.
pub(crate) const OFF: &str = "off";

tokio::task_local! {
    /// The request that a task works for.
    pub(crate) static REQUEST: RequestId;
}

/// The log of this process, once it was started.
static LOG: OnceLock<Arc<Log>> = OnceLock::new();

/// Starts the log, on the terminal alone.
///
/// Errors: a level that is none; a log that was started before.
pub(crate) fn start(config: &Config) -> anyhow::Result<()> {
    let level = &config.log;
    let filter: Targets = level.parse().with_context(|| format!("--log {level} is not a level"))?;
    let log =
        Arc::new(Log::new(filter.clone(), Arc::new(SystemClock), Box::new(std::io::stderr())));
    let all = filter.with_target(SECURITY, LevelFilter::INFO);
    let layers = tracing_subscriber::registry().with(all).with(Lines(Arc::clone(&log)));
    layers.try_init().map_err(|error| anyhow::anyhow!("the log: {error}"))?;
    drop(LOG.set(log));
    Ok(())
}

/// From now on lines are kept in files too, and addresses are hashed with a key of the instance; where the
/// log was started.
///
/// Errors: a key that is not there.
pub(crate) fn keep(config: &Config, app: &App) -> anyhow::Result<()> {
    let Some(log) = LOG.get() else { return Ok(()) };
    log.keep(folder(config).as_deref(), app.address_hash()?);
    tracing::info!(target: SECURITY, command = config.command, "the data was opened");
    Ok(())
}

/// The folder of the files; none where there are to be none.
pub(crate) fn folder(config: &Config) -> Option<PathBuf> {
    match &config.log_files {
        Some(folder) if folder == Path::new(OFF) => None,
        Some(folder) => Some(folder.clone()),
        None => Some(config.data().join(FOLDER)),
    }
}

/// Puts what happens on a request into its lines.
pub(crate) async fn of_request<T>(request: RequestId, work: impl Future<Output = T>) -> T {
    REQUEST.scope(request, work).await
}

/// Where lines go.
struct Log {
    /// What goes to the terminal.
    filter: Targets,
    clock: Arc<dyn Clock>,
    scrubber: RwLock<Arc<Scrubber>>,
    files: OnceLock<Files>,
    terminal: Mutex<Box<dyn Write + Send>>,
}

impl Log {
    /// On the terminal alone. Addresses are hashed with a key that nobody knows.
    fn new(filter: Targets, clock: Arc<dyn Clock>, terminal: Box<dyn Write + Send>) -> Self {
        let key = RandomState::new();
        let scrubber = Scrubber::new(Box::new(move |address| key.hash_one(address)));
        Self {
            filter,
            clock,
            scrubber: RwLock::new(Arc::new(scrubber)),
            files: OnceLock::new(),
            terminal: Mutex::new(terminal),
        }
    }

    fn keep(&self, folder: Option<&Path>, hash: AddressHash) {
        *self.scrubber.write().unwrap_or_else(PoisonError::into_inner) =
            Arc::new(Scrubber::new(hash));
        if let Some(folder) = folder {
            self.files.get_or_init(|| Files::below(folder));
        }
    }

    fn take(&self, event: &Event) {
        let at = self.clock.now();
        let scrubber = Arc::clone(&self.scrubber.read().unwrap_or_else(PoisonError::into_inner));
        let line = Line::of(event, at, REQUEST.try_with(|request| *request).ok(), &scrubber);
        let (target, level) = (line.target(), line.level());
        let text = line.render();
        let is_security = target == SECURITY;
        let kind = if is_security { Kind::Security } else { Kind::App };
        let is_kept = self.write_file(kind, at, &text, &scrubber);
        // What was done well and is kept in a file is no news for the terminal.
        let is_asked_for = self.filter.would_enable(&target, &level);
        if (is_asked_for && !is_security) || level <= Level::WARN || !is_kept {
            self.show(&text);
        }
    }

    /// Whether the line is in its file.
    fn write_file(&self, kind: Kind, at: Timestamp, text: &str, scrubber: &Scrubber) -> bool {
        let Some(files) = self.files.get() else { return false };
        let say = |message: &str| {
            let folder = files.folder().display().to_string();
            self.show(&Line::ours(at, message, &folder, scrubber).render());
        };
        match files.write(kind, at, text) {
            Written::Yes => true,
            Written::Again(missed) => {
                say(&format!(
                    "the log files are written again; lines that are not there: {missed}"
                ));
                true
            }
            Written::NoMore(error) => {
                say(&format!("the log files cannot be written; all goes on without them: {error}"));
                false
            }
            Written::Not => false,
        }
    }

    fn show(&self, text: &str) {
        let mut terminal = self.terminal.lock().unwrap_or_else(PoisonError::into_inner);
        // One write, and nobody to tell when there is no terminal any more.
        drop(terminal.write_all(format!("{text}\n").as_bytes()));
    }
}

/// Hands what is logged to the log.
struct Lines(Arc<Log>);

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: LayerContext<'_, S>) {
        self.0.take(event);
    }
}

#[cfg(test)]
mod tests;
