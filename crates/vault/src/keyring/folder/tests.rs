//! The keyring in a folder: torn writes, damage, other versions, many threads.

use std::collections::HashSet;
use std::fs::{self, Permissions};

use super::super::{KeyId, KeyKind};
use super::*;

fn key(number: u32) -> WrappedKey {
    let [a, b, c, d] = number.to_be_bytes();
    WrappedKey {
        id: KeyId::new(i64::from(number) + 1).unwrap(),
        kind: KeyKind::Member,
        owner: [d; 16],
        wrapped: [c; 40],
        commitment: [a ^ b; 32],
    }
}

fn keys(numbers: std::ops::Range<u32>) -> Vec<WrappedKey> {
    numbers.map(key).collect()
}

struct Temporary {
    _root: tempfile::TempDir,
    folder: PathBuf,
}

impl Temporary {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("secrets/keyring");
        Self { _root: root, folder }
    }

    fn open(&self) -> FolderKeyring {
        FolderKeyring::open(&self.folder).unwrap()
    }

    fn segment(&self, number: u32) -> PathBuf {
        self.folder.join(segment_name(number))
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn keys_stay_in_order_and_files_are_private() {
    let temporary = Temporary::new();
    let keyring = temporary.open();
    assert_eq!(keyring.load().unwrap(), []);
    keyring.append(&keys(0..2)).unwrap();
    keyring.append(&[]).unwrap();
    keyring.append(&keys(2..5)).unwrap();
    assert_eq!(keyring.load().unwrap(), keys(0..5));
    assert_eq!(temporary.open().load().unwrap(), keys(0..5));
    assert!(keyring.describe().contains("secrets/keyring"));

    assert_eq!(mode(&temporary.folder), 0o700);
    assert_eq!(mode(temporary.folder.parent().unwrap()), 0o700);
    let mut names = HashSet::new();
    for entry in fs::read_dir(&temporary.folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.insert(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    let expected = ["keyring.lock", "epoch-1.manifest", "epoch-1.segment-1.keys"];
    assert_eq!(names, expected.map(String::from).into());
}

#[test]
fn segments_follow_each_other() {
    let temporary = Temporary::new();
    let keyring = FolderKeyring::with_segments_of(&temporary.folder, 3).unwrap();
    for number in 0..4 {
        keyring.append(&[key(number)]).unwrap();
    }
    keyring.append(&keys(4..14)).unwrap();
    assert_eq!(keyring.load().unwrap(), keys(0..14));
    assert_eq!(keyring.last_segment().unwrap(), 5);
    let again = FolderKeyring::with_segments_of(&temporary.folder, 3).unwrap();
    again.append(&[key(14), key(15)]).unwrap();
    assert_eq!(again.load().unwrap(), keys(0..16));

    // A full segment must be whole: its last entry cannot be a torn write.
    let path = temporary.segment(2);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let error = again.load().unwrap_err();
    assert!(matches!(error, KeyringError::Damaged { offset: 384, .. }), "{error}");
}

#[test]
fn a_segment_that_no_manifest_names_is_replaced() {
    let temporary = Temporary::new();
    let keyring = FolderKeyring::with_segments_of(&temporary.folder, 1).unwrap();
    fs::write(temporary.segment(2), b"left by a power cut").unwrap();
    fs::write(temporary.folder.join("epoch-1.manifest.new"), b"half a mani").unwrap();
    keyring.append(&keys(0..2)).unwrap();
    assert_eq!(keyring.load().unwrap(), keys(0..2));
}

#[test]
fn a_write_torn_at_any_byte_is_cut_and_healed() {
    let temporary = Temporary::new();
    let keyring = temporary.open();
    keyring.append(&keys(0..2)).unwrap();
    let acknowledged = fs::read(temporary.segment(1)).unwrap().len();
    keyring.append(&keys(2..5)).unwrap();
    let whole = fs::read(temporary.segment(1)).unwrap();
    drop(keyring);

    // What lies beyond the cut: nothing, zeros, or what was on the disk before.
    for filler in [None, Some(0), Some(0xa5)] {
        for cut in acknowledged..whole.len() {
            let mut torn = whole[..cut].to_vec();
            if let Some(filler) = filler {
                // Same by chance: then the entry is whole.
                torn.resize(whole.len(), filler);
            }
            fs::write(temporary.segment(1), &torn).unwrap();
            let kept = torn
                .chunks_exact(ENTRY_LEN)
                .zip(whole.chunks_exact(ENTRY_LEN))
                .take_while(|(torn, whole)| torn == whole)
                .count()
                - 1;
            let kept = u32::try_from(kept).unwrap();
            assert!(kept >= 2, "what was acknowledged stays");

            let keyring = temporary.open();
            assert_eq!(keyring.load().unwrap(), keys(0..kept), "cut at {cut}");
            assert_eq!(fs::read(temporary.segment(1)).unwrap(), torn, "loading only reads");
            keyring.append(&[key(9)]).unwrap();
            let mut expected = keys(0..kept);
            expected.push(key(9));
            assert_eq!(temporary.open().load().unwrap(), expected, "healed after {cut}");
        }
    }
}

#[test]
fn damage_in_the_middle_names_file_and_offset() {
    let temporary = Temporary::new();
    let keyring = temporary.open();
    keyring.append(&keys(0..2)).unwrap();
    keyring.append(&keys(2..3)).unwrap();
    let whole = fs::read(temporary.segment(1)).unwrap();
    for byte in ENTRY_LEN..3 * ENTRY_LEN {
        let mut damaged = whole.clone();
        damaged[byte] ^= 1;
        fs::write(temporary.segment(1), &damaged).unwrap();
        let expected = u64::try_from(byte / ENTRY_LEN * ENTRY_LEN).unwrap();
        let error = keyring.load().unwrap_err();
        assert!(
            matches!(&error, KeyringError::Damaged { offset, .. } if *offset == expected),
            "{error}"
        );
        assert!(error.to_string().contains("epoch-1.segment-1.keys"), "{error}");
        assert!(error.to_string().contains(&format!("byte {expected}")), "{error}");
        // A fresh value does not append over it either.
        assert!(temporary.open().append(&[key(9)]).is_err());
        assert_eq!(fs::read(temporary.segment(1)).unwrap(), damaged);
    }
}

#[test]
fn a_file_that_shrank_is_read_anew() {
    let temporary = Temporary::new();
    let keyring = temporary.open();
    keyring.append(&keys(0..3)).unwrap();
    let file = OpenOptions::new().write(true).open(temporary.segment(1)).unwrap();
    file.set_len(2 * ENTRY_LEN_U64).unwrap();
    keyring.append(&[key(9)]).unwrap();
    assert_eq!(keyring.load().unwrap(), [key(0), key(9)]);
}

#[test]
fn an_entry_at_another_place_is_damage() {
    let temporary = Temporary::new();
    let keyring = temporary.open();
    keyring.append(&keys(0..3)).unwrap();
    let mut bytes = fs::read(temporary.segment(1)).unwrap();
    bytes.copy_within(2 * ENTRY_LEN..3 * ENTRY_LEN, ENTRY_LEN);
    fs::write(temporary.segment(1), &bytes).unwrap();
    assert!(matches!(keyring.load(), Err(KeyringError::Damaged { offset: 128, .. })));
}

#[test]
fn heads_and_manifests_of_others_are_refused() {
    let temporary = Temporary::new();
    let keyring = temporary.open();
    keyring.append(&keys(0..1)).unwrap();
    let whole = fs::read(temporary.segment(1)).unwrap();
    for byte in 0..ENTRY_LEN {
        let mut damaged = whole.clone();
        damaged[byte] ^= 0x80;
        fs::write(temporary.segment(1), &damaged).unwrap();
        assert!(matches!(keyring.load(), Err(KeyringError::Malformed { .. })));
        fs::write(temporary.segment(1), &whole[..byte]).unwrap();
        assert!(matches!(keyring.load(), Err(KeyringError::Malformed { .. })));
    }
    fs::write(temporary.segment(1), &whole).unwrap();

    let path = temporary.folder.join("epoch-1.manifest");
    let manifest = fs::read_to_string(&path).unwrap();
    for wrong in [
        "",
        "timeproof-keyring v1\n",
        "timeproof-keyring v1\nepoch 1\n",
        "timeproof-keyring v2\nepoch 1\nsegment epoch-1.segment-1.keys\n",
        "timeproof-keyring v1\nepoch 2\nsegment epoch-1.segment-1.keys\n",
        "timeproof-keyring v1\nepoch 1\nsegment ../../etc/passwd\n",
        "timeproof-keyring v1\nepoch 1\nsegment epoch-1.segment-2.keys\n",
        "timeproof-keyring v1\nepoch 1\nsegment epoch-1.segment-1.keys",
    ] {
        fs::write(&path, wrong).unwrap();
        assert!(matches!(keyring.load(), Err(KeyringError::Malformed { .. })), "{wrong}");
        let opened = FolderKeyring::open(&temporary.folder);
        assert!(matches!(opened, Err(KeyringError::Malformed { .. })), "{wrong}");
    }
    fs::write(&path, manifest).unwrap();
    assert_eq!(keyring.load().unwrap(), keys(0..1));

    fs::write(temporary.folder.join("epoch-2.manifest"), "").unwrap();
    let opened = FolderKeyring::open(&temporary.folder);
    assert!(matches!(opened, Err(KeyringError::Malformed { .. })));
}

#[test]
fn a_key_of_a_newer_version_is_told_from_damage() {
    let temporary = Temporary::new();
    let keyring = temporary.open();
    keyring.append(&keys(0..1)).unwrap();
    let mut bytes = fs::read(temporary.segment(1)).unwrap();
    let mut entry = record::encode(&key(1), 1, 2);
    entry[8] = 200;
    let sum = record::encode_checksum_for_tests(&entry, 1, 2);
    entry[112..].copy_from_slice(&sum);
    bytes.extend(entry);
    fs::write(temporary.segment(1), bytes).unwrap();
    let error = keyring.load().unwrap_err();
    assert!(matches!(error, KeyringError::FromNewerVersion { offset: 256, .. }), "{error}");
}

#[test]
fn an_open_folder_is_refused() {
    let temporary = Temporary::new();
    drop(temporary.open());
    for bit in 0..6 {
        let permissions = Permissions::from_mode(0o700 | (1 << bit));
        fs::set_permissions(&temporary.folder, permissions).unwrap();
        let opened = FolderKeyring::open(&temporary.folder);
        assert!(matches!(opened, Err(KeyringError::OthersHaveAccess { .. })));
    }
}

#[test]
fn threads_and_other_values_lose_nothing() {
    let temporary = Temporary::new();
    let shared = FolderKeyring::with_segments_of(&temporary.folder, 7).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (shared, folder) = (&shared, &temporary.folder);
            scope.spawn(move || {
                let own = FolderKeyring::with_segments_of(folder, 7).unwrap();
                for number in 0..10 {
                    let key = key(thread * 100 + number);
                    let keyring = if number % 2 == 0 { shared } else { &own };
                    keyring.append(&[key]).unwrap();
                }
            });
        }
    });
    let ids: HashSet<_> = shared.load().unwrap().into_iter().map(|key| key.id).collect();
    assert_eq!(ids.len(), 40);
}

#[test]
fn a_keyring_outgrows_a_segment_of_the_real_size() {
    let temporary = Temporary::new();
    temporary.open().append(&keys(0..SEGMENT_ENTRIES + 1)).unwrap();
    let keyring = temporary.open();
    assert_eq!(keyring.last_segment().unwrap(), 2);
    let loaded = keyring.load().unwrap();
    assert!(loaded == keys(0..SEGMENT_ENTRIES + 1), "{} keys", loaded.len());
}
