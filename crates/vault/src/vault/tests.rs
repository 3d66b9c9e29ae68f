//! The vault over keyrings in memory that can fail, and over folders.

use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;
use crate::keyring::FolderKeyring;
use crate::random::SystemRandom;
use crate::sealed::{Field, Sealed};

const PLACE: Place = Place { workspace: [1; 16], field: Field(7), row: [2; 16], sealed_rev: 5 };
const OWNER: [u8; 16] = [7; 16];

/// A copy in memory. Clones share their keys, so that a test can look on, and open again.
#[derive(Clone, Default)]
struct MemoryKeyring {
    keys: Arc<Mutex<Vec<WrappedKey>>>,
    appends: Arc<AtomicUsize>,
    is_full: Arc<Mutex<bool>>,
    is_unreadable: Arc<Mutex<bool>>,
}

impl MemoryKeyring {
    fn keys(&self) -> Vec<WrappedKey> {
        self.keys.lock().unwrap().clone()
    }
}

impl Keyring for MemoryKeyring {
    fn describe(&self) -> String {
        "memory".to_owned()
    }

    fn load(&self) -> Result<Vec<WrappedKey>, KeyringError> {
        if *self.is_unreadable.lock().unwrap() {
            return Err(KeyringError::Io {
                action: "read",
                path: "memory".into(),
                source: std::io::ErrorKind::PermissionDenied.into(),
            });
        }
        Ok(self.keys())
    }

    fn append(&self, keys: &[WrappedKey]) -> Result<(), KeyringError> {
        if *self.is_full.lock().unwrap() {
            return Err(KeyringError::Io {
                action: "write to",
                path: "memory".into(),
                source: std::io::ErrorKind::StorageFull.into(),
            });
        }
        self.appends.fetch_add(1, Ordering::Relaxed);
        self.keys.lock().unwrap().extend_from_slice(keys);
        Ok(())
    }
}

fn open_with(root: u8, copies: &[&MemoryKeyring]) -> Result<Vault, VaultError> {
    let copies = copies.iter().map(|copy| -> Box<dyn Keyring> { Box::new((*copy).clone()) });
    Vault::open(RootKey::from_bytes([root; 32]), copies.collect(), Arc::new(SystemRandom))
}

fn open(copies: &[&MemoryKeyring]) -> Vault {
    open_with(1, copies).unwrap()
}

#[test]
fn keys_are_in_every_copy_before_their_id_is_given_out() {
    let (one, two) = (MemoryKeyring::default(), MemoryKeyring::default());
    let vault = open(&[&one, &two]);
    let id = vault.create_key(KeyKind::Member, OWNER).unwrap();
    assert_eq!(one.keys(), two.keys());
    assert_eq!(
        one.keys().last().map(|key| (key.id, key.kind, key.owner)),
        Some((id, KeyKind::Member, OWNER))
    );

    let again = open(&[&one, &two]);
    assert_eq!(again.key_for(KeyKind::Member, OWNER), Some(id));
    let sealed = vault.seal_text(id, &PLACE, "words").unwrap();
    assert_eq!(again.open_text(&PLACE, &sealed).unwrap(), "words");
}

#[test]
fn several_keys_cost_one_append() {
    let copy = MemoryKeyring::default();
    let vault = open(&[&copy]);
    let before = copy.appends.load(Ordering::Relaxed);
    let wanted = [(KeyKind::Member, OWNER), (KeyKind::WorkspaceNames, [1; 16])];
    let ids = vault.create_keys(&wanted).unwrap();
    assert_eq!(copy.appends.load(Ordering::Relaxed), before + 1);
    assert!(vault.sealing_key(ids[0]).is_ok());
    assert!(vault.mac_key(ids[1]).is_ok());
    assert_eq!(vault.create_keys(&[]).unwrap(), []);
}

