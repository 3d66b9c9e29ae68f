//! Writes that are committed together, of which some fail: each fails alone.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
    mpsc,
};

use store::{ConstraintKind, Database, Failure, Statement, StoreError};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::support::{LONG, Place, both, insert, numbers, turns};

/// What an operation says of its own accord, or the store.
#[derive(Debug, Clone)]
enum Refused {
    ByRule(&'static str),
    ByStore(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::ByStore(error)
    }
}

impl Failure for Refused {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::ByRule(_) => None,
            Self::ByStore(error) => Some(error),
        }
    }
}

/// A write that has begun and waits to be let on.
struct Held {
    go_on: mpsc::Sender<()>,
    written: JoinHandle<Result<(), Refused>>,
}

impl Held {
    /// Writes `number` and waits, so that others can queue behind it.
    async fn begin(database: &Database, number: i64) -> Self {
        let (begun, has_begun) = oneshot::channel();
        let (go_on, waits) = mpsc::channel::<()>();
        let (database, mut begun) = (database.clone(), Some(begun));
        let written = tokio::spawn(async move {
            let written = database.write(move |tx| {
                insert(tx, number)?;
                if let Some(begun) = begun.take() {
                    begun.send(()).unwrap();
                    waits.recv_timeout(LONG).unwrap();
                }
                Ok(())
            });
            written.await
        });
        has_begun.await.unwrap();
        Self { go_on, written }
    }

    async fn finish(self) {
        self.go_on.send(()).unwrap();
        self.written.await.unwrap().unwrap();
    }
}

const MARK: Statement = Statement::new("test.mark", "SELECT mark FROM commit_mark");

/// How many groups there were, by the mark that the last one wrote.
async fn groups(place: &Place) -> u64 {
    let database = place.here().await;
    let read = database.read(|tx| -> Result<Vec<u8>, StoreError> { tx.one(&MARK, &[])?.get(0) });
    let mark = read.await.unwrap();
    mark.last_chunk().map_or(0, |number| u64::from_be_bytes(*number))
}

/// Ten writes in one group: of every five, one is good, one refuses after it wrote, one panics after
/// it wrote, one breaks a rule of the schema, and one does so and says nothing.
#[test]
fn who_fails_in_a_group_leaves_nothing_and_the_others_are_there() {
    both(async |place| {
        let database = place.here().await;
        // The file's mark tells groups apart from the second on.
        Held::begin(&database, 1).await.finish().await;
        let before = if place.engine == "sqlite" { groups(&place).await } else { 0 };
        let first = Held::begin(&database, 2).await;
        let others: Vec<_> = (10..20)
            .map(|number| {
                let database = database.clone();
                tokio::spawn(async move {
                    let written = database.write(move |tx| -> Result<i64, Refused> {
                        insert(tx, number)?;
                        match number % 5 {
                            0 => return Ok(number),
                            1 => return Err(Refused::ByRule("no")),
                            2 => panic!("in an operation: this one is meant"),
                            3 => insert(tx, number)?,
                            _ => drop(insert(tx, number)),
                        }
                        Ok(number)
                    });
                    written.await
                })
            })
            .collect();
        turns().await;
        first.finish().await;
        for (number, other) in (10..20).zip(others) {
            let outcome = other.await.unwrap();
            let is_as_meant = match number % 5 {
                0 => matches!(outcome, Ok(written) if written == number),
                1 => matches!(outcome, Err(Refused::ByRule("no"))),
                2 => matches!(outcome, Err(Refused::ByStore(StoreError::Bug(_)))),
                _ => matches!(
                    outcome,
                    Err(Refused::ByStore(StoreError::Constraint {
                        kind: ConstraintKind::Unique,
                        ..
                    }))
                ),
            };
            assert!(is_as_meant, "{number}: {outcome:?}");
        }
        assert_eq!(numbers(&database).await, [1, 2, 10, 15]);
        if place.engine == "sqlite" {
            assert_eq!(groups(&place).await, before + 1, "one flush for all of them");
        }
        // The next ones are served as ever.
        Held::begin(&database, 3).await.finish().await;
        assert_eq!(numbers(&database).await, [1, 2, 3, 10, 15]);
    });
}

/// Four writes in one group, of which the second refuses; how often each of them ran.
async fn runs_beside(database: &Database, refused: i64, is_early: bool) -> Vec<u32> {
    let first = Held::begin(database, 1000 + refused).await;
    let counts: Vec<_> = (0..4).map(|_| Arc::new(AtomicU32::new(0))).collect();
    let writes: Vec<_> = counts
        .iter()
        .zip(refused - 1..)
        .map(|(count, number)| {
            let (database, count) = (database.clone(), Arc::clone(count));
            tokio::spawn(async move {
                let written = database.write(move |tx| -> Result<(), Refused> {
                    count.fetch_add(1, Ordering::Relaxed);
                    if number == refused && is_early {
                        return Err(Refused::ByRule("early"));
                    }
                    insert(tx, number)?;
                    if number == refused { Err(Refused::ByRule("late")) } else { Ok(()) }
                });
                written.await.is_ok()
            })
        })
        .collect();
    turns().await;
    first.finish().await;
    for (at, write) in writes.into_iter().enumerate() {
        assert_eq!(write.await.unwrap(), at != 1);
    }
    counts.iter().map(|count| count.load(Ordering::Relaxed)).collect()
}

/// Who refuses before it has written anything costs nobody a second run; who does so later costs each
/// of its group one.
#[test]
fn a_group_runs_again_only_for_what_has_to_be_undone() {
    both(async |place| {
        if place.engine != "sqlite" {
            return;
        }
        let database = place.here().await;
        assert_eq!(runs_beside(&database, 11, true).await, [1, 1, 1, 1]);
        assert_eq!(
            runs_beside(&database, 21, false).await,
            [2, 2, 1, 1],
            "up to the one that fails"
        );
        assert_eq!(numbers(&database).await, [10, 12, 13, 20, 22, 23, 1011, 1021]);
    });
}

/// A write that finds only failures around it, and nothing but failures.
#[test]
fn a_group_of_failures_alone_leaves_nothing() {
    both(async |place| {
        let database = place.here().await;
        for number in 1..4 {
            let failed = database.write(move |tx| -> Result<(), Refused> {
                insert(tx, number)?;
                Err(Refused::ByRule("no"))
            });
            assert!(matches!(failed.await, Err(Refused::ByRule("no"))));
        }
        assert!(numbers(&database).await.is_empty());
    });
}

#[test]
fn nobody_reads_what_is_not_committed() {
    both(async |place| {
        let database = place.here().await;
        let held = Held::begin(&database, 1).await;
        assert!(numbers(&database).await.is_empty());
        held.finish().await;
        assert_eq!(numbers(&database).await, [1]);
    });
}

#[test]
fn a_read_writes_nothing() {
    both(async |place| {
        let database = place.here().await;
        let refused = database.read(|tx| insert(tx, 1)).await;
        assert!(refused.is_err());
        let silent = database.read(|tx| -> Result<(), StoreError> {
            drop(insert(tx, 1));
            Ok(())
        });
        assert!(silent.await.is_err(), "a failure that nobody mentions is one");
        assert!(numbers(&database).await.is_empty());
        // One that panics takes no other with it.
        let panicked =
            database.read(|_| -> Result<(), StoreError> { panic!("in a read: this one is meant") });
        assert!(matches!(panicked.await, Err(StoreError::Bug(_))));
        assert!(numbers(&database).await.is_empty());
    });
}
