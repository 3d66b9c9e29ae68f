//! A schema, and the pool of lines all schemas share.
//!
//! Writes begin optimistically, beside each other. One that loses a few times runs alone in its
//! schema: it locks a table that every write locks weakly, before its snapshot is taken. So every
//! write gets through, however many there are at once.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Semaphore;

use super::line::{Line, Mode};
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
    url: String,
    idle: Mutex<Vec<Line>>,
    permits: Arc<Semaphore>,
}

pub(crate) struct Database {
    schema: String,
    pool: Arc<Pool>,
}

impl Pool {
    pub(crate) fn new(url: String, lines: usize) -> Self {
        Self { url, idle: Mutex::default(), permits: Arc::new(Semaphore::new(lines)) }
    }

    /// Runs `work` with a line, which is kept for the next one unless it was lost.
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
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match idle {
                Some(line) if line.is_usable() => return Ok(line),
                Some(_) => {}
                None => return Line::connect(&self.url),
            }
        }
    }

    /// Keeps a line for the next one. When it was lost, the idle ones probably are too: a server that
    /// was started again has closed them all.
    fn give_back(&self, line: Line) {
        if line.is_lost() {
            let idle =
                std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
            drop(idle);
        } else if line.is_usable() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }

    /// Whether the transaction `id` was committed, asked on new lines until one knows.
    fn look_up(&self, id: Option<&str>) -> Result<bool, StoreError> {
        let unknown = |why: String| StoreError::OutcomeUnknown(why);
        let id = id.ok_or_else(|| unknown("no transaction id".to_owned()))?;
        let question = format!("SELECT pg_xact_status('{id}'::xid8)");
        let mut why = String::new();
        for _ in 0..LOOKS {
            let answer = Line::connect(&self.url).and_then(|mut line| line.ask(&question));
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
impl Drop for Pool {
    fn drop(&mut self) {
        let lines = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        if !lines.is_empty() {
            drop(std::thread::spawn(move || drop(lines)));
        }
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
        let permit = Arc::clone(&self.pool.permits)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Unavailable("the store is closing".to_owned()))?;
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
