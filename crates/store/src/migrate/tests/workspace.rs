//! A workspace of an older release is brought up to date when it is opened, and one of a newer release
//! is refused.

use std::sync::Arc;

use domain::ids::WorkspaceId;
use tempfile::TempDir;
use testkit::postgres::cluster;
use tokio::runtime::Runtime;
use uuid::Uuid;

use super::{FIRST, SECOND};
use crate::{Config, Database, Schema, Statement, Store, StoreError, Value};

const OLD: WorkspaceId = WorkspaceId::from_uuid(Uuid::from_u128(0x7 << 76 | 1));
const NEW: WorkspaceId = WorkspaceId::from_uuid(Uuid::from_u128(0x7 << 76 | 2));

const INSERT: Statement =
    Statement::new("test.insert", "INSERT INTO things (id, name) VALUES ($1, $2)");

const LIST: Statement = Statement::new("test.list", "SELECT name FROM things ORDER BY id");

/// What only the second step makes: a column, and a table with a row for each thing that was there.
const LIST_SIZED: Statement = Statement::new(
    "test.list_sized",
    "SELECT t.name, t.size, m.id FROM things t LEFT JOIN more m ON m.id = t.id ORDER BY t.id",
);

/// An instance that is served by one release after another.
struct Instance {
    config: Config,
    runtime: Runtime,
    _folder: TempDir,
}

fn both(test: impl Fn(Instance)) {
    for engine in testkit::engines() {
        println!("on {engine}");
        let folder = tempfile::tempdir().unwrap();
        let config = match engine {
            "sqlite" => Config::Sqlite { folder: folder.path().to_path_buf() },
            _ => Config::Postgres {
                url: cluster().url().to_owned(),
                prefix: super::random_name("upgrade", &folder),
                authority: None,
            },
        };
        let runtime = Runtime::new().unwrap();
        test(Instance { config, runtime, _folder: folder });
    }
}

impl Instance {
    /// Runs a release whose workspaces are of this schema, until it is stopped.
    fn serve<T>(&self, schema: Schema, work: impl AsyncFnOnce(Arc<Store>) -> T) -> T {
        let store = Arc::new(Store::open_with(self.config.clone(), *b"upgrades", schema).unwrap());
        self.runtime.block_on(work(store))
    }
}

async fn insert(database: &Database, number: i64, name: &'static str) {
    let written = database.write(move |tx| {
        tx.execute(&INSERT, &[number.into(), Value::from(name)])?;
        Ok::<_, StoreError>(())
    });
    written.await.unwrap();
}

async fn names(database: &Database) -> Vec<String> {
    let read = database.read(|tx| -> Result<Vec<String>, StoreError> {
        tx.query(&LIST, &[])?.iter().map(|row| row.get(0)).collect()
    });
    read.await.unwrap()
}

/// Each thing with its size, and whether the step made a row for it.
async fn sized(database: &Database) -> Vec<(String, i64, bool)> {
    let read = database.read(|tx| -> Result<_, StoreError> {
        let rows = tx.query(&LIST_SIZED, &[])?;
        let read = |row: &crate::Row| -> Result<_, StoreError> {
            Ok((row.get(0)?, row.get(1)?, row.get::<Option<i64>>(2)?.is_some()))
        };
        rows.iter().map(read).collect()
    });
    read.await.unwrap()
}

#[test]
fn an_older_workspace_is_brought_up_to_date_when_it_is_opened() {
    both(|instance| {
        instance.serve(FIRST, async |store| {
            store.create_workspace(OLD).await.unwrap();
            insert(&store.workspace(OLD).await.unwrap(), 1, "kept").await;
        });
        instance.serve(SECOND, async |store| {
            let database = store.workspace(OLD).await.unwrap();
            assert_eq!(sized(&database).await, [("kept".to_owned(), 7, true)]);
            insert(&database, 2, "later").await;
            // One that the newer release makes has both steps from the beginning.
            store.create_workspace(NEW).await.unwrap();
            assert!(sized(&store.workspace(NEW).await.unwrap()).await.is_empty());
        });
        // Opened again, it stays as it is: a step is done once.
        instance.serve(SECOND, async |store| {
            let found = sized(&store.workspace(OLD).await.unwrap()).await;
            assert_eq!(found, [("kept".to_owned(), 7, true), ("later".to_owned(), 7, false)]);
        });
    });
}

