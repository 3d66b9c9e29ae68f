//! What the server does by itself, while it serves: mail, sweeps, the relay, the trash, the ledger and its
//! witnesses.
//!
//! Each job has a task of its own, so that a slow mail server holds nothing else up. A task looks at
//! the wall clock at least once a second; a clock that was set is met by the next look. Where there
//! are several nodes, a lease lets one of them hold each job, and each job may still run twice
//! without harm. What became of the last run is on the [`Board`] and, when it failed, in the log.

mod board;
mod job;
mod mail;
mod nodes;

use std::{path::PathBuf, sync::Arc, time::Duration};

use app::{
    App,
    jobs::{acquire_lease, release_leases},
    live::Change,
};
use jiff::Timestamp;
use tokio::{
    sync::{broadcast, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use uuid::Uuid;

use crate::{
    config::Config,
    ledger::{anchors::Anchors, witnesses::Witnesses},
    log,
    mail::{MailFolder, Mailer},
};
pub use board::{Board, Report};
use job::Job;

/// How often a task looks at the clock.
pub(crate) const TICK: Duration = Duration::from_secs(1);

/// A file that nobody used for so long, at least, is closed.
const UNUSED_FOR: Duration = Duration::from_secs(30);

/// How long a job may go on once the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// The running jobs.
pub struct Jobs {
    app: App,
    holder: Uuid,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Jobs {
    /// Starts every job; what becomes of them goes on the board.
    ///
    /// Errors: mail settings that cannot work.
    pub fn start(app: &App, config: &Config, board: Board) -> anyhow::Result<Self> {
        let folder = Arc::new(MailFolder::below(config.data()));
        let worker = Worker {
            app: app.clone(),
            mailer: Arc::new(Mailer::open(config, &folder)?),
            folder,
            logs: log::folder(config),
            base_url: config.base_url(),
            authority: config.authority(),
            anchors: Anchors::of(&config.anchor),
            holder: app.new_request().uuid(),
            board,
        };
        let witnesses = Witnesses::open(&config.witness, config.witness_ca.as_deref())?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for job in Job::ALL {
            tasks.spawn(worker.clone().work(job, stopped.clone()));
        }
        tasks.spawn(nodes::tell(app.clone(), worker.holder, stopped.clone()));
        tasks.spawn(nodes::hear(app.clone(), worker.holder, stopped.clone()));
        for witness in witnesses.tasks(app, &stopped) {
            tasks.spawn(witness);
        }
        tasks.spawn(close_unused(app.clone(), stopped));
        Ok(Self { app: app.clone(), holder: worker.holder, stop, tasks })
    }

    /// Lets running jobs finish, for a moment, and gives their leases back.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let ended = timeout(GRACE, async { while self.tasks.join_next().await.is_some() {} });
        if ended.await.is_err() {
            tracing::warn!("a job is still running; the next start goes on with it");
            self.tasks.shutdown().await;
        }
        let holder = self.holder;
        let released = self
            .app
            .write_directory(self.app.new_request(), move |op| release_leases(op, holder))
            .await;
        if let Err(error) = released {
            tracing::warn!(%error, "leases were not given back; they run out by themselves");
        }
    }
}

/// What a job works with.
#[derive(Clone)]
struct Worker {
    app: App,
    mailer: Arc<Mailer>,
    folder: Arc<MailFolder>,
    /// The folder of the log files, where there are any.
    logs: Option<PathBuf>,
    /// For letters about what the server does by itself.
    base_url: String,
    /// What new logs are named after.
    authority: String,
    anchors: Anchors,
    holder: Uuid,
    board: Board,
}

impl Worker {
    /// Runs a job whenever it is due, until the server stops.
    async fn work(self, job: Job, mut stop: watch::Receiver<bool>) {
        let mut changes = job.is_woken().then(|| self.app.live().listen());
        self.board.expect(job, self.now() + job.first_after());
        while !*stop.borrow_and_update() {
            if self.board.is_due(job, self.now()) {
                let started = self.now();
                let outcome = self.run(job).await;
                self.board.note(job, started, self.now(), outcome);
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = sleep(TICK) => {}
                () = woken(&mut changes) => self.board.expect(job, self.now()),
            }
        }
    }

    /// Runs a job once, if it has anything to do and no other node holds it.
    async fn run(&self, job: Job) -> anyhow::Result<usize> {
        if !job.has_work(&self.app).await? {
            return Ok(0);
        }
        if let Some(for_s) = job.lease_s() {
            let (name, holder) = (job.name(), self.holder);
            let held = self
                .app
                .write_directory(self.app.new_request(), move |op| {
                    acquire_lease(op, name, holder, for_s)
                })
                .await?;
            if !held {
                return Ok(0);
            }
        }
        match job {
            Job::Mail => mail::deliver(&self.app, &self.mailer).await,
            Job::MailFolder => mail::empty(Arc::clone(&self.folder), self.now()).await,
            Job::Logs => self.remove_old_logs().await,
            Job::Directory => self.tidy_directory().await,
            Job::Ledger => Ok(self.app.sequence_ledgers(&self.authority).await?),
            Job::InstanceLog => Ok(self.app.sequence_instance_log(&self.authority).await?),
            Job::Anchors => self.anchors.attend(&self.app).await,
            Job::Anomalies => Ok(self.app.watch_activity(&self.base_url).await?),
            _ => Ok(job.run(&self.app).await?),
        }
    }

    async fn remove_old_logs(&self) -> anyhow::Result<usize> {
        let Some(folder) = self.logs.clone() else { return Ok(0) };
        let now = self.now();
        Ok(tokio::task::spawn_blocking(move || log::remove_old(&folder, now)).await??)
    }

    /// Resets that cannot be carried out keep nothing else waiting.
    async fn tidy_directory(&self) -> anyhow::Result<usize> {
        let resets = self.app.run_due_resets(&self.base_url).await;
        let ended = Job::Directory.run(&self.app).await?;
        Ok(ended + resets?)
    }

    fn now(&self) -> Timestamp {
        self.app.clock().now()
    }
}

/// Closes the files of workspaces that nobody looked into for a while, so that memory is that of who
/// is at work. This process's own, so it needs no lease and no clock.
async fn close_unused(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow_and_update() {
        tokio::select! {
            _ = stop.changed() => {}
            () = sleep(UNUSED_FOR) => {
                let store = Arc::clone(app.store());
                if tokio::task::spawn_blocking(move || store.close_unused()).await.is_err() {
                    tracing::warn!("closing files panicked");
                }
            }
        }
    }
}

/// Waits until there may be mail to send; for ever where nobody listens.
async fn woken(changes: &mut Option<broadcast::Receiver<Change>>) {
    if let Some(changes) = changes {
        loop {
            match changes.recv().await {
                Ok(Change::Outbox) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Closed) => break,
            }
        }
    }
    std::future::pending::<()>().await;
}
