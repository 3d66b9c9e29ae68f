//! A schema, and the pool of lines all schemas share.
//!
//! Writes begin optimistically, a few of a schema beside each other: many would lose against each
//! other, and one busy workspace would take all lines. One that loses a few times runs alone in its
//! schema: it locks a table that every write locks weakly, before its snapshot is taken. So every
//! write gets through, however many there are at once.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    address::Address,
    ear::Ear,
    line::{Found, Line, Mode, Trace, no_room},
};
use crate::{
    StoreError, Tx,
    job::{Job, Verdict},
};

/// Writes of one schema at once. More of them lose against each other: with 24 beside each other,
/// writing entries of one member, every fifth try was in vain, with four every twelfth.
const WRITERS: usize = 4;

/// Tries beside other writes of the schema, before one alone.
const TRIES_TOGETHER: u32 = 4;

/// How often a transaction that lost against another is run again, in all.
const RETRIES: u32 = 8;

/// How often, and how far apart, a new line asks what became of a commit whose line broke.
const LOOKS: u32 = 30;
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How long a line is waited for where the server has no room for another one: less than a caller
/// waits for its answer.
const FOR_ROOM: Duration = Duration::from_secs(20);

/// How often the server is asked again meanwhile: others may have given a line back.
const ASK_FOR_ROOM: Duration = Duration::from_millis(200);

/// Lines to the server, opened when needed; bounds the blocking threads that use them.
pub(crate) struct Pool {
    address: Address,
    idle: Mutex<Idle>,
    /// A line was given back.
    freed: Condvar,
    permits: Arc<Semaphore>,
}

/// Lines that nobody uses now; the last one given back is taken first.
#[derive(Default)]
struct Idle {
    lines: Vec<Line>,
    /// How many were not taken since the last [`Pool::close_unused`]: the first ones.
    unused: usize,
}

impl Idle {
    fn pop(&mut self) -> Option<Line> {
        let line = self.lines.pop();
        self.unused = self.unused.min(self.lines.len());
        line
    }
}

pub(crate) struct Database {
    schema: String,
    pool: Arc<Pool>,
    /// One for each write that may run at once.
    writers: Arc<Semaphore>,
}

async fn permit(semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
    let permit = Arc::clone(semaphore).acquire_owned().await;
    permit.map_err(|_| StoreError::Unavailable("the store is closing".to_owned()))
}

impl Pool {
    pub(crate) fn new(address: Address, lines: usize) -> Self {
        let permits = Arc::new(Semaphore::new(lines));
        Self { address, idle: Mutex::default(), freed: Condvar::new(), permits }
    }

    /// Waits until a line may be used. Held for as long as it is used.
    pub(crate) async fn permit(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        permit(&self.permits).await
    }

    /// A line beside the pool that hears what other nodes say.
    pub(crate) fn listen(&self, channel: &str) -> Result<Ear, StoreError> {
        Ear::open(&self.address, channel)
    }

