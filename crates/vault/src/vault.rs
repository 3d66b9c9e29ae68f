//! The vault: a root key, the copies of the keyring, and the keys in use.

mod copies;

use std::collections::HashSet;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use zeroize::Zeroizing;

use crate::cache::KeyCache;
use crate::error::CryptoError;
use crate::key_file::RootKey;
use crate::keyring::{KeyId, KeyKind, Keyring, KeyringError, WrappedKey};
use crate::mac::MacKey;
use crate::random::Random;
use crate::sealed::{self, OpenError, Place, SealError, SealingKey};
use crate::secret::Secret;
use crate::twice::{InnerKey, TwoKeys};
use crate::wrap;
use copies::{Ring, heal, keyring_error, load_all, require_root_key, union};

/// Unknown ids remembered, so that none of them has the keyring read twice.
const MOST_MISSED: usize = 4096;

/// Unwrapped keys kept of each sort: at most twice this, some megabytes.
const CACHED_KEYS_HALF: usize = 8192;

/// All keys of an instance.
///
/// Making a key is blocking I/O and happens before a transaction; everything else is computing.
/// A key is durable in every copy of the keyring before its id is given out, so a row never needs
/// a key that a power cut took. One that no row came to need is harmless.
///
/// Another process with the same keyring (a second node, an operator's command) makes keys too. An
/// id that is not known yet has the keyring read once more, so its rows can be opened here.
///
/// ```
/// # use std::sync::Arc;
/// use vault::{Field, FolderKeyring, KeyKind, Place, RootKey, SystemRandom, Vault};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let home = tempfile::tempdir()?;
/// let (root, _) = RootKey::load_or_create(&home.path().join("root.key"), &SystemRandom)?;
/// let copy = FolderKeyring::open(home.path().join("keyring"))?;
/// let vault = Vault::open(root, vec![Box::new(copy)], Arc::new(SystemRandom))?;
///
/// let member = [7; 16];
/// let key = vault.ensure_key(KeyKind::Member, member)?;
/// let place = Place { workspace: [1; 16], field: Field(12), row: [2; 16], sealed_rev: 1 };
/// let sealed = vault.seal_text(key, &place, "Call with the bank")?;
/// assert_eq!(vault.open_text(&place, &sealed)?, "Call with the bank");
///
/// let elsewhere = Place { row: [3; 16], ..place };
/// assert!(vault.open_text(&elsewhere, &sealed).is_err());
/// # Ok(())
/// # }
/// ```
pub struct Vault {
    root: RootKey,
    copies: Vec<Box<dyn Keyring>>,
    random: Arc<dyn Random>,
    ring: RwLock<Ring>,
    /// Held while keys are made. Readers never wait for it.
    making: Mutex<()>,
    /// Ids that were not in the keyring when it was last read for them.
    missed: Mutex<HashSet<KeyId>>,
    sealing: KeyCache<SealingKey>,
    inner: KeyCache<InnerKey>,
    hashing: KeyCache<MacKey>,
}

/// Why the vault did not open or has no such key.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No copy of the keyring was given.
    #[error("a vault needs at least one copy of the keyring")]
    NoCopies,
    /// A copy cannot be read or written.
    #[error("the keyring in {copy} cannot be used")]
    Keyring {
        /// Where it lies.
        copy: String,
        /// Why.
        source: KeyringError,
    },
    /// Two entries for one id. Nobody but a person decides which is right.
    #[error("the key {id} in {copy} differs from the same key in another place of the keyring")]
    CopiesDiffer {
        /// The key.
        id: KeyId,
        /// The copy in which the second of them was found.
        copy: String,
    },
    /// The keyring was made under another root key.
    #[error("this root key is not the one the keyring was made under")]
    WrongRootKey,
    /// The root key fits some copies, and this one belongs to another instance or root key.
    #[error("the keyring in {copy} was made under another root key than the other copies")]
    ForeignCopy {
        /// Where it lies.
        copy: String,
    },
    /// Not in the keyring.
    #[error("the key {0} is not in the keyring")]
    UnknownKey(KeyId),
    /// Not of a kind for this use.
    #[error("a key of the kind {0:?} is not for this use")]
    WrongKeyKind(KeyKind),
    /// It does not unwrap, though the root key is the right one.
    #[error("the key {0} in the keyring is damaged")]
    KeyDamaged(KeyId),
    /// See [`CryptoError`].
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl VaultError {
    /// The error with its causes, in one line: what a log needs to tell a full disk from a wrong
    /// permission.
    pub fn in_full(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text
    }

    /// Whether a key is missing or damaged that something was sealed or hashed with.
    pub fn is_missing_key(&self) -> bool {
        matches!(self, Self::UnknownKey(_) | Self::KeyDamaged(_))
    }

    /// The file system's refusal, if it is one.
    pub fn io_kind(&self) -> Option<std::io::ErrorKind> {
        match self {
            Self::Keyring { source: KeyringError::Io { source, .. }, .. } => Some(source.kind()),
            _ => None,
        }
    }
}

