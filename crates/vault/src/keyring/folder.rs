//! A copy of the keyring in a folder (mode 0700).
//!
//! ```text
//! keyring.lock                held while a process appends
//! epoch-1.manifest            text: version, root epoch, the segments in order
//! epoch-1.segment-1.keys      a head and entries of 128 bytes; only the last one grows
//! ```
//!
//! How an append survives a power cut:
//!
//! | | what happens | after a cut here |
//! |---|---|---|
//! | t0 | lock; cut off a torn tail of the last segment | as before |
//! | t1 | write entries at its end | a torn tail: cut at load, removed by the next append |
//! | t2 | fsync the file | the keys are there |
//! | t3 | return; only now does a row that needs the key come to be | the keys are there |
//!
//! A tail is torn when nothing intact follows it. A damaged entry with an intact one after it is
//! damage and refused, also in the rare case that a large append was cut between its pages and a
//! later page reached the disk first: refusing is the safe side, and another copy heals this one.
//! Rot in the very last entry cannot be told from a torn write; the other copy heals that too.
//!
//! A new segment is complete under its name before the manifest names it; one that no manifest
//! names holds no keys that were promised to anybody, and is replaced.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::record::{self, ENTRY_LEN, ENTRY_LEN_U64, Slot};
use super::{Keyring, KeyringError, WrappedKey};
use crate::durable;

const EPOCH: u32 = 1;
const MANIFEST_LINE: &str = "timeproof-keyring v1";
/// Entries of a segment before the next one begins: files of 8 MiB.
const SEGMENT_ENTRIES: u32 = 65_535;

/// A copy of the keyring in a folder. Any number of threads and processes may append; each call
/// holds the folder's lock and goes by what is on disk.
pub struct FolderKeyring {
    folder: PathBuf,
    segment_entries: u32,
    /// Where the last segment was intact up to when we last looked.
    known: Mutex<Position>,
}

/// A place in the keyring: the entry with `index` in `segment` (entries begin with 1, the head
/// being 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    segment: u32,
    index: u32,
}

impl Position {
    fn first_in(segment: u32) -> Self {
        Self { segment, index: 1 }
    }

    fn offset(self) -> u64 {
        u64::from(self.index) * ENTRY_LEN_U64
    }
}

