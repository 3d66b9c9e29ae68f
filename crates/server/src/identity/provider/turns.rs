//! Whose turn it is to be asked: few providers at once, and few requests at once to each.
//!
//! A slow provider has its own people wait, and leaves turns for the others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::provider::Issuer;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Requests at once, to all providers together: each takes a thread.
const MOST_AT_ONCE: usize = 16;
/// Requests at once to one provider.
const MOST_OF_ONE: usize = 4;
/// Providers beyond which those that nobody asks are forgotten.
const MOST_KNOWN: usize = 500;

/// Turns to ask.
pub(super) struct Turns {
    of_all: Arc<Semaphore>,
    of_one: Mutex<HashMap<Issuer, Arc<Semaphore>>>,
    patience: Duration,
}

/// A turn, until it is dropped.
pub(super) struct Turn {
    _of_one: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Turns {
    /// Nobody waits for longer than `patience`.
    pub(super) fn new(patience: Duration) -> Self {
        let of_all = Arc::new(Semaphore::new(MOST_AT_ONCE));
        Self { of_all, of_one: Mutex::default(), patience }
    }

    /// Waits for a turn to ask a provider; none where that takes too long. Its own comes first: whoever
    /// waits for a slow one takes none of the turns that are for all.
    pub(super) async fn take(&self, issuer: &Issuer) -> Option<Turn> {
        let of_one = self.turns_of(issuer);
        let both = async {
            let own = of_one.acquire_owned().await.ok()?;
            let common = Arc::clone(&self.of_all).acquire_owned().await.ok()?;
            Some(Turn { _of_one: own, _of_all: common })
        };
        timeout(self.patience, both).await.ok().flatten()
    }

    fn turns_of(&self, issuer: &Issuer) -> Arc<Semaphore> {
        let mut known = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN {
            known.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        let turns = known.entry(issuer.clone());
        Arc::clone(turns.or_insert_with(|| Arc::new(Semaphore::new(MOST_OF_ONE))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(n: usize) -> Issuer {
        Issuer::parse(&format!("https://id{n}.example")).unwrap()
    }

    #[tokio::test]
    async fn one_provider_takes_four_turns_and_all_together_sixteen() {
        let turns = Turns::new(Duration::ZERO);
        let mut taken = Vec::new();
        for n in 0..4 {
            for _ in 0..4 {
                taken.push(turns.take(&issuer(n)).await.unwrap());
            }
            assert!(turns.take(&issuer(n)).await.is_none(), "a fifth of the same");
        }
        assert!(turns.take(&issuer(4)).await.is_none(), "a seventeenth");
        // Whoever is done gives the turn back.
        taken.remove(0);
        assert!(turns.take(&issuer(1)).await.is_none());
        assert!(turns.take(&issuer(0)).await.is_some());
        assert!(turns.take(&issuer(4)).await.is_some());
    }

    #[tokio::test]
    async fn who_comes_fifth_waits_and_then_asks() {
        let turns = Arc::new(Turns::new(Duration::from_mins(1)));
        let mut taken = Vec::new();
        for _ in 0..4 {
            taken.push(turns.take(&issuer(0)).await.unwrap());
        }
        let fifth = {
            let turns = Arc::clone(&turns);
            async move { turns.take(&issuer(0)).await.is_some() }
        };
        let (got, ()) = tokio::join!(fifth, async { taken.clear() });
        assert!(got);
    }
}
