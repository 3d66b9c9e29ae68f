//! One database: the directory, or a workspace.

use std::sync::Arc;

use crate::{Failure, Tx, job::job, postgres, sqlite};

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
            Engine::Sqlite(database) => database.write(job),
            Engine::Postgres(database) => database.write(job).await,
        }
        answer.get().await
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
        let (job, answer) = job(work);
        match &self.engine {
            Engine::Sqlite(database) => database.read(job).await,
            Engine::Postgres(database) => database.read(job).await,
        }
        answer.get().await
    }
}