#[test]
fn the_newest_key_is_taken_also_after_a_restart() {
    let copy = MemoryKeyring::default();
    let vault = open(&[&copy]);
    assert_eq!(vault.key_for(KeyKind::Member, OWNER), None);
    let first = vault.ensure_key(KeyKind::Member, OWNER).unwrap();
    assert_eq!(vault.ensure_key(KeyKind::Member, OWNER).unwrap(), first);
    let second = vault.create_key(KeyKind::Member, OWNER).unwrap();
    assert_ne!(first, second);
    assert_eq!(vault.ensure_key(KeyKind::Member, OWNER).unwrap(), second);
    assert_eq!(open(&[&copy]).key_for(KeyKind::Member, OWNER), Some(second));
    assert_eq!(vault.key_for(KeyKind::Member, [8; 16]), None);
    assert_eq!(vault.key_for(KeyKind::Person, OWNER), None);

    // What the older key sealed still opens.
    let sealed = vault.seal_text(first, &PLACE, "old words").unwrap();
    assert_eq!(open(&[&copy]).open_text(&PLACE, &sealed).unwrap(), "old words");
}

#[test]
fn racing_callers_get_one_key() {
    let copy = MemoryKeyring::default();
    let vault = open(&[&copy]);
    let barrier = Barrier::new(8);
    let ids: HashSet<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    vault.ensure_key(KeyKind::AddressIndex, [0; 16]).unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(ids.len(), 1);
    assert_eq!(copy.keys().len(), 2, "the canary and the key");
}

#[test]
fn a_wrong_root_key_is_found_with_the_canary_alone() {
    let copy = MemoryKeyring::default();
    open(&[&copy]);
    assert_eq!(copy.keys().len(), 1);
    assert!(matches!(open_with(2, &[&copy]), Err(VaultError::WrongRootKey)));
    assert_eq!(copy.keys().len(), 1, "nothing is written");
    assert!(open_with(1, &[&copy]).is_ok());
    assert_eq!(copy.keys().len(), 1, "one canary is enough");
}

#[test]
fn a_wrong_root_key_is_found_without_a_canary() {
    let copy = MemoryKeyring::default();
    open(&[&copy]).create_key(KeyKind::Member, OWNER).unwrap();
    copy.keys.lock().unwrap().remove(0);
    assert!(matches!(open_with(2, &[&copy]), Err(VaultError::WrongRootKey)));
    open(&[&copy]);
    assert_eq!(copy.keys().len(), 2, "the canary is back");
}

#[test]
fn a_wrong_root_key_is_found_beside_an_empty_copy() {
    let (copy, empty) = (MemoryKeyring::default(), MemoryKeyring::default());
    open(&[&copy]);
    assert!(matches!(open_with(2, &[&empty, &copy]), Err(VaultError::WrongRootKey)));
    assert_eq!(empty.keys(), []);
}

#[test]
fn a_copy_of_another_instance_is_refused() {
    let (own, other) = (MemoryKeyring::default(), MemoryKeyring::default());
    open(&[&own]);
    open_with(2, &[&other]).unwrap();
    assert!(matches!(open_with(1, &[&own, &other]), Err(VaultError::ForeignCopy { .. })));
    assert!(matches!(open_with(1, &[&other, &own]), Err(VaultError::ForeignCopy { .. })));
    assert_eq!((own.keys().len(), other.keys().len()), (1, 1));
}

#[test]
fn no_copy_is_refused() {
    assert!(matches!(open_with(1, &[]), Err(VaultError::NoCopies)));
}

#[test]
fn a_copy_that_lags_behind_is_healed() {
    let (one, two) = (MemoryKeyring::default(), MemoryKeyring::default());
    let vault = open(&[&one, &two]);
    let ids: Vec<_> = (0..5).map(|_| vault.create_key(KeyKind::Member, OWNER).unwrap()).collect();
    let whole = one.keys();

    one.keys.lock().unwrap().clear();
    two.keys.lock().unwrap().truncate(4);
    assert_eq!(open(&[&one, &two]).key_for(KeyKind::Member, OWNER), Some(ids[2]));
    assert_eq!(one.keys(), whole[..4]);

    *two.keys.lock().unwrap() = whole.clone();
    assert_eq!(open(&[&one, &two]).key_for(KeyKind::Member, OWNER), Some(ids[4]));
    assert_eq!(one.keys(), whole);

    // Each has what the other lacks.
    one.keys.lock().unwrap().remove(2);
    two.keys.lock().unwrap().remove(3);
    let vault = open(&[&one, &two]);
    for id in &ids {
        assert!(vault.sealing_key(*id).is_ok());
    }
    assert_eq!((one.keys().len(), two.keys().len()), (6, 6));
}

