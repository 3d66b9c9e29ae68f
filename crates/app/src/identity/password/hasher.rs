//! Where passwords are hashed: a few at once, on threads of their own, and a queue that is not long.
//!
//! A check takes some 200 ms and up to 64 MiB. Without a queue that ends, whoever sends thousands would
//! take all of the machine; so whoever finds it full is told before anything was counted or hashed.
//! Somebody who is signed in has one place at a time: no member takes those of who want to sign in.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::ids::UserId;
use store::Statement;
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};
use vault::password::Cost;

use crate::{App, DirectoryOp, Error, Refusal};

/// Guesses that wait while others are checked.
pub const LONGEST_QUEUE: usize = 32;

/// What a check costs.
pub enum Costs {
    /// This much. For tests, which have no time for more.
    Fixed(Cost),
    /// What the directory says; where it says nothing yet, what this measures.
    Measured(Arc<dyn Fn() -> Cost + Send + Sync>),
}

/// How passwords are hashed.
pub struct Hashing {
    /// How many at once.
    pub at_once: usize,
    /// How many may wait besides.
    pub queue: usize,
    /// What one costs.
    pub costs: Costs,
}

impl Default for Hashing {
    fn default() -> Self {
        Self { at_once: 1, queue: LONGEST_QUEUE, costs: Costs::Fixed(Cost::FLOOR) }
    }
}

/// The threads and the queue.
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    costs: Costs,
    cost: OnceCell<Cost>,
    /// Who is signed in and has a place.
    inside: Arc<Mutex<HashSet<UserId>>>,
    /// Works that were begun.
    begun: Arc<AtomicU64>,
}

impl Hasher {
    fn new(hashing: Hashing) -> Self {
        let at_once = hashing.at_once.max(1);
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            places: Arc::new(Semaphore::new(at_once.saturating_add(hashing.queue))),
            costs: hashing.costs,
            cost: OnceCell::new(),
            inside: Arc::default(),
            begun: Arc::default(),
        }
    }
}

/// A place in the queue, given up when it is dropped.
pub(super) struct Place {
    turns: Arc<Semaphore>,
    begun: Arc<AtomicU64>,
    _permit: OwnedSemaphorePermit,
    _own: Option<Own>,
}

/// The one place of somebody who is signed in.
struct Own {
    user: UserId,
    inside: Arc<Mutex<HashSet<UserId>>>,
}

impl Drop for Own {
    fn drop(&mut self) {
        lock(&self.inside).remove(&self.user);
    }
}

fn lock(inside: &Mutex<HashSet<UserId>>) -> MutexGuard<'_, HashSet<UserId>> {
    inside.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Place {
    /// Waits for its turn and works on a thread where nothing else waits.
    ///
    /// Errors: those of `work`.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| Error::bug("the queue of passwords is closed"))?;
        self.begun.fetch_add(1, Ordering::Relaxed);
        let done = tokio::task::spawn_blocking(move || {
            // Held by the thread: whoever hangs up does not let more of them run at once.
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| Error::bug("hashing a password panicked"))?
    }
}

impl App {
    /// Says how passwords are hashed. Call it once, before the first; without it, one at a time at the
    /// least cost.
    pub fn set_hashing(&self, hashing: Hashing) {
        // The first one holds.
        let _ = self.hasher().set(Hasher::new(hashing));
    }

    fn hashing(&self) -> &Hasher {
        self.hasher().get_or_init(|| Hasher::new(Hashing::default()))
    }

    /// How many passwords were checked, hashed or rated at the door here since the start. Nothing else
    /// hashes one.
    pub fn count_hashed(&self) -> u64 {
        self.hashing().begun.load(Ordering::Relaxed)
    }

    /// A place in the queue.
    ///
    /// Errors: [`Refusal::TooManyChecks`] when it is full.
    pub(super) fn enter_queue(&self) -> Result<Place, Error> {
        self.enter(None)
    }

    /// The place in the queue of somebody who is signed in.
    ///
    /// Errors: [`Refusal::TooManyChecks`] when it is full, or they have one.
    pub(super) fn enter_queue_once(&self, user: UserId) -> Result<Place, Error> {
        let inside = &self.hashing().inside;
        if !lock(inside).insert(user) {
            return Err(Refusal::TooManyChecks.into());
        }
        self.enter(Some(Own { user, inside: Arc::clone(inside) }))
    }

    fn enter(&self, own: Option<Own>) -> Result<Place, Error> {
        let hasher = self.hashing();
        let place = Arc::clone(&hasher.places).try_acquire_owned();
        let place = place.map_err(|_| Error::from(Refusal::TooManyChecks))?;
        let (turns, begun) = (Arc::clone(&hasher.turns), Arc::clone(&hasher.begun));
        Ok(Place { turns, begun, _permit: place, _own: own })
    }

    /// What a check costs now; measured at the first use of an instance.
    pub(super) async fn password_cost(&self) -> Result<Cost, Error> {
        let hasher = self.hashing();
        let found = hasher.cost.get_or_try_init(|| async {
            match &hasher.costs {
                Costs::Fixed(cost) => Ok(*cost),
                Costs::Measured(measure) => self.find_or_measure(Arc::clone(measure)).await,
            }
        });
        found.await.copied()
    }

    async fn find_or_measure(
        &self,
        measure: Arc<dyn Fn() -> Cost + Send + Sync>,
    ) -> Result<Cost, Error> {
        if let Some(cost) = self.read_directory(self.new_request(), find_cost).await? {
            return Ok(cost);
        }
        let measured = tokio::task::spawn_blocking(move || measure()).await;
        let cost = measured.map_err(|_| Error::bug("measuring a password's cost panicked"))?;
        let kept = self.write_directory(self.new_request(), move |op| {
            let values = [i64::from(cost.memory_kib()).into(), i64::from(cost.passes()).into()];
            op.execute(&KEEP_COST, &values)?;
            find_cost(op)
        });
        let cost = kept.await?.ok_or_else(|| Error::bug("the cost just kept is not there"))?;
        tracing::info!(memory_kib = cost.memory_kib(), passes = cost.passes(), "passwords cost");
        Ok(cost)
    }
}

fn find_cost(op: &mut DirectoryOp) -> Result<Option<Cost>, Error> {
    let Some(row) = op.optional(&FIND_COST, &[])? else { return Ok(None) };
    let (memory, passes): (i64, i64) = (row.get(0)?, row.get(1)?);
    let cost = u32::try_from(memory).ok().zip(u32::try_from(passes).ok());
    let cost = cost.and_then(|(memory, passes)| Cost::new(memory, passes));
    let enough = cost.filter(|cost| cost.is_enough());
    enough
        .map(Some)
        .ok_or_else(|| Error::bug("the directory has no cost for passwords that we take"))
}

const FIND_COST: Statement = Statement::new(
    "password.find_cost",
    "SELECT password_memory_kib, password_passes FROM instance
     WHERE id = 1 AND password_memory_kib IS NOT NULL AND password_passes IS NOT NULL",
);

/// Two nodes may measure at once: the first one's holds.
const KEEP_COST: Statement = Statement::new(
    "password.keep_cost",
    "UPDATE instance SET password_memory_kib = $1, password_passes = $2
     WHERE id = 1 AND password_memory_kib IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_COST, KEEP_COST];
