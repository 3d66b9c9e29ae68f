//! How often somebody may ask: a sliding window in memory.
//!
//! Each process counts for itself, and forgets when it ends: this keeps a noisy neighbour from
//! filling a table, and is not what secrets rely on.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

/// Keys remembered at once; beyond it, those with nothing left in the window are forgotten.
const MOST_KEYS: usize = 10_000;

/// At most so many in a span, for each key.
pub struct Limit<K> {
    most: usize,
    span_s: i64,
    asked: Mutex<HashMap<K, VecDeque<i64>>>,
}

impl<K: Hash + Eq> Limit<K> {
    /// At most `most` in `span_s` seconds.
    pub fn new(most: usize, span_s: i64) -> Self {
        Self { most, span_s, asked: Mutex::default() }
    }

    /// Takes one.
    ///
    /// Errors: how many seconds to wait.
    pub fn take(&self, key: K, now: Timestamp) -> Result<(), i64> {
        let now = now.as_second();
        let since = now - self.span_s;
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= MOST_KEYS {
            asked.retain(|_, times| times.back().is_some_and(|last| *last > since));
        }
        let times = asked.entry(key).or_default();
        while times.front().is_some_and(|first| *first <= since) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= self.most => Err((first + self.span_s - now).max(1)),
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_window_slides() {
        let limit = Limit::new(2, 60);
        assert_eq!(limit.take("a", at(0)), Ok(()));
        assert_eq!(limit.take("a", at(30)), Ok(()));
        assert_eq!(limit.take("a", at(59)), Err(1));
        assert_eq!(limit.take("b", at(59)), Ok(()), "another key has its own");
        assert_eq!(limit.take("a", at(60)), Ok(()), "the first has left the window");
        assert_eq!(limit.take("a", at(61)), Err(29));
    }

    #[test]
    fn old_keys_are_forgotten() {
        let limit = Limit::new(1, 60);
        for key in 0..MOST_KEYS {
            assert_eq!(limit.take(key, at(0)), Ok(()));
        }
        assert_eq!(limit.take(MOST_KEYS, at(100)), Ok(()));
        assert_eq!(limit.asked.lock().unwrap().len(), 1);
    }
}
