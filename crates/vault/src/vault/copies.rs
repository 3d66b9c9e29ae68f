//! The copies of a keyring: read, compared with the root key and each other, and healed.

use std::collections::{HashMap, HashSet};

use super::VaultError;
use crate::key_file::RootKey;
use crate::keyring::{KeyId, KeyKind, Keyring, KeyringError, WrappedKey};
use crate::wrap;

/// The union of all copies, in memory.
#[derive(Default)]
pub(super) struct Ring {
    pub(super) by_id: HashMap<KeyId, WrappedKey>,
    pub(super) newest: HashMap<(KeyKind, [u8; 16]), KeyId>,
    /// The ids, oldest first.
    pub(super) order: Vec<KeyId>,
}

impl Ring {
    fn with_room_for(keys: usize) -> Self {
        Self {
            by_id: HashMap::with_capacity(keys),
            newest: HashMap::with_capacity(keys),
            order: Vec::with_capacity(keys),
        }
    }

    /// Adds the keys that are not here yet. When two processes made one for the same owner, it does
    /// not matter which of them counts as the newest: both are durable.
    pub(super) fn take_up(&mut self, mut found: Self) {
        for id in found.order {
            if let Some(key) = found.by_id.remove(&id) {
                self.add(key);
            }
        }
    }

    pub(super) fn add(&mut self, key: WrappedKey) {
        let (id, owner) = (key.id, (key.kind, key.owner));
        if self.by_id.insert(id, key).is_none() {
            self.order.push(id);
            self.newest.insert(owner, id);
        }
    }
}

pub(super) fn keyring_error(copy: &dyn Keyring) -> impl FnOnce(KeyringError) -> VaultError {
    let copy = copy.describe();
    move |source| VaultError::Keyring { copy, source }
}

/// Compares each copy with the root key: by its canaries, or, when a power cut took the canary
/// and left keys, by its first key.
pub(super) fn require_root_key(
    root: &RootKey,
    copies: &[Box<dyn Keyring>],
    held: &[Vec<WrappedKey>],
) -> Result<(), VaultError> {
    if copies.is_empty() {
        return Err(VaultError::NoCopies);
    }
    let fits = |keys: &Vec<WrappedKey>| {
        let mut canaries = keys.iter().filter(|key| key.kind == KeyKind::Canary).peekable();
        if canaries.peek().is_some() {
            return canaries.all(|canary| wrap::unwrap(root, canary).is_ok());
        }
        keys.first().is_none_or(|key| wrap::unwrap(root, key).is_ok())
    };
    let Some(foreign) = held.iter().position(|keys| !fits(keys)) else {
        return Ok(());
    };
    if held.iter().any(|keys| !keys.is_empty() && fits(keys)) {
        let copy = copies.get(foreign).map(|copy| copy.describe()).unwrap_or_default();
        return Err(VaultError::ForeignCopy { copy });
    }
    Err(VaultError::WrongRootKey)
}

/// The keys of each copy. The copies are read at the same time: a start waits for the slowest.
pub(super) fn load_all(copies: &[Box<dyn Keyring>]) -> Result<Vec<Vec<WrappedKey>>, VaultError> {
    std::thread::scope(|scope| {
        let loading: Vec<_> = copies.iter().map(|copy| scope.spawn(|| copy.load())).collect();
        let loaded = loading.into_iter().zip(copies).map(|(keys, copy)| {
            let keys = keys.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            keys.map_err(keyring_error(copy.as_ref()))
        });
        loaded.collect()
    })
}

/// All keys. The fullest copy gives the order; what it lacks comes after.
pub(super) fn union(
    copies: &[Box<dyn Keyring>],
    held: &[Vec<WrappedKey>],
) -> Result<Ring, VaultError> {
    let mut by_fullness: Vec<_> = copies.iter().zip(held).collect();
    by_fullness.sort_by_key(|(_, keys)| std::cmp::Reverse(keys.len()));
    let fullest = by_fullness.first().map_or(&[][..], |(_, keys)| keys);
    let mut ring = Ring::with_room_for(fullest.len());
    for (nth, (copy, keys)) in by_fullness.into_iter().enumerate() {
        if nth > 0 && keys == fullest {
            continue;
        }
        for key in keys {
            match ring.by_id.get(&key.id) {
                None => ring.add(key.clone()),
                Some(same) if same == key => {}
                Some(_) => {
                    return Err(VaultError::CopiesDiffer { id: key.id, copy: copy.describe() });
                }
            }
        }
    }
    Ok(ring)
}

/// Gives each copy what it lacks.
pub(super) fn heal(
    copies: &[Box<dyn Keyring>],
    held: &[Vec<WrappedKey>],
    ring: &Ring,
) -> Result<(), VaultError> {
    for (copy, keys) in copies.iter().zip(held) {
        // By their ids: a copy can hold one key twice and lack another.
        let held: HashSet<_> = keys.iter().map(|key| key.id).collect();
        let missing: Vec<_> = ring
            .order
            .iter()
            .filter(|id| !held.contains(id))
            .filter_map(|id| ring.by_id.get(id).cloned())
            .collect();
        if !missing.is_empty() {
            copy.append(&missing).map_err(keyring_error(copy.as_ref()))?;
        }
    }
    Ok(())
}
