//! The root key, and the file that holds it in the embedded default.
//!
//! The file is text, so that it can be printed and kept in a safe:
//!
//! ```text
//! timeproof-root-key v1
//! <base64 of 32 bytes>
//! ```
//!
//! It lies beside the data, which protects backups and databases but not the machine itself; the
//! trust page says so. Shares held by several keepers are another issue and will give a
//! [`RootKey`] through [`RootKey::from_bytes`]. The owner of the file is not checked: containers
//! map user ids, and a file with mode 0600 that we can read is ours.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::durable;
use crate::random::Random;

const FIRST_LINE: &str = "timeproof-root-key v1\n";
/// A key file is 67 bytes; anything much longer is another file.
const MAX_SIZE_BYTES: u64 = 1024;

/// The key that wraps every other key. Wiped when dropped, never printed.
pub struct RootKey(Zeroizing<[u8; 32]>);

impl RootKey {
    /// A root key from 32 bytes that were drawn at random.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Draws a new root key.
    pub fn draw(random: &dyn Random) -> Self {
        let mut key = Self(Zeroizing::default());
        random.fill(key.0.as_mut_slice());
        key
    }

    /// Reads the key file, or draws a key and creates the file with mode 0600 when there is none.
    /// The boolean says whether it was created.
    ///
    /// Two processes that start at once end with the same key: the file appears under its name
    /// complete and on disk, and never replaces another.
    ///
    /// Errors: a symbolic link, anything but a regular file, access for group or others, text that
    /// is not a key file, or the file system's own error.
    pub fn load_or_create(path: &Path, random: &dyn Random) -> Result<(Self, bool), KeyFileError> {
        if let Some(key) = load(path)? {
            return Ok((key, false));
        }
        let key = Self::draw(random);
        if create(path, &key, random)? {
            return Ok((key, true));
        }
        // Another process was first.
        match load(path)? {
            Some(key) => Ok((key, false)),
            None => Err(KeyFileError::io("read", path)(io::ErrorKind::NotFound.into())),
        }
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey(…)")
    }
}

/// Why there is no root key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The path is a symbolic link, which somebody else may point elsewhere.
    #[error("the root key file {} is a symbolic link; give the path of the file itself", path.display())]
    SymbolicLink {
        /// The key file.
        path: PathBuf,
    },
    /// A folder, device, socket or pipe.
    #[error("the root key file {} is not a regular file", path.display())]
    NotAFile {
        /// The key file.
        path: PathBuf,
    },
    /// Group or others may read, write or run it.
    #[error(
        "the root key file {} has mode {mode:04o}, so other users can get at it; \
         run `chmod 600` on it; whoever has read it can open every copy of the data they get at",
        path.display()
    )]
    OthersHaveAccess {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not the text of a key file.
    #[error("the root key file {} is malformed: {reason}", path.display())]
    Malformed {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it; never part of its contents.
        reason: &'static str,
    },
    /// The file system refused.
    #[error("could not {action} the root key file {}", path.display())]
    Io {
        /// What was tried: a verb.
        action: &'static str,
        /// The key file.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
}

impl KeyFileError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    fn malformed(path: &Path, reason: &'static str) -> Self {
        Self::Malformed { path: path.to_owned(), reason }
    }
}

/// The key in the file, or nothing when there is no file.
fn load(path: &Path) -> Result<Option<RootKey>, KeyFileError> {
    let named = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(KeyFileError::io("look at", path)(error)),
    };
    require_private_file(path, &named)?;

    let file = File::open(path).map_err(KeyFileError::io("open", path))?;
    let opened = file.metadata().map_err(KeyFileError::io("look at", path))?;
    // What was opened is what was looked at, also when somebody swaps files meanwhile.
    if (opened.dev(), opened.ino()) != (named.dev(), named.ino()) {
        return Err(KeyFileError::malformed(path, "it was replaced while it was being read"));
    }
    require_private_file(path, &opened)?;
    if opened.nlink() > 1 {
        remove_leftover_names(path, &opened).map_err(KeyFileError::io("tidy up beside", path))?;
    }

    // The capacity is enough, so that no copy is left behind by growing.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2048));
    file.take(MAX_SIZE_BYTES).read_to_end(&mut bytes).map_err(KeyFileError::io("read", path))?;
    parse(&bytes).map(Some).map_err(|reason| KeyFileError::malformed(path, reason))
}

