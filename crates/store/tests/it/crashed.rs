//! A PostgreSQL that crashes while something is being written.

use std::sync::Arc;

use store::{Config, Store, StoreError};
use testkit::postgres::OwnCluster;

use crate::support::{HERE, insert, numbers};

/// More transactions than were lost with the log's last part.
const AFTERWARDS: usize = 50;

/// A crash may lose the log's end, and the transaction ids in it are given out again: a commit by
/// somebody else is not taken for the one that was lost.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_has_lost_is_never_acknowledged() {
    if !testkit::engines().contains(&"postgres") {
        return;
    }
    let own = Arc::new(OwnCluster::start());
    // Nothing but a commit flushes the log.
    own.cluster().execute("ALTER SYSTEM SET wal_writer_delay = '10s'");
    own.cluster().execute("SELECT pg_reload_conf()");
    let url = own.cluster().url().to_owned();
    let config = Config::Postgres { url, prefix: "crashed".to_owned(), authority: None };
    let opened = tokio::task::spawn_blocking(|| Store::open(config, *b"storetst"));
    let store = Arc::new(opened.await.unwrap().unwrap());
    store.create_workspace(HERE).await.unwrap();
    let database = store.workspace(HERE).await.unwrap();
    database.write(|tx| insert(tx, 1)).await.unwrap();
    let server = Arc::clone(&own);
    let written = database.write(move |tx| {
        insert(tx, 2)?;
        server.stop("immediate");
        server.start_again();
        for _ in 0..AFTERWARDS {
            server.cluster().execute("SELECT pg_current_xact_id()");
        }
        Ok::<_, StoreError>(())
    });
    let written = written.await;
    assert!(matches!(written, Err(StoreError::OutcomeUnknown(_))), "{written:?}");
    database.write(|tx| insert(tx, 3)).await.unwrap();
    assert_eq!(numbers(&database).await, [1, 3]);
}