#[test]
fn several_open_an_older_workspace_at_once() {
    both(|instance| {
        instance.serve(FIRST, async |store| {
            store.create_workspace(OLD).await.unwrap();
            insert(&store.workspace(OLD).await.unwrap(), 1, "kept").await;
        });
        instance.serve(SECOND, async |store| {
            let opening: Vec<_> = (0..8)
                .map(|_| {
                    let store = Arc::clone(&store);
                    tokio::spawn(async move { store.workspace(OLD).await.map(drop) })
                })
                .collect();
            for opened in opening {
                opened.await.unwrap().unwrap();
            }
            let found = sized(&store.workspace(OLD).await.unwrap()).await;
            assert_eq!(found, [("kept".to_owned(), 7, true)]);
        });
    });
}

#[test]
fn a_newer_workspace_is_refused_and_left_alone() {
    both(|instance| {
        instance.serve(SECOND, async |store| {
            store.create_workspace(NEW).await.unwrap();
            insert(&store.workspace(NEW).await.unwrap(), 1, "newer").await;
        });
        instance.serve(FIRST, async |store| {
            for _ in 0..2 {
                let refused = store.workspace(NEW).await.map(drop).unwrap_err();
                assert!(
                    matches!(refused, StoreError::NewerSchema { found: 2, known: 1 }),
                    "{refused:?}"
                );
                let said = "schema version 2 is newer than this release knows (1)";
                assert_eq!(refused.to_string(), said);
            }
            // It takes no other workspace with it.
            store.create_workspace(OLD).await.unwrap();
            let other = store.workspace(OLD).await.unwrap();
            insert(&other, 1, "older").await;
            assert_eq!(names(&other).await, ["older"]);
        });
        instance.serve(SECOND, async |store| {
            let found = sized(&store.workspace(NEW).await.unwrap()).await;
            assert_eq!(found, [("newer".to_owned(), 7, false)]);
        });
    });
}

/// Many who wait for a workspace that another node brings up to date hold one line, so that all others
/// are served meanwhile.
#[test]
fn who_waits_for_a_workspace_holds_no_line() {
    both(|instance| {
        let Config::Postgres { url, prefix, .. } = &instance.config else { return };
        instance.serve(FIRST, async |store| {
            store.create_workspace(OLD).await.unwrap();
            store.create_workspace(NEW).await.unwrap();
        });
        let place = crate::store::place(prefix, OLD);
        let url = url.clone();
        let another_node = std::thread::spawn(move || {
            let mut client = ::postgres::Client::connect(&url, ::postgres::NoTls).unwrap();
            let lock = format!("SELECT pg_advisory_lock(hashtextextended('{place}', 0))");
            client.batch_execute(&lock).unwrap();
            client
        });
        let another_node = another_node.join().unwrap();
        instance.serve(SECOND, async |store| {
            let opening: Vec<_> = (0..60)
                .map(|_| {
                    let store = Arc::clone(&store);
                    tokio::spawn(async move { store.workspace(OLD).await.map(drop) })
                })
                .collect();
            for _ in 0..1_000 {
                tokio::task::yield_now().await;
            }
            let others = tokio::time::timeout(std::time::Duration::from_secs(10), async {
                for _ in 0..100 {
                    let read = store.directory().read(|_| Ok::<_, StoreError>(())).await;
                    read.unwrap();
                }
                store.workspace(NEW).await.map(drop)
            });
            others.await.expect("nobody else waits").unwrap();
            std::thread::spawn(move || drop(another_node)).join().unwrap();
            for opened in opening {
                opened.await.unwrap().unwrap();
            }
        });
    });
}
