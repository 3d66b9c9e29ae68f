//! Workspaces are made, opened, removed, and kept apart.

use std::{sync::Arc, time::Duration};

use domain::ids::WorkspaceId;
use store::{Config, Statement, Store, StoreError};
use uuid::Uuid;

use crate::support::{ELSEWHERE, HERE, LONG, both, insert, numbers, only};

#[test]
fn a_workspace_is_there_from_its_making_to_its_removal() {
    both(async |place| {
        let store = &place.store;
        let unknown = WorkspaceId::from_uuid(Uuid::from_u128(0x7 << 76 | 3));
        let missing =
            async |id| matches!(store.workspace(id).await, Err(StoreError::NoSuchWorkspace));
        assert!(missing(unknown).await);
        // To remove what was never made does nothing.
        store.drop_workspace(unknown).await.unwrap();
        let database = place.here().await;
        database.write(|tx| insert(tx, 1)).await.unwrap();
        store.create_workspace(HERE).await.unwrap();
        assert_eq!(numbers(&database).await, [1], "made again, it stays as it is");
        let other = store.workspace(ELSEWHERE).await.unwrap();
        assert!(numbers(&other).await.is_empty());
        drop(database);
        store.drop_workspace(HERE).await.unwrap();
        store.drop_workspace(HERE).await.unwrap();
        assert!(missing(HERE).await);
        // Made anew, it is empty, and the other one never noticed.
        store.create_workspace(HERE).await.unwrap();
        assert!(numbers(&place.here().await).await.is_empty());
        other.write(|tx| insert(tx, 2)).await.unwrap();
        assert_eq!(numbers(&other).await, [2]);
    });
}

#[test]
fn what_was_written_is_there_when_the_store_is_opened_again() {
    both(async |place| {
        place.here().await.write(|tx| insert(tx, 1)).await.unwrap();
        place.store.close_unused();
        place.store.close_unused();
        assert_eq!(numbers(&place.here().await).await, [1]);
        let config = place.config.clone();
        let again = tokio::task::spawn_blocking(|| Store::open(config, *b"another!").unwrap());
        let again = Arc::new(again.await.unwrap());
        assert_eq!(numbers(&again.workspace(HERE).await.unwrap()).await, [1]);
    });
}

/// As several nodes on one cluster, started at once for the first time.
#[test]
fn several_open_an_empty_place_at_once() {
    only("postgres", async |place| {
        let Config::Postgres { url, prefix, authority } = place.config.clone() else {
            unreachable!()
        };
        let config = Config::Postgres { url, prefix: format!("{prefix}n"), authority };
        let opening: Vec<_> = (0..4)
            .map(|_| {
                let config = config.clone();
                tokio::task::spawn_blocking(|| Store::open(config, *b"storetst").map(Arc::new))
            })
            .collect();
        let mut nodes = Vec::new();
        for node in opening {
            nodes.push(node.await.unwrap().unwrap());
        }
        // And make one workspace at once.
        let making: Vec<_> = nodes
            .iter()
            .map(|node| {
                let node = Arc::clone(node);
                tokio::spawn(async move {
                    node.create_workspace(HERE).await?;
                    node.workspace(HERE).await
                })
            })
            .collect();
        for (number, database) in (1..).zip(making) {
            database.await.unwrap().unwrap().write(move |tx| insert(tx, number)).await.unwrap();
        }
        assert_eq!(numbers(&nodes[0].workspace(HERE).await.unwrap()).await, [1, 2, 3, 4]);
    });
}

/// A statement that names another workspace's table, or the directory's, is refused by the engine:
/// each transaction runs as its workspace's own role.
#[test]
fn a_workspace_cannot_reach_into_another_schema() {
    only("postgres", async |place| {
        let Config::Postgres { prefix, .. } = &place.config else { unreachable!() };
        let other = format!("{prefix}_w_{}", ELSEWHERE.uuid().simple());
        let directory = format!("{prefix}_directory");
        let here = place.here().await;
        for sql in [
            format!("SELECT count(*) FROM \"{other}\".tags"),
            format!("UPDATE \"{other}\".tags SET version = 2"),
            format!("DELETE FROM \"{other}\".tags"),
            format!("CREATE TABLE \"{other}\".mine (id bigint)"),
            format!("SELECT count(*) FROM \"{directory}\".people"),
            format!("DROP SCHEMA \"{other}\" CASCADE"),
            format!("GRANT \"{other}\" TO CURRENT_USER"),
            "CREATE ROLE somebody".to_owned(),
        ] {
            let statement = Statement::new("test.reach", String::leak(sql));
            let reached = here.write(move |tx| tx.execute(&statement, &[]).map(drop)).await;
            let Err(StoreError::Bug(detail)) = &reached else {
                panic!("{statement:?}: {reached:?}")
            };
            // Insufficient privilege.
            assert!(detail.contains("(42501)"), "{statement:?}: {detail}");
        }
        // The directory reaches into no workspace either.
        let sql = format!("SELECT count(*) FROM \"{other}\".tags");
        let statement = Statement::new("test.reach", String::leak(sql));
        let directory = place.store.directory();
        let reached = directory.read(move |tx| tx.query(&statement, &[]).map(drop)).await;
        assert!(matches!(&reached, Err(StoreError::Bug(detail)) if detail.contains("(42501)")));
        // And what follows works as ever.
        here.write(|tx| insert(tx, 1)).await.unwrap();
        assert_eq!(numbers(&here).await, [1]);
    });
}

/// Two nodes on one PostgreSQL hear each other, and not those of another instance.
#[test]
fn nodes_hear_what_is_said_on_their_databases() {
    only("postgres", async |place| {
        let Config::Postgres { url, prefix, authority } = place.config.clone() else {
            unreachable!()
        };
        let other = Config::Postgres { url, prefix: format!("{prefix}x"), authority };
        let open = |config| tokio::task::spawn_blocking(|| Store::open(config, *b"storetst"));
        let (node, stranger) = (open(place.config.clone()).await, open(other).await);
        let [node, stranger] = [node, stranger].map(|store| Arc::new(store.unwrap().unwrap()));
        let mut ears = tokio::task::spawn_blocking({
            let node = Arc::clone(&node);
            move || [node, stranger].map(|store| store.listen_to_nodes().unwrap().unwrap())
        })
        .await
        .unwrap();
        let words = ["workspace 1", "sessions 2"].map(str::to_owned).to_vec();
        place.store.tell_nodes(words.clone()).await.unwrap();
        let heard = tokio::task::spawn_blocking(move || {
            let mut heard = Vec::new();
            while heard.len() < 2 {
                heard.extend(ears[0].hear(LONG).unwrap());
            }
            (heard, ears[1].hear(Duration::from_millis(50)).unwrap())
        });
        assert_eq!(heard.await.unwrap(), (words, Vec::new()));
        let odd = place.store.tell_nodes(vec!["it's".to_owned()]).await;
        assert!(matches!(odd, Err(StoreError::Bug(_))));
        place.store.tell_nodes(Vec::new()).await.unwrap();
    });
}
