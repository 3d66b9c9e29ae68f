//! A schema, and the pool of lines all schemas share.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Semaphore;

use super::line::{Line, Mode};
use crate::{Failure, StoreError, Tx};

/// How often a transaction that lost against another is run again.
const RETRIES: u32 = 12;

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
        Self {
            url,
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(lines)),
        }
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
            let idle = self
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop();
            match idle {
                Some(line) if line.is_usable() => return Ok(line),
                Some(_) => {}
                None => return Line::connect(&self.url),
            }
        }
    }

    fn give_back(&self, line: Line) {
        if line.is_usable() {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        }
    }

    /// Whether the transaction `id` was committed, asked on a new line.
    fn look_up(&self, id: Option<&str>) -> Result<bool, StoreError> {
        let unknown = |why: &str| StoreError::OutcomeUnknown(why.to_owned());
        let id = id.ok_or_else(|| unknown("no transaction id"))?;
        let question = format!("SELECT pg_xact_status('{id}'::xid8)");
        let answer = Line::connect(&self.url)
            .and_then(|mut line| line.ask(&question))
            .map_err(|e| unknown(&e.to_string()))?;
        match answer.first().map(String::as_str) {
            Some("committed") => Ok(true),
            Some("aborted") => Ok(false),
            _ => Err(unknown(
                "the server still has the transaction open, or has forgotten it",
            )),
        }
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
        loop {
            let mut line = self.pool.take()?;
            let result = self.attempt(&mut line, mode, work);
            let lost = line.is_lost();
            self.pool.give_back(line);
            match result {
                Outcome::Done(value) => return Ok(value),
                Outcome::Refused(error) => {
                    let again = error.store_error().is_some_and(|e| {
                        e.is_retryable() || (lost && matches!(e, StoreError::Unavailable(_)))
                    });
                    if !again || attempt == RETRIES {
                        return Err(exhausted(error));
                    }
                    // A line the server had closed is replaced; once is enough to tell.
                    attempt = if lost { RETRIES } else { attempt + 1 };
                    std::thread::park_timeout(Duration::from_micros(200 << attempt.min(7)));
                }
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
        let result = match (result, tx.failed()) {
            (Ok(_), Some(error)) => Err(error.into()),
            (result, _) => result,
        };
        let value = match result {
            Ok(value) => value,
            Err(error) => return self.abandon(line, error),
        };
        match line.batch("COMMIT") {
            Ok(()) => Outcome::Done(value),
            Err(error) if line.is_lost() && mode == Mode::Write => {
                match self.pool.look_up(id.as_deref()) {
                    Ok(true) => Outcome::Done(value),
                    Ok(false) => Outcome::Refused(error.into()),
                    Err(unknown) => Outcome::Refused(unknown.into()),
                }
            }
            Err(error) => self.abandon(line, error.into()),
        }
    }

    fn abandon<T, E>(&self, line: &mut Line, error: E) -> Outcome<T, E> {
        if !line.is_lost() && line.batch("ROLLBACK").is_err() {
            tracing::warn!(
                schema = self.schema,
                "rollback failed, the line will be closed"
            );
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