    /// Closes the lines that nobody needed since the last call.
    pub(crate) fn close_unused(&self) {
        let mut idle = self.idle();
        let unused = idle.unused;
        let closed: Vec<Line> = idle.lines.drain(..unused).collect();
        idle.unused = idle.lines.len();
        drop(idle);
        close(closed);
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` with a line, which is kept for the next one unless it was lost. Whoever calls it
    /// holds a permit, or is alone (the start).
    pub(crate) fn with_line<T>(
        &self,
        work: impl FnOnce(&mut Line) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut line = self.take()?;
        let result = work(&mut line);
        self.give_back(line);
        result
    }

    /// A line that is idle, or a new one; where the server has no room for one, whichever comes first.
    fn take(&self) -> Result<Line, StoreError> {
        let began = Instant::now();
        loop {
            if let Some(line) = self.take_idle() {
                return Ok(line);
            }
            if let Some(line) = Line::connect_where_there_is_room(&self.address)? {
                return Ok(line);
            }
            if began.elapsed() >= FOR_ROOM {
                return Err(no_room());
            }
            let waited = self
                .freed
                .wait_timeout_while(self.idle(), ASK_FOR_ROOM, |idle| idle.lines.is_empty());
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn take_idle(&self) -> Option<Line> {
        loop {
            // The lock is free again before a line is closed.
            let line = self.idle().pop()?;
            if line.is_usable() {
                return Some(line);
            }
        }
    }

    /// Keeps a line for the next one. When it was lost, the idle ones probably are too: a server that
    /// was started again has closed them all.
    fn give_back(&self, line: Line) {
        if line.is_lost() {
            let idle = std::mem::take(&mut *self.idle());
            drop(idle);
        } else if line.is_usable() {
            self.idle().lines.push(line);
            self.freed.notify_one();
        }
    }

    /// Whether a transaction was committed, asked on new lines until one knows.
    fn look_up(&self, trace: Option<&Trace>) -> Result<bool, StoreError> {
        let unknown = |why: &str| StoreError::OutcomeUnknown(why.to_owned());
        let trace = trace.ok_or_else(|| unknown("no transaction id"))?;
        let mut why = String::new();
        for _ in 0..LOOKS {
            match Line::connect(&self.address).and_then(|mut line| line.find(trace)) {
                Ok(Found::Committed) => return Ok(true),
                Ok(Found::Aborted) => return Ok(false),
                Ok(Found::Forgotten(why)) => return Err(unknown(why)),
                Ok(Found::Open) => "the server still has it open".clone_into(&mut why),
                Err(error) => why = error.to_string(),
            }
            std::thread::park_timeout(LOOK_AGAIN);
        }
        Err(unknown(&why))
    }
}

/// The driver closes a line by blocking on its own runtime, which panics inside another one: the
/// lines are closed on a thread of their own.
fn close(lines: Vec<Line>) {
    if !lines.is_empty() {
        drop(std::thread::spawn(move || drop(lines)));
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let idle = std::mem::take(&mut *self.idle());
        close(idle.lines);
    }
}

impl Database {
    pub(crate) fn new(schema: String, pool: Arc<Pool>) -> Self {
        Self { schema, pool, writers: Arc::new(Semaphore::new(WRITERS)) }
    }

    /// Runs a job that writes, as soon as it is its turn.
    pub(crate) async fn write(self: &Arc<Self>, job: Box<dyn Job>) {
        self.run(Mode::Write, job).await;
    }

    /// Runs a job that reads, as soon as there is a line for it.
    pub(crate) async fn read(self: &Arc<Self>, job: Box<dyn Job>) {
        self.run(Mode::Read, job).await;
    }

    async fn run(self: &Arc<Self>, mode: Mode, job: Box<dyn Job>) {
        let held = match self.turn(mode).await {
            Ok(held) => held,
            Err(error) => return job.answer(Err(error)),
        };
        let database = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let _held = held;
            database.run_blocking(mode, job);
        });
    }

    /// Waits for what a transaction needs. A writer's turn comes first: who waits for it must not
    /// keep a line from other workspaces.
    async fn turn(&self, mode: Mode) -> Result<Turn, StoreError> {
        let writer = match mode {
            Mode::Read => None,
            Mode::Write | Mode::WriteAlone => Some(permit(&self.writers).await?),
        };
        Ok(Turn { _writer: writer, _line: self.pool.permit().await? })
    }

    /// Tries until the transaction commits, is refused, or has lost too often.
    fn run_blocking(&self, mode: Mode, mut job: Box<dyn Job>) {
        let mut attempt = 0;
        let mut was_lost = false;
        let outcome = loop {
            let mut line = match self.pool.take() {
                Ok(line) => line,
                Err(error) => break Err(error),
            };
            let mode = match mode {
                Mode::Write if attempt >= TRIES_TOGETHER => Mode::WriteAlone,
                mode => mode,
            };
            let outcome = self.attempt(&mut line, mode, &mut *job);
            let lost = line.is_lost();
            self.pool.give_back(line);
            match outcome {
                Outcome::Answered => break Ok(()),
                Outcome::Failed(e) if e.is_retryable() && attempt < RETRIES => {
                    attempt += 1;
                    std::thread::park_timeout(Duration::from_micros(200 << attempt));
                }
                // A line the server had closed is replaced; once is enough to tell.
                Outcome::Failed(StoreError::Unavailable(_)) if lost && !was_lost => was_lost = true,
                Outcome::Failed(error) => break Err(exhausted(error)),
            }
        };
        job.answer(outcome);
    }

    fn attempt(&self, line: &mut Line, mode: Mode, job: &mut dyn Job) -> Outcome {
        if !job.is_wanted() {
            return Outcome::Failed(given_up());
        }
        let trace = match line.begin(&self.schema, mode) {
            Ok(trace) => trace,
            Err(error) => return self.abandon(line, Some(error)),
        };
        if let Verdict::Discard(error) = job.run(&mut Tx::postgres(line)) {
            return self.abandon(line, error);
        }
        if !job.is_wanted() {
            return self.abandon(line, Some(given_up()));
        }
        match line.batch("COMMIT") {
            Ok(()) => Outcome::Answered,
            Err(error) if line.is_lost() && mode != Mode::Read => {
                match self.pool.look_up(trace.as_ref()) {
                    Ok(true) => Outcome::Answered,
                    Ok(false) => Outcome::Failed(error),
                    Err(unknown) => Outcome::Failed(unknown),
                }
            }
            // A COMMIT that was refused has rolled back.
            Err(error) => Outcome::Failed(error),
        }
    }

    /// Rolls back. What the operation itself refused is its answer.
    fn abandon(&self, line: &mut Line, error: Option<StoreError>) -> Outcome {
        if !line.is_lost() && line.batch("ROLLBACK").is_err() {
            tracing::warn!(schema = self.schema, "rollback failed, the line will be closed");
        }
        error.map_or(Outcome::Answered, Outcome::Failed)
    }
}

/// What a transaction holds while it runs.
struct Turn {
    _writer: Option<OwnedSemaphorePermit>,
    _line: OwnedSemaphorePermit,
}

enum Outcome {
    /// The job has its answer: its value is committed, or it refused.
    Answered,
    Failed(StoreError),
}

/// Nobody hears this: the caller waited as long as it may.
fn given_up() -> StoreError {
    StoreError::OutcomeUnknown("the caller had gone before it was begun".to_owned())
}

/// A conflict that never cleared is shown as what it is to the caller: not available now.
fn exhausted(error: StoreError) -> StoreError {
    match error {
        StoreError::Conflict(detail) => {
            StoreError::Unavailable(format!("lost every try: {detail}"))
        }
        error => error,
    }
}