impl FolderKeyring {
    /// Opens the keyring in `folder`, or creates folder and keyring when there is none.
    ///
    /// Errors: access for group or others, a manifest this version does not understand (a newer
    /// root epoch, for example), or the file system's own.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, KeyringError> {
        Self::with_segments_of(folder.as_ref(), SEGMENT_ENTRIES)
    }

    fn with_segments_of(folder: &Path, segment_entries: u32) -> Result<Self, KeyringError> {
        let keyring = Self {
            folder: folder.to_owned(),
            segment_entries,
            known: Mutex::new(Position::first_in(1)),
        };
        durable::create_folder(folder).map_err(io_error("create", folder))?;
        let metadata = folder.metadata().map_err(io_error("look at", folder))?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & durable::FOREIGN_ACCESS != 0 {
            return Err(KeyringError::OthersHaveAccess { path: folder.to_owned(), mode });
        }
        let _lock = keyring.lock()?;
        keyring.refuse_other_epochs()?;
        if !keyring.manifest_path().exists() {
            keyring.add_segment(1)?;
        }
        keyring.last_segment()?;
        Ok(keyring)
    }

    fn manifest_path(&self) -> PathBuf {
        self.folder.join(format!("epoch-{EPOCH}.manifest"))
    }

    fn segment_path(&self, segment: u32) -> PathBuf {
        self.folder.join(segment_name(segment))
    }

    /// Held until dropped, against other processes and other values for the same folder.
    fn lock(&self) -> Result<File, KeyringError> {
        let path = self.folder.join("keyring.lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(io_error("open", &path))?;
        file.lock().map_err(io_error("lock", &path))?;
        Ok(file)
    }

    /// A folder whose root key has moved on must not be written to by a version that stayed.
    fn refuse_other_epochs(&self) -> Result<(), KeyringError> {
        let entries = self.folder.read_dir().map_err(io_error("list", &self.folder))?;
        for entry in entries {
            let path = entry.map_err(io_error("list", &self.folder))?.path();
            let is_manifest = path.extension().is_some_and(|extension| extension == "manifest");
            if is_manifest && path != self.manifest_path() {
                return Err(malformed(&path, "this root epoch is not known to this version"));
            }
        }
        Ok(())
    }

    /// The number of the last segment in the manifest. They are numbered from 1 without gaps.
    fn last_segment(&self) -> Result<u32, KeyringError> {
        let path = self.manifest_path();
        let text = std::fs::read_to_string(&path).map_err(io_error("read", &path))?;
        let mut last = 0;
        for line in text.lines().skip(2) {
            last += 1;
            if line != format!("segment {}", segment_name(last)) {
                return Err(malformed(&path, "a line does not name the next segment"));
            }
        }
        if last == 0 || text != manifest(last) {
            return Err(malformed(&path, "not a manifest of version 1 for this root epoch"));
        }
        Ok(last)
    }

    /// Creates a segment and then names it in the manifest.
    fn add_segment(&self, segment: u32) -> Result<(), KeyringError> {
        let path = self.segment_path(segment);
        durable::replace(&path, &record::head(EPOCH, segment))
            .map_err(io_error("create", &path))?;
        let path = self.manifest_path();
        durable::replace(&path, manifest(segment).as_bytes()).map_err(io_error("write", &path))
    }

    /// The keys of a segment from `from` on, and the position after the last of them. Only the
    /// last segment may have a torn tail.
    fn read_segment(
        &self,
        file: &mut File,
        from: Position,
        is_last: bool,
    ) -> Result<(Vec<WrappedKey>, Position), KeyringError> {
        let path = self.segment_path(from.segment);
        let mut head = [0; ENTRY_LEN];
        file.seek(SeekFrom::Start(0)).map_err(io_error("read", &path))?;
        match file.read_exact(&mut head) {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(io_error("read", &path)(error));
            }
            Ok(()) if head.as_slice() == record::head(EPOCH, from.segment) => {}
            _ => {
                return Err(malformed(&path, "its head is damaged or of another version"));
            }
        }
        file.seek(SeekFrom::Start(from.offset())).map_err(io_error("read", &path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io_error("read", &path))?;
        scan(&bytes, from, is_last, &path)
    }

    /// Appends under the lock, by what is on disk.
    fn append_locked(&self, keys: &[WrappedKey], known: &mut Position) -> Result<(), KeyringError> {
        let mut segment = self.last_segment()?;
        if known.segment != segment {
            *known = Position::first_in(segment);
        }
        let mut file = self.open_segment(segment)?;
        let path = self.segment_path(segment);
        let metadata = file.metadata().map_err(io_error("look at", &path))?;
        if metadata.len() < known.offset() {
            // Somebody put an older file here; going on would leave a hole.
            *known = Position::first_in(segment);
        }
        (_, *known) = self.read_segment(&mut file, *known, true)?;
        let mut left = keys;
        loop {
            let room = self.segment_entries.saturating_sub(known.index - 1);
            let room = usize::try_from(room).unwrap_or(usize::MAX).min(left.len());
            let (now, later) = left.split_at(room);
            self.write(&mut file, now, known)?;
            if later.is_empty() {
                return Ok(());
            }
            left = later;
            segment += 1;
            self.add_segment(segment)?;
            file = self.open_segment(segment)?;
            *known = Position::first_in(segment);
        }
    }

    fn open_segment(&self, segment: u32) -> Result<File, KeyringError> {
        let path = self.segment_path(segment);
        let mut options = OpenOptions::new();
        options.read(true).write(true).open(&path).map_err(io_error("open", &path))
    }

    /// Puts entries at `known`, in the place of a torn tail, and moves `known` behind them.
    fn write(
        &self,
        file: &mut File,
        keys: &[WrappedKey],
        known: &mut Position,
    ) -> Result<(), KeyringError> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(keys.len().saturating_mul(ENTRY_LEN));
        let mut end = *known;
        for key in keys {
            bytes.extend(record::encode(key, end.segment, end.index));
            end.index += 1;
        }
        let written = (|| {
            file.set_len(known.offset())?;
            file.seek(SeekFrom::Start(known.offset()))?;
            file.write_all(&bytes)?;
            file.sync_all()
        })();
        if let Err(error) = written {
            // After a failed fsync the kernel may hold pages as clean that never reached the disk.
            // Without this a later append would find them intact and trust them.
            let _ = file.set_len(known.offset()).and_then(|()| file.sync_all());
            return Err(io_error("write to", &self.segment_path(known.segment))(error));
        }
        *known = end;
        Ok(())
    }
}

