//! A bounded cache of unwrapped keys whose common path is a read lock and two look-ups.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::keyring::KeyId;

/// Keeps the keys used last: at most `2 * half` of them.
///
/// Two generations instead of an order of use, which every reader would have to write. What is
/// used moves to the young one; when that is full it becomes the old one, and what nobody used
/// for a whole generation is dropped, and with it wiped once its last user is done.
pub(crate) struct KeyCache<K> {
    half: usize,
    generations: RwLock<Generations<K>>,
}

struct Generations<K> {
    young: HashMap<KeyId, Arc<K>>,
    old: HashMap<KeyId, Arc<K>>,
}

impl<K> KeyCache<K> {
    pub(crate) fn new(half: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new() };
        Self { half, generations: RwLock::new(generations) }
    }

    pub(crate) fn get(&self, id: KeyId) -> Option<Arc<K>> {
        {
            let generations = self.generations.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(key) = generations.young.get(&id) {
                return Some(Arc::clone(key));
            }
            if !generations.old.contains_key(&id) {
                return None;
            }
        }
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        match generations.old.remove(&id) {
            Some(key) => {
                generations.add(self.half, id, &key);
                Some(key)
            }
            None => generations.young.get(&id).map(Arc::clone),
        }
    }

    pub(crate) fn insert(&self, id: KeyId, key: &Arc<K>) {
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        generations.add(self.half, id, key);
    }
}

impl<K> Generations<K> {
    fn add(&mut self, half: usize, id: KeyId, key: &Arc<K>) {
        if self.young.len() >= half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id, Arc::clone(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: i64) -> KeyId {
        KeyId::new(number).unwrap()
    }

    #[test]
    fn is_bounded_and_keeps_what_is_used() {
        let cache = KeyCache::new(10);
        for number in 1..=1000 {
            cache.insert(id(number), &Arc::new(number));
            assert_eq!(cache.get(id(1)).as_deref(), Some(&1), "used all the time");
            let generations = cache.generations.read().unwrap();
            assert!(generations.young.len() + generations.old.len() <= 20);
        }
        assert_eq!(cache.get(id(1000)).as_deref(), Some(&1000));
        assert_eq!(cache.get(id(500)), None);
        assert_eq!(cache.get(id(2000)), None);
    }
}