#[test]
fn a_copy_with_one_key_twice_and_another_missing_is_healed() {
    let (one, two) = (MemoryKeyring::default(), MemoryKeyring::default());
    let vault = open(&[&one, &two]);
    let ids: Vec<_> = (0..3).map(|_| vault.create_key(KeyKind::Member, OWNER).unwrap()).collect();
    {
        let mut keys = two.keys.lock().unwrap();
        let twice = keys[1].clone();
        *keys.last_mut().unwrap() = twice;
    }
    assert_eq!(one.keys().len(), two.keys().len());
    open(&[&one, &two]);
    let alone = open(&[&two]);
    for id in ids {
        assert!(alone.sealing_key(id).is_ok());
    }
}

#[test]
fn copies_that_differ_are_refused() {
    let (one, two) = (MemoryKeyring::default(), MemoryKeyring::default());
    let id = open(&[&one, &two]).create_key(KeyKind::Member, OWNER).unwrap();
    two.keys.lock().unwrap()[1].wrapped[0] ^= 1;
    let error = open_with(1, &[&one, &two]).unwrap_err();
    assert!(matches!(error, VaultError::CopiesDiffer { id: found, .. } if found == id));
}

#[test]
fn a_key_that_a_copy_refused_is_not_given_out() {
    let (one, two) = (MemoryKeyring::default(), MemoryKeyring::default());
    let vault = open(&[&one, &two]);
    *two.is_full.lock().unwrap() = true;
    let error = vault.create_key(KeyKind::Member, OWNER).unwrap_err();
    assert!(matches!(error, VaultError::Keyring { .. }));
    assert_eq!(vault.key_for(KeyKind::Member, OWNER), None);
    assert!(vault.ensure_key(KeyKind::Member, OWNER).is_err());

    *two.is_full.lock().unwrap() = false;
    let id = vault.ensure_key(KeyKind::Member, OWNER).unwrap();
    let again = open(&[&one, &two]);
    assert_eq!(again.key_for(KeyKind::Member, OWNER), Some(id), "orphans came before");
    assert_eq!(one.keys().len(), two.keys().len());
}

#[test]
fn unknown_ids_and_wrong_kinds_are_refused() {
    let copy = MemoryKeyring::default();
    let vault = open(&[&copy]);
    let unknown = KeyId::new(1).unwrap();
    assert!(matches!(vault.sealing_key(unknown), Err(VaultError::UnknownKey(id)) if id == unknown));
    assert!(matches!(vault.mac_key(unknown), Err(VaultError::UnknownKey(id)) if id == unknown));
    assert!(matches!(
        vault.seal_text(unknown, &PLACE, "words"),
        Err(SealError::Key(VaultError::UnknownKey(_)))
    ));

    for kind in KeyKind::ALL {
        if kind == KeyKind::Canary {
            assert!(matches!(vault.create_key(kind, OWNER), Err(VaultError::WrongKeyKind(_))));
            assert!(matches!(vault.ensure_key(kind, [0; 16]), Err(VaultError::WrongKeyKind(_))));
            assert!(vault.create_keys(&[(kind, OWNER)]).is_err());
            continue;
        }
        let id = vault.create_key(kind, OWNER).unwrap();
        assert_eq!(vault.sealing_key(id).is_ok(), kind.seals());
        assert_eq!(vault.mac_key(id).is_ok(), kind.hashes());
        // Also when the other sort is cached by now.
        assert_eq!(vault.sealing_key(id).is_ok(), kind.seals());
    }
    let canary = vault.key_for(KeyKind::Canary, [0; 16]).unwrap();
    assert!(matches!(vault.sealing_key(canary), Err(VaultError::WrongKeyKind(_))));
    assert!(matches!(vault.mac_key(canary), Err(VaultError::WrongKeyKind(_))));
}

#[test]
fn a_damaged_key_is_named() {
    let copy = MemoryKeyring::default();
    let id = open(&[&copy]).create_key(KeyKind::Member, OWNER).unwrap();
    let sealed = open(&[&copy]).seal_text(id, &PLACE, "words").unwrap();
    copy.keys.lock().unwrap()[1].wrapped[20] ^= 1;
    let vault = open(&[&copy]);
    assert!(matches!(vault.sealing_key(id), Err(VaultError::KeyDamaged(found)) if found == id));
    assert_eq!(vault.open_text(&PLACE, &sealed), Err(OpenError::KeyDamaged(id)));
}

