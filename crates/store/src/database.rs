//! One database: the directory, or a workspace.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::{Failure, StoreError, Tx, job::job, postgres, sqlite};

/// How long a caller waits for a turn, and then for PostgreSQL's answer. A statement is ended by the
/// server after 20 s; a server that hangs ends nothing, and its callers must hear so.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

const SILENT: &str = "PostgreSQL did not answer in time";

/// A handle on one database; cheap to clone.
#[derive(Clone)]
pub struct Database {
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    Sqlite(Arc<sqlite::Database>),
    Postgres(Arc<postgres::Database>),
}

impl Database {
    pub(crate) fn sqlite(database: Arc<sqlite::Database>) -> Self {
        Self { engine: Engine::Sqlite(database) }
    }

    pub(crate) fn postgres(database: Arc<postgres::Database>) -> Self {
        Self { engine: Engine::Postgres(database) }
    }

    /// Runs `work` in a write transaction and answers once it is durable.
    ///
    /// `work` may run several times (a conflict, a neighbour's fault in the same group), so it must
    /// have no effect outside the transaction. An `Err` rolls back what it wrote.
    ///
    /// Errors: what `work` returns, or a [`crate::StoreError`].
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (job, answer) = job(work);
        match &self.engine {
            Engine::Sqlite(database) => {
                database.write(job);
                answer.get().await
            }
            Engine::Postgres(database) => {
                timeout(PATIENCE, database.write(job)).await.map_err(|_| too_busy())?;
                let unknown = |_| StoreError::OutcomeUnknown(SILENT.to_owned());
                timeout(PATIENCE, answer.get()).await.map_err(unknown)?
            }
        }
    }

    /// Runs `work` in a read-only transaction over one consistent state.
    ///
    /// Errors: what `work` returns, or a [`crate::StoreError`].
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.read_within(PATIENCE, work).await
    }

    /// As [`Database::read`], for what may take longer than a request: an export.
    ///
    /// Errors: as [`Database::read`].
    pub async fn read_within<T, E, F>(&self, patience: Duration, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (job, answer) = job(work);
        match &self.engine {
            Engine::Sqlite(database) => {
                database.read(job).await;
                answer.get().await
            }
            Engine::Postgres(database) => {
                timeout(PATIENCE, database.read(job)).await.map_err(|_| too_busy())?;
                let silent = |_| StoreError::Unavailable(SILENT.to_owned());
                timeout(patience, answer.get()).await.map_err(silent)?
            }
        }
    }
}

fn too_busy() -> StoreError {
    StoreError::Unavailable("no turn and no line to PostgreSQL within the time".to_owned())
}