fn require_private_file(path: &Path, metadata: &Metadata) -> Result<(), KeyFileError> {
    let path = path.to_owned();
    if metadata.file_type().is_symlink() {
        return Err(KeyFileError::SymbolicLink { path });
    }
    if !metadata.is_file() {
        return Err(KeyFileError::NotAFile { path });
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & durable::FOREIGN_ACCESS != 0 {
        return Err(KeyFileError::OthersHaveAccess { path, mode });
    }
    Ok(())
}

fn parse(bytes: &[u8]) -> Result<RootKey, &'static str> {
    if bytes.is_empty() {
        return Err("it is empty");
    }
    let line = bytes
        .strip_prefix(FIRST_LINE.as_bytes())
        .ok_or("its first line is not `timeproof-root-key v1`")?;
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    // `decode_slice` wants room for an estimate of the length.
    let mut key = Zeroizing::new([0; 48]);
    let length = STANDARD
        .decode_slice(line, key.as_mut_slice())
        .map_err(|_| "its second line is not the base64 of 32 bytes")?;
    match key.first_chunk::<32>() {
        Some(key) if length == 32 => Ok(RootKey::from_bytes(*key)),
        _ => Err("its second line is not the base64 of 32 bytes"),
    }
}

/// Writes the file under a temporary name and links it to its own, which, unlike a rename, fails
/// when there is one already. False when there is.
fn create(path: &Path, key: &RootKey, random: &dyn Random) -> Result<bool, KeyFileError> {
    let mut tail = [0; 8];
    random.fill(&mut tail);
    let temporary = durable::with_suffix(path, &format!(".{:016x}.tmp", u64::from_be_bytes(tail)));

    let mut text = Zeroizing::new(String::with_capacity(128));
    text.push_str(FIRST_LINE);
    STANDARD.encode_string(key.expose(), &mut text);
    text.push('\n');

    if let Err(error) = durable::write_new(&temporary, text.as_bytes()) {
        // A disk that is full has taken the name and not the key. That it cannot be removed is not
        // worse than what is told already.
        drop(remove_if_there(&temporary));
        return Err(KeyFileError::io("create", path)(error));
    }
    let linked = fs::hard_link(&temporary, path);
    // The name is durable before the temporary one goes: whoever sees one name only may rely on it.
    let synced = durable::sync_folder(durable::folder_of(path));
    let removed = remove_if_there(&temporary);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        other => other.map_err(KeyFileError::io("create", path))?,
    }
    synced.map_err(KeyFileError::io("create", path))?;
    removed.map_err(KeyFileError::io("tidy up beside", path))?;
    Ok(true)
}

