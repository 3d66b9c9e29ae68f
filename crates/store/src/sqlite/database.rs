//! One file: its writer and its readers.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{open::open_reader, statement::store_error, writer::Writer};
use crate::{Failure, Schema, StoreError, Tx};

/// Idle readers a file keeps open.
const IDLE_READERS: usize = 2;

pub(crate) struct Database {
    path: PathBuf,
    writer: Writer,
    idle: Mutex<Vec<Connection>>,
    /// Bounds the blocking threads that read, over all files.
    readers: Arc<Semaphore>,
}

impl Database {
    pub(crate) fn open(
        path: PathBuf,
        schema: Schema,
        epoch: [u8; 8],
        readers: Arc<Semaphore>,
    ) -> Result<Self, StoreError> {
        let writer = Writer::open(path.clone(), schema, epoch)?;
        Ok(Self { path, writer, idle: Mutex::default(), readers })
    }

    pub(crate) async fn write<T, E, F>(self: &Arc<Self>, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (answer, must_lead) = self.writer.queue(work);
        if must_lead {
            // The leader holds the whole database: while it works for callers who may all have gone
            // away, the file must not be opened for a second writer.
            let database = Arc::clone(self);
            tokio::task::spawn_blocking(move || database.writer.lead());
        }
        answer
            .await
            .unwrap_or_else(|_| Err(StoreError::Bug("the writer went away".to_owned()).into()))
    }

    pub(crate) async fn read<T, E, F>(self: &Arc<Self>, mut work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let permit = Arc::clone(&self.readers)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Unavailable("the store is closing".to_owned()))?;
        let database = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            database.read_blocking(&mut work)
        })
        .await
        .unwrap_or_else(|_| Err(StoreError::Bug("a read panicked".to_owned()).into()))
    }

    fn read_blocking<T, E: Failure>(
        &self,
        work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open_reader(&self.path)?,
        };
        connection.execute_batch("BEGIN").map_err(|e| store_error("begin", &e))?;
        let mut tx = Tx::sqlite(&connection);
        let result = work(&mut tx);
        let result = tx.judged(result);
        // A reader that cannot end its transaction is closed instead of being used again.
        if connection.execute_batch("COMMIT").is_ok() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE_READERS {
                idle.push(connection);
            }
        }
        result
    }
}