#[test]
fn keys_that_exchanged_their_owners_are_damaged() {
    let copy = MemoryKeyring::default();
    let vault = open(&[&copy]);
    let one = vault.create_key(KeyKind::Member, [1; 16]).unwrap();
    let two = vault.create_key(KeyKind::Member, [2; 16]).unwrap();
    {
        let mut keys = copy.keys.lock().unwrap();
        keys[1].owner = [2; 16];
        keys[2].owner = [1; 16];
    }
    let vault = open(&[&copy]);
    assert!(matches!(vault.sealing_key(one), Err(VaultError::KeyDamaged(_))));
    assert!(matches!(vault.sealing_key(two), Err(VaultError::KeyDamaged(_))));
}

/// An erased key and a disk that fails are not the same.
#[test]
fn a_keyring_that_cannot_be_read_is_not_taken_for_an_erasure() {
    let copy = MemoryKeyring::default();
    let vault = open(&[&copy]);
    let id = open(&[&copy]).create_key(KeyKind::Member, OWNER).unwrap();
    let sealed = open(&[&copy]).seal_text(id, &PLACE, "words").unwrap();
    *copy.is_unreadable.lock().unwrap() = true;
    let unread = vault.open_text(&PLACE, &sealed);
    let why = "the keyring in memory cannot be used: could not read memory: permission denied";
    assert_eq!(unread, Err(OpenError::Keyring(why.to_owned())));
    // What was once trouble is looked for again.
    *copy.is_unreadable.lock().unwrap() = false;
    assert_eq!(vault.open_text(&PLACE, &sealed).unwrap(), "words");
}