/// A power cut between linking and removing leaves the key under a second, temporary name. Another
/// process may just be creating the file, and be removing that name too.
fn remove_leftover_names(path: &Path, key_file: &Metadata) -> io::Result<()> {
    let folder = durable::folder_of(path);
    durable::sync_folder(folder)?;
    for entry in fs::read_dir(folder)? {
        let other = entry?.path();
        if other.extension().is_none_or(|extension| extension != "tmp") {
            continue;
        }
        let is_leftover = fs::symlink_metadata(&other).is_ok_and(|metadata| {
            (metadata.dev(), metadata.ino()) == (key_file.dev(), key_file.ino())
        });
        if is_leftover {
            remove_if_there(&other)?;
        }
    }
    durable::sync_folder(folder)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::random::{SeededRandom, SystemRandom};

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn is_created_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        let (first, created) = RootKey::load_or_create(&path, &SystemRandom).unwrap();
        assert!(created);
        let (second, created) = RootKey::load_or_create(&path, &SystemRandom).unwrap();
        assert!(!created);
        assert_eq!(first.expose(), second.expose());

        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, 0o600);
        let text = fs::read_to_string(&path).unwrap();
        let expected = format!("timeproof-root-key v1\n{}\n", STANDARD.encode(first.expose()));
        assert_eq!(text, expected);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn a_bare_name_works_too() {
        assert_eq!(durable::folder_of(Path::new("root.key")), Path::new("."));
    }

    #[test]
    fn many_at_once_end_with_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| RootKey::load_or_create(&path, &SystemRandom).unwrap()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(keys.iter().filter(|(_, created)| *created).count(), 1);
        assert!(keys.iter().all(|(key, _)| key.expose() == keys[0].0.expose()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn every_bit_for_group_and_others_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        RootKey::load_or_create(&path, &SystemRandom).unwrap();
        for bit in 0..6 {
            set_mode(&path, 0o600 | (1 << bit));
            let error = RootKey::load_or_create(&path, &SystemRandom).unwrap_err();
            assert!(matches!(error, KeyFileError::OthersHaveAccess { .. }), "{error}");
        }
        set_mode(&path, 0o400);
        assert!(RootKey::load_or_create(&path, &SystemRandom).is_ok());
    }

    #[test]
    fn links_and_folders_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("root.key"), folder.path().join("link.key"));
        RootKey::load_or_create(&path, &SystemRandom).unwrap();
        symlink(&path, &link).unwrap();
        let error = RootKey::load_or_create(&link, &SystemRandom).unwrap_err();
        assert!(matches!(error, KeyFileError::SymbolicLink { .. }), "{error}");

        let dangling = folder.path().join("dangling.key");
        symlink(folder.path().join("nothing"), &dangling).unwrap();
        let error = RootKey::load_or_create(&dangling, &SystemRandom).unwrap_err();
        assert!(matches!(error, KeyFileError::SymbolicLink { .. }), "{error}");

        let error = RootKey::load_or_create(folder.path(), &SystemRandom).unwrap_err();
        assert!(matches!(error, KeyFileError::NotAFile { .. }), "{error}");
    }

    #[test]
    fn malformed_files_say_what_is_wrong_and_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        let short = STANDARD.encode([7; 31]);
        let long = STANDARD.encode([7; 33]);
        let good = STANDARD.encode([7; 32]);
        let texts = [
            String::new(),
            "timeproof-root-key v2\n".to_owned() + &good,
            "timeproof-root-key v1".to_owned(),
            "timeproof-root-key v1\n".to_owned(),
            format!("timeproof-root-key v1\n{short}\n"),
            format!("timeproof-root-key v1\n{long}\n"),
            format!("timeproof-root-key v1\n{good}\n{good}\n"),
            format!("timeproof-root-key v1\n{}\n", good.replace('=', "")),
            format!("timeproof-root-key v1\n {good}\n"),
            "x".repeat(5000),
        ];
        for text in texts {
            fs::write(&path, &text).unwrap();
            set_mode(&path, 0o600);
            let error = RootKey::load_or_create(&path, &SystemRandom).unwrap_err();
            assert!(matches!(error, KeyFileError::Malformed { .. }), "{error}");
            assert!(!error.to_string().contains(&good));
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        fs::write(&path, format!("timeproof-root-key v1\n{good}")).unwrap();
        let (key, _) = RootKey::load_or_create(&path, &SystemRandom).unwrap();
        assert_eq!(key.expose(), &[7; 32], "the last line break may be missing");
    }

    #[test]
    fn a_leftover_name_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        RootKey::load_or_create(&path, &SystemRandom).unwrap();
        let leftover = folder.path().join("root.key.0000000000000000.tmp");
        fs::hard_link(&path, &leftover).unwrap();
        RootKey::load_or_create(&path, &SystemRandom).unwrap();
        assert!(!leftover.exists());
        assert!(path.exists());
    }

    #[test]
    fn a_missing_folder_is_the_file_systems_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("root.key");
        let error = RootKey::load_or_create(&path, &SeededRandom::new(1)).unwrap_err();
        assert!(matches!(error, KeyFileError::Io { .. }), "{error}");
    }

    #[test]
    fn is_never_printed() {
        assert_eq!(format!("{:?}", RootKey::from_bytes([1; 32])), "RootKey(…)");
    }
}
