//! A PostgreSQL that neither answers nor hangs up.

use std::{fs, process::Command};

use store::{Config, Store, StoreError};
use testkit::postgres::OwnCluster;

use crate::support::{HERE, insert, numbers};

/// The processes of a cluster, halted until this is dropped.
struct Halted(Vec<String>);

impl Halted {
    fn all_of(cluster: &OwnCluster) -> Self {
        let pid = fs::read_to_string(cluster.cluster().data().join("postmaster.pid")).unwrap();
        let first = pid.lines().next().unwrap().trim().to_owned();
        let children = fs::read_to_string(format!("/proc/{first}/task/{first}/children")).unwrap();
        let all = std::iter::once(first).chain(children.split_whitespace().map(str::to_owned));
        let halted = Self(all.collect());
        halted.signal("-STOP");
        halted
    }

    fn signal(&self, signal: &str) {
        assert!(Command::new("kill").arg(signal).args(&self.0).status().unwrap().success());
    }
}

impl Drop for Halted {
    fn drop(&mut self) {
        self.signal("-CONT");
    }
}

/// Both callers are answered, and what was given up is not found later.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_answered_for() {
    if !testkit::engines().contains(&"postgres") {
        return;
    }
    let cluster = OwnCluster::start();
    let url = cluster.cluster().url().to_owned();
    let config = Config::Postgres { url, prefix: "hung".to_owned(), authority: None };
    let opened = tokio::task::spawn_blocking(|| Store::open(config, *b"storetst"));
    let store = std::sync::Arc::new(opened.await.unwrap().unwrap());
    store.create_workspace(HERE).await.unwrap();
    let database = store.workspace(HERE).await.unwrap();
    database.write(|tx| insert(tx, 1)).await.unwrap();
    let halted = Halted::all_of(&cluster);
    let (written, read) = tokio::join!(
        database.write(|tx| insert(tx, 2)),
        database.read(|_| Ok::<_, StoreError>(())),
    );
    assert!(matches!(written, Err(StoreError::OutcomeUnknown(_))), "{written:?}");
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    drop(halted);
    database.write(|tx| insert(tx, 3)).await.unwrap();
    assert_eq!(numbers(&database).await, [1, 3], "what was given up is not done");
}