impl Vault {
    /// Reads every copy of the keyring, brings those that lag behind up to the union of all, and
    /// makes sure that the root key is the one they were made under.
    ///
    /// The first opening leaves a canary key, so that a wrong root key is found even when there
    /// are no other keys yet. Nothing is written before the root key is known to be right.
    ///
    /// When all copies are empty this begins a new keyring. Whether data exists that needs an old
    /// one is not known here: keep the canary's id (`key_for(KeyKind::Canary, [0; 16])`) with the
    /// data and compare.
    ///
    /// Errors: [`VaultError::WrongRootKey`], [`VaultError::ForeignCopy`],
    /// [`VaultError::CopiesDiffer`], or a copy that cannot be read or written.
    pub fn open(
        root: RootKey,
        copies: Vec<Box<dyn Keyring>>,
        random: Arc<dyn Random>,
    ) -> Result<Self, VaultError> {
        let held = load_all(&copies)?;
        require_root_key(&root, &copies, &held)?;
        let ring = union(&copies, &held)?;
        heal(&copies, &held, &ring)?;

        let vault = Self {
            root,
            copies,
            random,
            ring: RwLock::new(ring),
            making: Mutex::new(()),
            missed: Mutex::new(HashSet::new()),
            sealing: KeyCache::new(CACHED_KEYS_HALF),
            inner: KeyCache::new(CACHED_KEYS_HALF),
            hashing: KeyCache::new(CACHED_KEYS_HALF),
        };
        if vault.key_for(KeyKind::Canary, [0; 16]).is_none() {
            vault.make_keys(&vault.start_making(), &[(KeyKind::Canary, [0; 16])])?;
        }
        Ok(vault)
    }

    /// Where the copies of the keyring lie, for logs and the trust page.
    pub fn copies(&self) -> Vec<String> {
        self.copies.iter().map(|copy| copy.describe()).collect()
    }

    /// Makes a key and returns its id once it is durable in every copy. It is then the newest of
    /// its kind and owner.
    ///
    /// After an error the key may exist in some copies: it is then found by the next
    /// [`Vault::open`].
    pub fn create_key(&self, kind: KeyKind, owner: [u8; 16]) -> Result<KeyId, VaultError> {
        refuse_canary(kind)?;
        self.make_key(&self.start_making(), kind, owner)
    }

    /// Makes several keys with one fsync in each copy. The ids are in the order asked for.
    pub fn create_keys(&self, wanted: &[(KeyKind, [u8; 16])]) -> Result<Vec<KeyId>, VaultError> {
        for (kind, _) in wanted {
            refuse_canary(*kind)?;
        }
        self.make_keys(&self.start_making(), wanted)
    }

    /// The newest key of this kind and owner, made when there is none. Callers that race get the
    /// same key.
    pub fn ensure_key(&self, kind: KeyKind, owner: [u8; 16]) -> Result<KeyId, VaultError> {
        refuse_canary(kind)?;
        if let Some(id) = self.key_for(kind, owner) {
            return Ok(id);
        }
        let making = self.start_making();
        match self.key_for(kind, owner) {
            Some(id) => Ok(id),
            None => self.make_key(&making, kind, owner),
        }
    }

