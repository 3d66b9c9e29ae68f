//! Lines to PostgreSQL: where there are few, and where nobody is at the other end.

use std::{fs, sync::Arc};

use store::{Config, Store, StoreError};
use testkit::postgres::OwnCluster;

use crate::support::{HERE, insert};

/// A store on a cluster of its own, as a user.
async fn open(cluster: &OwnCluster, user: &str) -> Arc<Store> {
    let url = cluster.cluster().url().replace("postgres@", &format!("{user}@"));
    let config = Config::Postgres { url, prefix: "lines".to_owned(), authority: None };
    let opened = tokio::task::spawn_blocking(|| Store::open(config, *b"storetst"));
    Arc::new(opened.await.unwrap().unwrap())
}

/// The server gives out fewer lines than a pool may take, here to a user: callers wait for one that is
/// free.
#[tokio::test(flavor = "multi_thread")]
async fn where_the_server_has_few_lines_they_are_waited_for() {
    if !testkit::engines().contains(&"postgres") {
        return;
    }
    let cluster = OwnCluster::start();
    cluster.cluster().execute("CREATE ROLE plain LOGIN CREATEROLE CONNECTION LIMIT 4");
    cluster.cluster().execute("GRANT CREATE ON DATABASE postgres TO plain");
    let store = open(&cluster, "plain").await;
    store.create_workspace(HERE).await.unwrap();
    let database = store.workspace(HERE).await.unwrap();
    let reads: Vec<_> = (0..200)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move { database.read(|_| Ok::<_, StoreError>(())).await })
        })
        .collect();
    for read in reads {
        read.await.unwrap().unwrap();
    }
    database.write(|tx| insert(tx, 1)).await.unwrap();
}

/// By itself the system asks after two hours of silence whether anybody is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_on_which_nothing_is_said_is_asked_within_seconds_whether_it_lives() {
    if !testkit::engines().contains(&"postgres") {
        return;
    }
    let cluster = OwnCluster::start();
    let store = open(&cluster, "postgres").await;
    store.create_workspace(HERE).await.unwrap();
    let port = cluster.cluster().url().rsplit(':').next().unwrap().split('/').next().unwrap();
    let port: u16 = port.parse().unwrap();
    // proc(5): timers are in hundredths of a second; 2 is that of keep-alive.
    let far = format!("0100007F:{port:04X}");
    let table = fs::read_to_string("/proc/self/net/tcp").unwrap();
    let mine: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|columns| columns.get(2) == Some(&far.as_str()) && columns[3] == "01")
        .collect();
    assert!(!mine.is_empty(), "{far} in {table}");
    for columns in mine {
        let (kind, when) = columns[5].split_once(':').unwrap();
        let hundredths = u64::from_str_radix(when, 16).unwrap();
        assert!(kind == "02" && hundredths <= 1_500, "{columns:?}");
    }
}
