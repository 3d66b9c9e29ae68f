//! The folder of waiting acts: `00000012-<id>.json`, sent by number, then by id.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use uuid::Uuid;

use super::{Act, FORMAT, Waiting};
use crate::files::{self, Disk, UNFINISHED};
use crate::machine::Machine;

/// How often, and how long apart, the lock of the sender is tried.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// The folder.
pub(crate) struct Spool {
    folder: PathBuf,
    disk: Disk,
}

/// A file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spooled {
    /// Its name.
    pub(crate) name: String,
    pub(crate) waiting: Waiting,
}

impl Spool {
    /// The spool in a folder, which is made.
    pub(crate) fn open(folder: PathBuf) -> Result<Self> {
        files::make_folder(&folder)?;
        Ok(Self { folder, disk: Disk::default() })
    }

    #[cfg(test)]
    pub(crate) fn on(folder: PathBuf, disk: Disk) -> Self {
        Self { folder, disk }
    }

    /// All that wait, in the order in which they are sent.
    pub(crate) fn list(&self) -> Result<Vec<Spooled>> {
        let mut found = Vec::new();
        for name in self.names()? {
            // Between the two looks another process may have sent it.
            if let Some(Ok(waiting)) = self.read(&name)? {
                found.push(Spooled { name, waiting });
            }
        }
        Ok(found)
    }

    /// Files that this program does not understand: damaged, or a newer program's. They stay.
    pub(crate) fn unreadable(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for name in self.names()? {
            if let Some(Err(())) = self.read(&name)? {
                found.push(self.folder.join(name));
            }
        }
        Ok(found)
    }

    /// The act in a file, unless it is gone.
    pub(crate) fn get(&self, name: &str) -> Result<Option<Waiting>> {
        Ok(self.read(name)?.and_then(std::result::Result::ok))
    }

    /// Puts an act behind the others. When this returns it is on the disk.
    pub(crate) fn push(&self, waiting: &Waiting) -> Result<()> {
        let _lock = self.lock()?;
        self.sweep()?;
        let last = self.names()?.iter().filter_map(|name| number(name)).max();
        let name = format!("{:08}-{}.json", last.unwrap_or(0) + 1, waiting.id);
        self.write(&name, waiting)
    }

    /// Changes an act, unless it is gone; `change` says whether there is anything to write. A start
    /// that becomes a finished entry ends what it replaced. Gives the act as it is then.
    pub(crate) fn change(
        &self,
        name: &str,
        change: impl FnOnce(&mut Waiting) -> bool,
    ) -> Result<Option<Waiting>> {
        let _lock = self.lock()?;
        let Some(before) = self.get(name)? else {
            return Ok(None);
        };
        let mut waiting = before.clone();
        if change(&mut waiting) {
            self.end_replaced(name, &before, &waiting)?;
            self.write(name, &waiting)?;
        }
        Ok(Some(waiting))
    }

    /// Forgets an act that has its final answer.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        let _lock = self.lock()?;
        self.disk.remove(&self.folder, name)
    }

    /// Forgets an act that is given up, and with a start its stop.
    pub(crate) fn give_up(&self, name: &str, id: Uuid) -> Result<()> {
        for other in self.list()? {
            let is_its_stop =
                matches!(other.waiting.act, Act::Stop { entry_id: Some(of), .. } if of == id);
            if is_its_stop {
                self.remove(&other.name)?;
            }
        }
        self.remove(name)
    }

    /// The right to send, which one process has at a time; `None` when another one keeps it for long.
    pub(crate) fn lock_sending(&self, machine: &dyn Machine) -> Result<Option<File>> {
        let path = self.folder.join("sending");
        let file = files::open_lock(&path)?;
        for attempt in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::WouldBlock) if attempt + 1 < TRIES => machine.sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => {
                    return Err(error)
                        .with_context(|| format!("could not lock {}", path.display()));
                }
            }
        }
        Ok(None)
    }

    /// Held for a moment only, so waiting is fine.
    fn lock(&self) -> Result<File> {
        let path = self.folder.join("lock");
        let file = files::open_lock(&path)?;
        file.lock().with_context(|| format!("could not lock {}", path.display()))?;
        Ok(file)
    }

    pub(super) fn write(&self, name: &str, waiting: &Waiting) -> Result<()> {
        let text = serde_json::to_string_pretty(waiting).context("an act as JSON")?;
        self.disk.write(&self.folder, name, text.as_bytes())
    }

    /// `None` when it is gone, an error inside when it is not understood.
    fn read(&self, name: &str) -> Result<Option<std::result::Result<Waiting, ()>>> {
        let path = self.folder.join(name);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            result => result.with_context(|| format!("could not read {}", path.display()))?,
        };
        let waiting: Option<Waiting> = serde_json::from_slice(&bytes).ok();
        Ok(Some(waiting.filter(|waiting| waiting.format == FORMAT).ok_or(())))
    }

    fn names(&self) -> Result<Vec<String>> {
        let entries = fs::read_dir(&self.folder)
            .with_context(|| format!("could not read {}", self.folder.display()))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry =
                entry.with_context(|| format!("could not read {}", self.folder.display()))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if number(&name).is_some() {
                names.push(name);
            }
        }
        names.sort_by_key(|name| (number(name), name.clone()));
        Ok(names)
    }

    /// Removes what a killed program left half written; the lock says that nobody is writing.
    fn sweep(&self) -> Result<()> {
        for entry in fs::read_dir(&self.folder).context("the spool")? {
            let name = entry.context("the spool")?.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(UNFINISHED) {
                self.disk.remove(&self.folder, &name)?;
            }
        }
        Ok(())
    }
}

/// The number in front of `00000012-<id>.json`.
fn number(name: &str) -> Option<u64> {
    let (digits, id) = name.strip_suffix(".json")?.split_once('-')?;
    Uuid::try_parse(id).ok()?;
    digits.parse().ok()
}
