//! Transactions that meet: none overwrites what another has just written.

use std::sync::{
    Arc, Condvar, Mutex,
    atomic::{AtomicU32, Ordering},
    mpsc,
};

use store::StoreError;
use tokio::sync::oneshot;

use crate::support::{ELSEWHERE, LONG, both, insert, numbers, only, read_version, write_version};

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

/// As many writes wait in one workspace as there are lines, and more: another one is served.
#[test]
fn a_busy_workspace_leaves_room_for_others() {
    both(async |place| {
        let (busy, other) = (place.here().await, place.store.workspace(ELSEWHERE).await.unwrap());
        let gate = Arc::new((Mutex::new(false), Condvar::new()));
        let (begun, mut has_begun) = tokio::sync::mpsc::channel(40);
        let waiting: Vec<_> = (0..40)
            .map(|number| {
                let (busy, gate, begun) = (busy.clone(), Arc::clone(&gate), begun.clone());
                tokio::spawn(async move {
                    let written = busy.write(move |tx| {
                        // Nobody listens any more once it is known that some have begun.
                        let _ = begun.try_send(());
                        let closed = gate.0.lock().unwrap();
                        let is_closed = |is_open: &mut bool| !*is_open;
                        let (open, _) = gate.1.wait_timeout_while(closed, LONG, is_closed).unwrap();
                        assert!(*open, "the other workspace was never served");
                        drop(open);
                        insert(tx, number)
                    });
                    written.await
                })
            })
            .collect();
        has_begun.recv().await.unwrap();
        other.write(|tx| insert(tx, 1)).await.unwrap();
        assert_eq!(numbers(&other).await, [1]);
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
        for task in waiting {
            task.await.unwrap().unwrap();
        }
        assert_eq!(numbers(&busy).await.len(), 40);
    });
}

/// A caller who was told that no answer came must not find later that it was done after all.
#[test]
fn what_nobody_waits_for_any_more_is_not_committed() {
    only("postgres", async |place| {
        let database = place.here().await;
        let (begun, has_begun) = oneshot::channel();
        let (go_on, waits) = mpsc::channel::<()>();
        let (ended, has_ended) = mpsc::channel::<()>();
        let given_up = tokio::spawn({
            let (database, mut begun) = (database.clone(), Some(begun));
            async move {
                let written = database.write(move |tx| {
                    insert(tx, 1)?;
                    if let Some(begun) = begun.take() {
                        begun.send(()).unwrap();
                        waits.recv_timeout(LONG).unwrap();
                    }
                    // Dropped with the closure, when it is over.
                    let _ = &ended;
                    Ok::<_, StoreError>(())
                });
                written.await
            }
        });
        has_begun.await.unwrap();
        given_up.abort();
        assert!(given_up.await.unwrap_err().is_cancelled());
        go_on.send(()).unwrap();
        assert!(has_ended.recv_timeout(LONG).is_err(), "its end");
        assert!(numbers(&database).await.is_empty());
        database.write(|tx| insert(tx, 1)).await.unwrap();
        assert_eq!(numbers(&database).await, [1]);
    });
}
