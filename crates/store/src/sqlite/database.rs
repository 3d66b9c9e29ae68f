//! One file: its writer and its readers.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{
    marks::Marks,
    open::open_reader,
    statement::{store_error, tell},
    writer::Writer,
};
use crate::{
    Schema, StoreError, Tx,
    job::{Job, Verdict},
};

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
        marks: Arc<Marks>,
        readers: Arc<Semaphore>,
    ) -> Result<Self, StoreError> {
        let writer = Writer::open(path.clone(), schema, marks)?;
        Ok(Self { path, writer, idle: Mutex::default(), readers })
    }

    /// Queues a job that writes.
    pub(crate) fn write(self: &Arc<Self>, job: Box<dyn Job>) {
        if self.writer.queue(job) {
            // The leader holds the whole database: while it works for callers who may all have gone
            // away, the file must not be opened for a second writer.
            let database = Arc::clone(self);
            tokio::task::spawn_blocking(move || database.writer.lead());
        }
    }

    /// Runs a job that reads, as soon as a thread is free for it.
    pub(crate) async fn read(self: &Arc<Self>, job: Box<dyn Job>) {
        let Ok(permit) = Arc::clone(&self.readers).acquire_owned().await else {
            return job.answer(Err(StoreError::Unavailable("the store is closing".to_owned())));
        };
        let database = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            database.read_blocking(job);
        });
    }

    fn read_blocking(&self, mut job: Box<dyn Job>) {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle.map_or_else(|| open_reader(&self.path), Ok).and_then(begin) {
            Ok(connection) => connection,
            Err(error) => return job.answer(Err(error)),
        };
        if let Verdict::Discard(Some(error)) = job.run(&mut Tx::sqlite(&connection)) {
            tell(&self.path, &error);
        }
        // A reader that cannot end its transaction is closed instead of being used again.
        if connection.execute_batch("COMMIT").is_ok() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE_READERS {
                idle.push(connection);
            }
        }
        job.answer(Ok(()));
    }
}

fn begin(connection: Connection) -> Result<Connection, StoreError> {
    connection.execute_batch("BEGIN").map_err(|e| store_error("begin", &e))?;
    Ok(connection)
}
