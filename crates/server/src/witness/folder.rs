//! The folder of a witness: held by one process, and each file in it whole or not there.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use crate::boot::{ROOT_KEY, make_private_folder, replace_file};

/// Locked by the process that has the folder.
const LOCK: &str = "witness.lock";

/// A folder that nobody else writes into.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Until it is dropped.
    _lock: File,
}

impl Folder {
    /// Takes a folder, and makes it if need be.
    ///
    /// Errors: another process has it; it is a server's; what the system says.
    pub(super) fn hold(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        if path.join(ROOT_KEY).exists() {
            bail!(
                "{name} is the folder of a server. Give the witness a folder of its own (--data)."
            );
        }
        make_private_folder(path)?;
        let mut options = OpenOptions::new();
        let lock = options.write(true).create(true).truncate(false).mode(0o600);
        let lock = lock.open(path.join(LOCK)).with_context(|| format!("the folder {name}"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("Another witness runs on the folder {name}. Stop it first.")
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("locking the folder {name}"))
            }
        }
    }

    /// Where a file lies, to be named in a sentence.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A file's text; nothing where there is none.
    ///
    /// Errors: what the system says; no text.
    pub(super) fn read(&self, name: &str) -> io::Result<Option<String>> {
        match fs::read_to_string(self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// Puts a file in its place, whole and durable: it is written aside, and takes the place of the one
    /// before.
    ///
    /// Errors: what the system says; then the one before may be there, or the new one.
    pub(super) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        replace_file(&self.path(name), text.as_bytes())
    }
}
