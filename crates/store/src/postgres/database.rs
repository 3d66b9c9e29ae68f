//! A schema, and the pool of lines all schemas share.
//!
//! Writes begin optimistically, beside each other. One that loses a few times runs alone in its
//! schema: it locks a table that every write locks weakly, before its snapshot is taken. So every
//! write gets through, however many there are at once.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    address::Address,
    line::{Line, Mode},
};
use crate::{Failure, StoreError, Tx};

/// Tries beside other writes of the schema, before one alone.
const TRIES_TOGETHER: u32 = 4;

/// How often a transaction that lost against another is run again, in all.
const RETRIES: u32 = 8;

/// How often, and how far apart, a new line asks what became of a commit whose line broke.
const LOOKS: u32 = 30;
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Lines to the server, opened when needed; bounds the blocking threads that use them.
pub(crate) struct Pool {
    address: Address,
    idle: Mutex<Idle>,
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
}

impl Pool {
    pub(crate) fn new(address: Address, lines: usize) -> Self {
        Self { address, idle: Mutex::default(), permits: Arc::new(Semaphore::new(lines)) }
    }

    /// Waits until a line may be used. Held for as long as it is used.
    pub(crate) async fn permit(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        permit.map_err(|_| StoreError::Unavailable("the store is closing".to_owned()))
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

    fn take(&self) -> Result<Line, StoreError> {
        loop {
            let idle = self.idle().pop();
            match idle {
                Some(line) if line.is_usable() => return Ok(line),
                Some(_) => {}
                None => return Line::connect(&self.address),
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
        }
    }

    /// Whether the transaction `id` was committed, asked on new lines until one knows.
    fn look_up(&self, id: Option<&str>) -> Result<bool, StoreError> {
        let unknown = |why: String| StoreError::OutcomeUnknown(why);
        let id = id.ok_or_else(|| unknown("no transaction id".to_owned()))?;
        let question = format!("SELECT pg_xact_status('{id}'::xid8)");
        let mut why = String::new();
        for _ in 0..LOOKS {
            let answer = Line::connect(&self.address).and_then(|mut line| line.ask(&question));
            match answer.as_ref().map(|rows| rows.first().map(String::as_str)) {
                Ok(Some("committed")) => return Ok(true),
                Ok(Some("aborted")) => return Ok(false),
                // Its backend has not noticed yet.
                Ok(Some(_)) => "the server still has the transaction open".clone_into(&mut why),
                Ok(None) => return Err(unknown("the server has forgotten it".to_owned())),
                Err(error) => why = error.to_string(),
            }
            std::thread::park_timeout(LOOK_AGAIN);
        }
        Err(unknown(why))
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
        Self { schema, pool }
    }

    pub(crate) async fn write<T, E, F>(self: &Arc<Self>, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.run(Mode::Write, work).await
    }

    pub(crate) async fn read<T, E, F>(self: &Arc<Self>, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.run(Mode::Read, work).await
    }

    async fn run<T, E, F>(self: &Arc<Self>, mode: Mode, mut work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let permit = self.pool.permit().await?;
        let database = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            database.run_blocking(mode, &mut work)
        })
        .await
        .unwrap_or_else(|_| Err(StoreError::Bug("a transaction panicked".to_owned()).into()))
    }

    /// Tries until the transaction commits, is refused, or has lost too often.
    fn run_blocking<T, E: Failure>(
        &self,
        mode: Mode,
        work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut attempt = 0;
        let mut was_lost = false;
        loop {
            let mut line = self.pool.take()?;
            let mode = match mode {
                Mode::Write if attempt >= TRIES_TOGETHER => Mode::WriteAlone,
                mode => mode,
            };
            let result = self.attempt(&mut line, mode, work);
            let lost = line.is_lost();
            self.pool.give_back(line);
            let error = match result {
                Outcome::Done(value) => return Ok(value),
                Outcome::Refused(error) => error,
            };
            match error.store_error() {
                Some(e) if e.is_retryable() && attempt < RETRIES => {
                    attempt += 1;
                    std::thread::park_timeout(Duration::from_micros(200 << attempt));
                }
                // A line the server had closed is replaced; once is enough to tell.
                Some(StoreError::Unavailable(_)) if lost && !was_lost => was_lost = true,
                _ => return Err(exhausted(error)),
            }
        }
    }

    fn attempt<T, E: Failure>(
        &self,
        line: &mut Line,
        mode: Mode,
        work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Outcome<T, E> {
        let id = match line.begin(&self.schema, mode) {
            Ok(id) => id,
            Err(error) => return self.abandon(line, error.into()),
        };
        let mut tx = Tx::postgres(line);
        let result = catch_unwind(AssertUnwindSafe(|| work(&mut tx)))
            .unwrap_or_else(|_| Err(StoreError::Bug("an operation panicked".to_owned()).into()));
        let value = match tx.judged(result) {
            Ok(value) => value,
            Err(error) => return self.abandon(line, error),
        };
        match line.batch("COMMIT") {
            Ok(()) => Outcome::Done(value),
            Err(error) if line.is_lost() && mode != Mode::Read => {
                match self.pool.look_up(id.as_deref()) {
                    Ok(true) => Outcome::Done(value),
                    Ok(false) => Outcome::Refused(error.into()),
                    Err(unknown) => Outcome::Refused(unknown.into()),
                }
            }
            // A COMMIT that was refused has rolled back.
            Err(error) => Outcome::Refused(error.into()),
        }
    }

    fn abandon<T, E>(&self, line: &mut Line, error: E) -> Outcome<T, E> {
        if !line.is_lost() && line.batch("ROLLBACK").is_err() {
            tracing::warn!(schema = self.schema, "rollback failed, the line will be closed");
        }
        Outcome::Refused(error)
    }
}

enum Outcome<T, E> {
    Done(T),
    Refused(E),
}

/// A conflict that never cleared is shown as what it is to the caller: not available now.
fn exhausted<E: Failure>(error: E) -> E {
    match error.store_error() {
        Some(StoreError::Conflict(detail)) => {
            StoreError::Unavailable(format!("lost every try: {detail}")).into()
        }
        _ => error,
    }
}