impl Keyring for FolderKeyring {
    fn describe(&self) -> String {
        format!("folder {}", self.folder.display())
    }

    fn load(&self) -> Result<Vec<WrappedKey>, KeyringError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let _lock = self.lock()?;
        let last = self.last_segment()?;
        let mut keys = Vec::new();
        for segment in 1..=last {
            let mut file = self.open_segment(segment)?;
            let from = Position::first_in(segment);
            let (found, end) = self.read_segment(&mut file, from, segment == last)?;
            if keys.is_empty() {
                keys = found;
            } else {
                keys.extend(found);
            }
            *known = end;
        }
        Ok(keys)
    }

    fn append(&self, keys: &[WrappedKey]) -> Result<(), KeyringError> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let _lock = self.lock()?;
        self.append_locked(keys, &mut known)
    }
}

/// The keys in `bytes`, which begin at `from`.
fn scan(
    bytes: &[u8],
    from: Position,
    is_last: bool,
    path: &Path,
) -> Result<(Vec<WrappedKey>, Position), KeyringError> {
    let mut keys = Vec::with_capacity(bytes.len() / ENTRY_LEN);
    let mut at = from;
    let mut damaged: Option<Position> = None;
    for entry in bytes.chunks(ENTRY_LEN) {
        let slot = record::decode(entry, at.segment, at.index);
        match (slot, damaged) {
            (Slot::Damaged, _) => damaged = damaged.or(Some(at)),
            (_, Some(damaged)) => return Err(damage(path, damaged)),
            (Slot::Key(key), None) => keys.push(key),
            (Slot::Unknown, None) => {
                return Err(KeyringError::FromNewerVersion {
                    path: path.to_owned(),
                    offset: at.offset(),
                });
            }
        }
        at.index += 1;
    }
    match damaged {
        Some(damaged) if !is_last => Err(damage(path, damaged)),
        Some(torn) => Ok((keys, torn)),
        None => Ok((keys, at)),
    }
}

fn segment_name(segment: u32) -> String {
    format!("epoch-{EPOCH}.segment-{segment}.keys")
}

fn manifest(segments: u32) -> String {
    let mut text = format!("{MANIFEST_LINE}\nepoch {EPOCH}\n");
    for segment in 1..=segments {
        text.push_str("segment ");
        text.push_str(&segment_name(segment));
        text.push('\n');
    }
    text
}

fn damage(path: &Path, at: Position) -> KeyringError {
    KeyringError::Damaged { path: path.to_owned(), offset: at.offset() }
}

fn malformed(path: &Path, reason: &'static str) -> KeyringError {
    KeyringError::Malformed { path: path.to_owned(), reason }
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeyringError {
    let path = path.to_owned();
    move |source| KeyringError::Io { action, path, source }
}

#[cfg(test)]
mod tests;