#[test]
fn text_errors_are_told_apart() {
    let copy = MemoryKeyring::default();
    let vault = open(&[&copy]);
    let id = vault.create_key(KeyKind::Member, OWNER).unwrap();
    let sealed = vault.seal_text(id, &PLACE, "Käse 🧀").unwrap();
    assert_eq!(Sealed::<String>::from_bytes(sealed.clone()).key_id(), Ok(id));
    assert_eq!(vault.open_text(&PLACE, &sealed).unwrap(), "Käse 🧀");

    let older = Place { sealed_rev: 4, ..PLACE };
    assert_eq!(vault.open_text(&older, &sealed), Err(OpenError::DoesNotOpen));
    assert_eq!(vault.open_text(&PLACE, &[]), Err(OpenError::TooShort));
    assert_eq!(vault.open_text(&PLACE, &[2; 100]), Err(OpenError::UnknownVersion(2)));

    let mut unknown = sealed.clone();
    unknown[1..9].copy_from_slice(&1_i64.to_be_bytes());
    let expected = OpenError::UnknownKey(KeyId::new(1).unwrap());
    assert_eq!(vault.open_text(&PLACE, &unknown), Err(expected));

    let hashing = vault.create_key(KeyKind::Cookies, OWNER).unwrap();
    let mut wrong = sealed.clone();
    wrong[1..9].copy_from_slice(&hashing.get().to_be_bytes());
    assert_eq!(vault.open_text(&PLACE, &wrong), Err(OpenError::WrongKeyKind));

    let other = vault.create_key(KeyKind::Member, OWNER).unwrap();
    let mut relabelled = sealed.clone();
    relabelled[1..9].copy_from_slice(&other.get().to_be_bytes());
    assert_eq!(vault.open_text(&PLACE, &relabelled), Err(OpenError::DoesNotOpen));

    let key = vault.sealing_key(id).unwrap();
    let no_text = key.seal(&PLACE, &[0xff, 0xfe], &SystemRandom).unwrap();
    assert_eq!(vault.open_text(&PLACE, &no_text), Err(OpenError::NotText));

    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(vault.open_text(&PLACE, &flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn is_not_printed() {
    let copy = MemoryKeyring::default();
    let vault = open(&[&copy]);
    assert_eq!(format!("{vault:?}"), "Vault { copies: [\"memory\"], .. }");
    assert_eq!(vault.copies(), ["memory"]);
}

fn open_folders(folders: &[&Path]) -> Result<Vault, VaultError> {
    let copies = folders
        .iter()
        .map(|folder| -> Box<dyn Keyring> { Box::new(FolderKeyring::open(folder).unwrap()) });
    Vault::open(RootKey::from_bytes([1; 32]), copies.collect(), Arc::new(SystemRandom))
}

#[test]
fn a_folder_that_was_lost_is_filled_again() {
    let home = tempfile::tempdir().unwrap();
    let (one, two) = (home.path().join("one"), home.path().join("two"));
    let id = open_folders(&[&one, &two]).unwrap().create_key(KeyKind::Member, OWNER).unwrap();
    std::fs::remove_dir_all(&one).unwrap();
    open_folders(&[&one, &two]).unwrap();
    std::fs::remove_dir_all(&two).unwrap();
    assert!(open_folders(&[&one, &two]).unwrap().sealing_key(id).is_ok());
}

#[test]
fn a_torn_copy_is_healed_from_the_other() {
    let home = tempfile::tempdir().unwrap();
    let (one, two) = (home.path().join("one"), home.path().join("two"));
    let vault = open_folders(&[&one, &two]).unwrap();
    let ids = vault.create_keys(&[(KeyKind::Member, OWNER), (KeyKind::Person, OWNER)]).unwrap();
    drop(vault);
    let segment = "epoch-1.segment-1.keys";
    let whole = std::fs::read(two.join(segment)).unwrap();
    for cut in 128..whole.len() {
        std::fs::write(one.join(segment), &whole[..cut]).unwrap();
        let vault = open_folders(&[&one, &two]).unwrap();
        assert!(ids.iter().all(|id| vault.sealing_key(*id).is_ok()), "cut at {cut}");
        assert_eq!(std::fs::read(one.join(segment)).unwrap(), whole, "cut at {cut}");
    }
}

#[test]
fn a_damaged_copy_names_its_folder() {
    let home = tempfile::tempdir().unwrap();
    let (one, two) = (home.path().join("one"), home.path().join("two"));
    open_folders(&[&one, &two]).unwrap().create_key(KeyKind::Member, OWNER).unwrap();
    let segment = two.join("epoch-1.segment-1.keys");
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[200] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let error = open_folders(&[&one, &two]).unwrap_err();
    assert!(error.to_string().contains("two"), "{error}");
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("byte 128"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_never_open_and_never_panic(bytes: Vec<u8>, tail: [u8; 60]) {
        let copy = MemoryKeyring::default();
        let vault = open(&[&copy]);
        let id = vault.create_key(KeyKind::Member, OWNER).unwrap();
        prop_assert!(vault.open_text(&PLACE, &bytes).is_err());
        let mut named = vec![1];
        named.extend(id.get().to_be_bytes());
        named.extend(tail);
        prop_assert_eq!(vault.open_text(&PLACE, &named), Err(OpenError::DoesNotOpen));
    }

    #[test]
    fn any_text_goes_there_and_back(text: String) {
        let copy = MemoryKeyring::default();
        let vault = open(&[&copy]);
        let id = vault.create_key(KeyKind::Member, OWNER).unwrap();
        let sealed = vault.seal_text(id, &PLACE, &text).unwrap();
        prop_assert_eq!(vault.open_text(&PLACE, &sealed).unwrap(), text);
    }
}

#[test]
fn keys_made_by_another_process_are_found() {
    let shared = MemoryKeyring::default();
    let ours = open_with(1, &[&shared]).unwrap();
    let theirs = open_with(1, &[&shared]).unwrap();
    let key = theirs.create_key(KeyKind::Member, OWNER).unwrap();
    let sealed = theirs.seal_text(key, &PLACE, "from next door").unwrap();
    assert_eq!(ours.key_for(KeyKind::Member, OWNER), None);
    assert_eq!(ours.open_text(&PLACE, &sealed).unwrap(), "from next door");
    assert_eq!(ours.key_for(KeyKind::Member, OWNER), Some(key));
    // What is nowhere is looked for once, and what comes later is found all the same.
    let nowhere = KeyId::new(5).unwrap();
    assert!(matches!(ours.sealing_key(nowhere), Err(VaultError::UnknownKey(_))));
    assert!(matches!(ours.sealing_key(nowhere), Err(VaultError::UnknownKey(_))));
    let later = theirs.create_key(KeyKind::Member, [8; 16]).unwrap();
    assert!(ours.sealing_key(later).is_ok());
}

#[test]
fn a_further_copy_holds_every_key_once() {
    let shared = MemoryKeyring::default();
    let ours = open_with(1, &[&shared]).unwrap();
    let theirs = open_with(1, &[&shared]).unwrap();
    ours.create_key(KeyKind::Member, OWNER).unwrap();
    theirs.create_key(KeyKind::Member, [8; 16]).unwrap();
    let copy = MemoryKeyring::default();
    ours.copy_into(&copy).unwrap();
    assert_eq!(copy.keys(), shared.keys());
    assert!(open_with(1, &[&copy]).unwrap().key_for(KeyKind::Member, [8; 16]).is_some());
}

fn two_keys(vault: &Vault, owner: [u8; 16]) -> TwoKeys {
    let inner = vault.ensure_key(KeyKind::PersonSecrets, owner).unwrap();
    TwoKeys { inner, outer: vault.ensure_key(KeyKind::Person, owner).unwrap() }
}

#[test]
fn what_is_sealed_twice_opens_in_its_place_only() {
    let vault = open(&[&MemoryKeyring::default()]);
    let keys = two_keys(&vault, OWNER);
    let sealed = vault.seal_twice(keys, &PLACE, b"a seed of twenty byt").unwrap();
    assert_eq!(vault.open_twice(&PLACE, &sealed).unwrap().expose(), b"a seed of twenty byt");
    for moved in [
        Place { workspace: [3; 16], ..PLACE },
        Place { field: Field(8), ..PLACE },
        Place { row: [3; 16], ..PLACE },
        Place { sealed_rev: 4, ..PLACE },
    ] {
        assert_eq!(vault.open_twice(&moved, &sealed).err(), Some(OpenError::DoesNotOpen));
    }
    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(vault.open_twice(&PLACE, &flipped).is_err(), "bit {bit}");
    }
}

/// Neither layer alone gives anything, and what was sealed once is not taken for twice.
#[test]
fn both_layers_and_both_keys_are_needed() {
    let vault = open(&[&MemoryKeyring::default()]);
    let keys = two_keys(&vault, OWNER);
    let other = two_keys(&vault, [8; 16]);
    let sealed = vault.seal_twice(keys, &PLACE, b"seed").unwrap();
    let outer = vault.sealing_key(keys.outer).unwrap();
    let within = outer.open(&PLACE, &sealed).unwrap();
    assert!(!within.windows(4).any(|bytes| bytes == b"seed"));
    assert_eq!(sealed::key_id(&within).unwrap(), keys.inner);
    // The inner layer of another person's key, in the same outer one.
    let foreign = vault.inner_key(other.inner).unwrap();
    let within = foreign.seal(&PLACE, b"seed", &SystemRandom).unwrap();
    let mut relabelled = within.to_vec();
    relabelled[1..9].copy_from_slice(&keys.inner.get().to_be_bytes());
    let relabelled = outer.seal(&PLACE, &relabelled, &SystemRandom).unwrap();
    assert_eq!(vault.open_twice(&PLACE, &relabelled).err(), Some(OpenError::DoesNotOpen));
    let once = outer.seal(&PLACE, b"seed", &SystemRandom).unwrap();
    assert!(vault.open_twice(&PLACE, &once).is_err());
    // Keys of one layer are not for the other.
    let swapped = TwoKeys { inner: keys.outer, outer: keys.inner };
    assert!(vault.seal_twice(swapped, &PLACE, b"seed").is_err());
    assert!(vault.sealing_key(keys.inner).is_err());
    assert!(vault.mac_key(keys.inner).is_err());
}

#[test]
fn what_is_sealed_twice_needs_the_inner_key_too() {
    let whole = MemoryKeyring::default();
    let vault = open(&[&whole]);
    let keys = two_keys(&vault, OWNER);
    let sealed = vault.seal_twice(keys, &PLACE, b"seed").unwrap();
    let without = MemoryKeyring::default();
    without.keys.lock().unwrap().extend(whole.keys().into_iter().filter(|k| k.id != keys.inner));
    let refused = open(&[&without]).open_twice(&PLACE, &sealed).err();
    assert_eq!(refused, Some(OpenError::UnknownKey(keys.inner)));
}