    /// The newest key of this kind and owner.
    ///
    /// To seal with, that is the one to take. To look up in an index, take the key the index was
    /// built under, whose id belongs beside the index.
    pub fn key_for(&self, kind: KeyKind, owner: [u8; 16]) -> Option<KeyId> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.newest.get(&(kind, owner)).copied()
    }

    /// Whether this key is in the keyring, as it was last read.
    pub fn holds(&self, id: KeyId) -> bool {
        self.held(id).is_some()
    }

    /// A key that seals, by its id.
    ///
    /// Errors: unknown, of a kind that hashes, or damaged.
    pub fn sealing_key(&self, id: KeyId) -> Result<Arc<SealingKey>, VaultError> {
        if let Some(key) = self.sealing.get(id) {
            return Ok(key);
        }
        let key = self.unwrap(id, KeyKind::seals)?;
        let key = Arc::new(SealingKey::new(id, &key)?);
        self.sealing.insert(id, &key);
        Ok(key)
    }

    /// A key that hashes, by its id.
    ///
    /// Errors: unknown, of a kind that seals, or damaged.
    pub fn mac_key(&self, id: KeyId) -> Result<Arc<MacKey>, VaultError> {
        if let Some(key) = self.hashing.get(id) {
            return Ok(key);
        }
        let key = self.unwrap(id, KeyKind::hashes)?;
        let key = Arc::new(MacKey::new(id, &key));
        self.hashing.insert(id, &key);
        Ok(key)
    }

    /// The seed of a key that signs, by its id. Whoever has it signs what they like as this instance.
    ///
    /// Errors: unknown, of a kind that does not sign, or damaged.
    pub fn signing_seed(&self, id: KeyId) -> Result<Secret<[u8; 32]>, VaultError> {
        let key = self.unwrap(id, KeyKind::signs)?;
        Ok(Secret::new(*key))
    }

    /// Seals text under a key, for a place.
    ///
    /// Errors: no such sealing key, or a text over
    /// [`MAX_PLAINTEXT_BYTES`](crate::sealed::MAX_PLAINTEXT_BYTES).
    pub fn seal_text(&self, key: KeyId, place: &Place, text: &str) -> Result<Vec<u8>, SealError> {
        self.sealing_key(key)?.seal(place, text.as_bytes(), self.random.as_ref())
    }

    /// Opens text that stands at a place, with the key its bytes name.
    pub fn open_text(&self, place: &Place, bytes: &[u8]) -> Result<String, OpenError> {
        let id = sealed::key_id(bytes)?;
        let key = self.sealing_key(id).map_err(|error| no_key_to_open(id, error))?;
        String::from_utf8(key.open(place, bytes)?).map_err(|_| OpenError::NotText)
    }

    /// Seals a secret twice, for a place: see [`twice`](crate::twice).
    ///
    /// Errors: as [`Vault::seal_text`], for either key.
    pub fn seal_twice(
        &self,
        keys: TwoKeys,
        place: &Place,
        secret: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let random = self.random.as_ref();
        let within = self.inner_key(keys.inner)?.seal(place, secret, random)?;
        self.sealing_key(keys.outer)?.seal(place, &within, random)
    }

    /// Opens what was sealed twice and stands at a place, with the keys its bytes name.
    pub fn open_twice(&self, place: &Place, bytes: &[u8]) -> Result<Secret<Vec<u8>>, OpenError> {
        let id = sealed::key_id(bytes)?;
        let outer = self.sealing_key(id).map_err(|error| no_key_to_open(id, error))?;
        let within = Secret::new(outer.open(place, bytes)?);
        let id = sealed::key_id(within.expose())?;
        let inner = self.inner_key(id).map_err(|error| no_key_to_open(id, error))?;
        inner.open(place, within.expose()).map(Secret::new)
    }

    fn inner_key(&self, id: KeyId) -> Result<Arc<InnerKey>, VaultError> {
        if let Some(key) = self.inner.get(id) {
            return Ok(key);
        }
        let key = self.unwrap(id, KeyKind::seals_within)?;
        let key = Arc::new(InnerKey::new(id, &key)?);
        self.inner.insert(id, &key);
        Ok(key)
    }

    /// Reads every copy of the keyring again and takes up the keys that other processes have made.
    /// Blocks; writes nothing.
    ///
    /// Errors: [`VaultError::CopiesDiffer`], or a copy that cannot be read.
    pub fn refresh(&self) -> Result<(), VaultError> {
        let held = load_all(&self.copies)?;
        let found = union(&self.copies, &held)?;
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        ring.take_up(found);
        Ok(())
    }

    /// Writes every key, as wrapped as it is here, into `target`: a further copy of the keyring.
    /// Reads the keyring anew first, so that keys made by other processes are in it. Blocks.
    ///
    /// Errors: as [`Vault::refresh`]; `target` cannot be written.
    pub fn copy_into(&self, target: &dyn Keyring) -> Result<(), VaultError> {
        self.refresh()?;
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let keys: Vec<_> = ring.order.iter().filter_map(|id| ring.by_id.get(id).cloned()).collect();
        drop(ring);
        target.append(&keys).map_err(keyring_error(target))
    }

    /// A key as it lies in the keyring, also when another process made it since we last looked.
    ///
    /// A key is durable before anything names it, so an id that was looked for in vain is not looked
    /// for again. The lock makes callers who miss the same key wait for one look.
    fn find(&self, id: KeyId) -> Result<WrappedKey, VaultError> {
        if let Some(key) = self.held(id) {
            return Ok(key);
        }
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        if !missed.contains(&id) && self.held(id).is_none() {
            self.refresh()?;
        }
        self.held(id).ok_or_else(|| {
            if missed.len() >= MOST_MISSED {
                missed.clear();
            }
            missed.insert(id);
            VaultError::UnknownKey(id)
        })
    }

    fn held(&self, id: KeyId) -> Option<WrappedKey> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.by_id.get(&id).cloned()
    }

    fn unwrap(
        &self,
        id: KeyId,
        is_for_this: impl FnOnce(KeyKind) -> bool,
    ) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let key = self.find(id)?;
        if !is_for_this(key.kind) {
            return Err(VaultError::WrongKeyKind(key.kind));
        }
        wrap::unwrap(&self.root, &key).map_err(|CryptoError| VaultError::KeyDamaged(id))
    }

    fn start_making(&self) -> MutexGuard<'_, ()> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make_key(
        &self,
        making: &MutexGuard<'_, ()>,
        kind: KeyKind,
        owner: [u8; 16],
    ) -> Result<KeyId, VaultError> {
        let made = self.make_keys(making, &[(kind, owner)])?;
        // As many as asked for.
        made.first().copied().ok_or(VaultError::Crypto(CryptoError))
    }

    fn make_keys(
        &self,
        _making: &MutexGuard<'_, ()>,
        wanted: &[(KeyKind, [u8; 16])],
    ) -> Result<Vec<KeyId>, VaultError> {
        let mut made: Vec<WrappedKey> = Vec::with_capacity(wanted.len());
        for (kind, owner) in wanted {
            let taken: HashSet<_> = made.iter().map(|key| key.id).collect();
            let id = self.free_id(&taken);
            let mut key = Zeroizing::new([0; 32]);
            self.random.fill(key.as_mut_slice());
            made.push(wrap::wrap(&self.root, id, *kind, *owner, &key)?);
        }
        for copy in &self.copies {
            copy.append(&made).map_err(keyring_error(copy.as_ref()))?;
        }
        let ids = made.iter().map(|key| key.id).collect();
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        for key in made {
            ring.add(key);
        }
        Ok(ids)
    }

    fn free_id(&self, taken: &HashSet<KeyId>) -> KeyId {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        loop {
            let id = KeyId::draw(self.random.as_ref());
            if !ring.by_id.contains_key(&id) && !taken.contains(&id) {
                return id;
            }
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("copies", &self.copies()).finish_non_exhaustive()
    }
}

fn no_key_to_open(id: KeyId, error: VaultError) -> OpenError {
    match error {
        VaultError::UnknownKey(_) => OpenError::UnknownKey(id),
        VaultError::WrongKeyKind(_) => OpenError::WrongKeyKind,
        VaultError::KeyDamaged(_) | VaultError::Crypto(_) => OpenError::KeyDamaged(id),
        error => OpenError::Keyring(error.in_full()),
    }
}

fn refuse_canary(kind: KeyKind) -> Result<(), VaultError> {
    if kind == KeyKind::Canary { Err(VaultError::WrongKeyKind(kind)) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
