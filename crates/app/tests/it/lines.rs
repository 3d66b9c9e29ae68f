//! Lines to PostgreSQL: never more than the store was given, and no more than are needed.

use std::{sync::Arc, time::Duration};

use domain::ids::WorkspaceId;
use store::{Config, Store};
use testkit::postgres::OwnCluster;
use tokio::task::JoinSet;
use uuid::Uuid;

const LINES: &str = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'timeproof'";

/// The store's own bound.
const MOST_LINES: u64 = 24;

#[test]
fn lines_are_bounded_and_those_nobody_needs_are_closed() {
    let cluster = OwnCluster::start();
    let lines = || cluster.cluster().execute(LINES);
    let config = Config::Postgres {
        url: cluster.cluster().url().to_owned(),
        prefix: "lines".to_owned(),
        authority: None,
    };
    let store = Arc::new(Store::open(config, [0; 8]).unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let id = |number: u128| WorkspaceId::from_uuid(Uuid::from_u128(number));
    runtime.block_on(async {
        let mut makers = JoinSet::new();
        for number in 0..60 {
            let store = Arc::clone(&store);
            makers.spawn(async move { store.create_workspace(id(number)).await });
        }
        while let Some(made) = makers.join_next().await {
            made.unwrap().unwrap();
        }
    });
    let peak = lines();
    assert!((2..=MOST_LINES).contains(&peak), "{peak} lines");
    // All were needed since the last look, then none.
    store.close_unused();
    assert_eq!(lines(), peak);
    store.close_unused();
    let patience = std::time::Instant::now();
    while lines() > 0 {
        assert!(patience.elapsed() < Duration::from_secs(10), "{} lines", lines());
    }
    // One that is needed again and again stays.
    for _ in 0..3 {
        runtime.block_on(store.workspace(id(7))).unwrap();
        runtime.block_on(store.create_workspace(id(7))).unwrap();
        store.close_unused();
        assert_eq!(lines(), 1);
    }
}
