//! Transactions that meet: none overwrites what another has just written.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
    mpsc,
};

use store::StoreError;
use tokio::sync::oneshot;

use crate::support::{LONG, both, insert, only, read_version, write_version};

#[test]
fn counting_together_counts_everybody() {
    both(async |place| {
        let database = place.here().await;
        database.write(|tx| insert(tx, 1)).await.unwrap();
        let counting: Vec<_> = (0..12)
            .map(|_| {
                let database = database.clone();
                tokio::spawn(async move {
                    for _ in 0..10 {
                        let counted = database.write(|tx| {
                            let version = read_version(tx, 1)?;
                            write_version(tx, 1, version + 1)
                        });
                        counted.await.unwrap();
                    }
                })
            })
            .collect();
        for task in counting {
            task.await.unwrap();
        }
        let version = database.read(|tx| read_version(tx, 1)).await.unwrap();
        assert_eq!(version, 121);
    });
}

/// | | slow | fast |
/// |---|---|---|
/// | t0 | reads 1 | |
/// | t1 | | reads 1, writes 2, commits |
/// | t2 | writes, and is refused by the engine | |
/// | t3 | is run again: reads 2, writes 3 | |
#[test]
fn who_loses_is_run_again_from_the_beginning() {
    only("postgres", async |place| {
        let database = place.here().await;
        database.write(|tx| insert(tx, 1)).await.unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        let (begun, has_begun) = oneshot::channel();
        let (go_on, waits) = mpsc::channel::<()>();
        let slow = tokio::spawn({
            let (database, runs, mut begun) = (database.clone(), Arc::clone(&runs), Some(begun));
            async move {
                let written = database.write(move |tx| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    let version = read_version(tx, 1)?;
                    if let Some(begun) = begun.take() {
                        begun.send(()).unwrap();
                        waits.recv_timeout(LONG).unwrap();
                    }
                    write_version(tx, 1, version + 1)?;
                    Ok::<_, StoreError>(version)
                });
                written.await
            }
        });
        has_begun.await.unwrap();
        let fast = database.write(|tx| {
            let version = read_version(tx, 1)?;
            write_version(tx, 1, version + 1)
        });
        fast.await.unwrap();
        go_on.send(()).unwrap();
        assert_eq!(slow.await.unwrap().unwrap(), 2, "what the other had written");
        assert_eq!(runs.load(Ordering::Relaxed), 2);
        assert_eq!(database.read(|tx| read_version(tx, 1)).await.unwrap(), 3);
    });
}

/// Each reads what the other writes (write skew): one of the two is run again.
#[test]
fn two_who_read_what_the_other_writes_are_one_after_the_other() {
    only("postgres", async |place| {
        let database = place.here().await;
        database.write(|tx| insert(tx, 1).and_then(|()| insert(tx, 2))).await.unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        let meeting = Arc::new(std::sync::Barrier::new(2));
        let both = [(1, 2), (2, 1)].map(|(mine, theirs)| {
            let (database, runs, meeting) =
                (database.clone(), Arc::clone(&runs), Arc::clone(&meeting));
            let mut is_first = true;
            tokio::spawn(async move {
                let written = database.write(move |tx| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    let sum = read_version(tx, mine)? + read_version(tx, theirs)?;
                    if std::mem::take(&mut is_first) {
                        meeting.wait();
                    }
                    write_version(tx, mine, sum)
                });
                written.await
            })
        });
        for task in both {
            task.await.unwrap().unwrap();
        }
        let read =
            database.read(|tx| Ok::<_, StoreError>((read_version(tx, 1)?, read_version(tx, 2)?)));
        let found = read.await.unwrap();
        assert!(found == (2, 3) || found == (3, 2), "{found:?}");
        assert!(runs.load(Ordering::Relaxed) >= 3, "one lost");
    });
}
