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

/// Keys remembered at once. Beyond it the half that was quiet for longer is forgotten, so that neither
/// the memory nor the time of a call grows with the number of those who ask.
const MOST_KEYS: usize = 10_000;

/// At most so many in a span, for each key.
pub struct Limit<K> {
    most: usize,
    span_s: i64,
    asked: Mutex<Asked<K>>,
}

/// When who has asked, in two generations: who asks moves to the young one, and when that is full, it
/// becomes the old one.
struct Asked<K> {
    young: HashMap<K, VecDeque<i64>>,
    old: HashMap<K, VecDeque<i64>>,
}

impl<K: Hash + Eq> Asked<K> {
    fn times(&mut self, key: K) -> &mut VecDeque<i64> {
        if !self.young.contains_key(&key) && self.young.len() >= MOST_KEYS / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        let before = self.old.remove(&key);
        self.young.entry(key).or_insert_with(|| before.unwrap_or_default())
    }
}

impl<K: Hash + Eq> Limit<K> {
    /// At most `most` in `span_s` seconds.
    pub fn new(most: usize, span_s: i64) -> Self {
        let asked = Asked { young: HashMap::new(), old: HashMap::new() };
        Self { most, span_s, asked: Mutex::new(asked) }
    }

    /// How many seconds to wait for the next one, without taking it; none where there is one left.
    pub fn wait(&self, key: &K, now: Timestamp) -> Option<i64> {
        let now = now.as_second();
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let times = asked.young.get(key).or_else(|| asked.old.get(key))?;
        let recent: Vec<i64> = times.iter().copied().filter(|at| *at > now - self.span_s).collect();
        let first = recent.first().filter(|_| recent.len() >= self.most)?;
        Some((first + self.span_s - now).max(1))
    }

    /// Takes one.
    ///
    /// Errors: how many seconds to wait.
    pub fn take(&self, key: K, now: Timestamp) -> Result<(), i64> {
        let now = now.as_second();
        let since = now - self.span_s;
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let times = asked.times(key);
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
        assert_eq!(limit.wait(&"a", at(59)), Some(1), "and that was not counted");
        assert_eq!((limit.wait(&"a", at(60)), limit.wait(&"b", at(59))), (None, None));
        assert_eq!(limit.take("b", at(59)), Ok(()), "another key has its own");
        assert_eq!(limit.take("a", at(60)), Ok(()), "the first has left the window");
        assert_eq!(limit.take("a", at(61)), Err(29));
    }

    #[test]
    fn a_flood_of_keys_is_forgotten_and_who_goes_on_asking_is_not() {
        let limit = Limit::new(1, 60);
        assert_eq!(limit.take(0, at(0)), Ok(()));
        for key in 1..5 * MOST_KEYS {
            assert_eq!(limit.take(key, at(0)), Ok(()));
            if key % 1_000 == 0 {
                assert_eq!(limit.take(0, at(30)), Err(30), "{key}");
            }
        }
        let asked = limit.asked.lock().unwrap();
        assert!(asked.young.len() + asked.old.len() <= MOST_KEYS);
    }
}
