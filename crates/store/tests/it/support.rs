//! A store of its own for each test, and a small table to write into.

use std::{sync::Arc, time::Duration};

use domain::ids::WorkspaceId;
use store::{Config, Database, Statement, Store, StoreError, Tx, Value};
use tempfile::TempDir;
use uuid::Uuid;

/// Longer than anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A store with two workspaces.
pub(crate) struct Place {
    pub(crate) engine: &'static str,
    pub(crate) config: Config,
    pub(crate) store: Arc<Store>,
    _folder: TempDir,
}

pub(crate) const HERE: WorkspaceId = WorkspaceId::from_uuid(Uuid::from_u128(0x7 << 76 | 1));
pub(crate) const ELSEWHERE: WorkspaceId = WorkspaceId::from_uuid(Uuid::from_u128(0x7 << 76 | 2));

/// Runs a test on each engine that was chosen. One thread runs all tasks, so that whatever was
/// spawned has been looked at once after a few turns.
pub(crate) fn both<F: Future<Output = ()>>(test: impl Fn(Place) -> F) {
    for engine in testkit::engines() {
        on(engine, &test);
    }
}

/// Runs a test on an engine, when it was chosen.
pub(crate) fn only<F: Future<Output = ()>>(engine: &'static str, test: impl Fn(Place) -> F) {
    if testkit::engines().contains(&engine) {
        on(engine, &test);
    }
}

fn on<F: Future<Output = ()>>(engine: &'static str, test: &impl Fn(Place) -> F) {
    println!("on {engine}");
    let folder = tempfile::tempdir().unwrap();
    let config = testkit::config(engine, folder.path());
    let store = Arc::new(Store::open(config.clone(), *b"storetst").unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for id in [HERE, ELSEWHERE] {
            store.create_workspace(id).await.unwrap();
        }
        test(Place { engine, config, store, _folder: folder }).await;
    });
}

impl Place {
    pub(crate) async fn here(&self) -> Database {
        self.store.workspace(HERE).await.unwrap()
    }
}

const INSERT: Statement = Statement::new(
    "test.insert",
    "INSERT INTO tags (id, name_sealed, name_index, sealed_rev, created_at, version)
     VALUES ($1, $2, $2, 1, $3, 1)",
);

const LIST: Statement =
    Statement::new("test.list", "SELECT created_at FROM tags ORDER BY created_at");

pub(crate) const READ: Statement =
    Statement::new("test.read", "SELECT version FROM tags WHERE created_at = $1");

pub(crate) const WRITE: Statement =
    Statement::new("test.write", "UPDATE tags SET version = $2 WHERE created_at = $1");

/// Writes a row; the number may be there once.
pub(crate) fn insert(tx: &mut Tx<'_>, number: i64) -> Result<(), StoreError> {
    let id = Uuid::from_u64_pair(1, number.unsigned_abs());
    let name = number.to_be_bytes().to_vec();
    tx.execute(&INSERT, &[id.into(), Value::Bytes(name), number.into()]).map(drop)
}

pub(crate) fn read_version(tx: &mut Tx<'_>, number: i64) -> Result<i64, StoreError> {
    tx.one(&READ, &[number.into()])?.get(0)
}

pub(crate) fn write_version(tx: &mut Tx<'_>, number: i64, version: i64) -> Result<(), StoreError> {
    tx.execute(&WRITE, &[number.into(), version.into()]).map(drop)
}

/// The numbers that are there.
pub(crate) async fn numbers(database: &Database) -> Vec<i64> {
    let read = database.read(|tx| -> Result<Vec<i64>, StoreError> {
        tx.query(&LIST, &[])?.iter().map(|row| row.get(0)).collect()
    });
    read.await.unwrap()
}

/// Lets every task that can go on do so.
pub(crate) async fn turns() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}
