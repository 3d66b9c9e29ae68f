//! Files that survive a power cut, and that nobody else on the machine can read.
//!
//! A file is written whole: to a name beside it, fsynced, renamed over the old one, and the folder
//! fsynced. So whoever reads finds the old text or the new one, never a part. Folders get mode 0700
//! and files 0600.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};

/// What the name of a file that is being written begins with. One that is left over after a crash
/// means nothing: nobody was told that it was kept.
pub(crate) const UNFINISHED: &str = ".unfinished-";

/// The disk. In tests it can stop working after a number of steps, as if the program had been
/// killed there.
#[derive(Default)]
pub(crate) struct Disk {
    #[cfg(test)]
    steps_left: std::cell::Cell<Option<u32>>,
}

impl Disk {
    /// Every step of every change goes through here first.
    #[cfg(not(test))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "in tests it counts and fails"
    )]
    fn step(&self) -> io::Result<()> {
        Ok(())
    }

    #[cfg(test)]
    fn step(&self) -> io::Result<()> {
        match self.steps_left.get() {
            None => Ok(()),
            Some(0) => Err(io::Error::other("killed here")),
            Some(left) => {
                self.steps_left.set(Some(left - 1));
                Ok(())
            }
        }
    }

    /// A disk that works for so many steps.
    #[cfg(test)]
    pub(crate) fn killed_after(steps: u32) -> Self {
        Self { steps_left: std::cell::Cell::new(Some(steps)) }
    }

    /// Writes `folder/name` whole, replacing what was there.
    ///
    /// Errors: it could not be written; then the old text is still there, or already the new one.
    pub(crate) fn write(&self, folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
        let unfinished = folder.join(format!("{UNFINISHED}{name}"));
        let path = folder.join(name);
        self.write_steps(folder, &unfinished, &path, bytes)
            .with_context(|| format!("could not write {}", path.display()))
    }

    fn write_steps(
        &self,
        folder: &Path,
        unfinished: &Path,
        path: &Path,
        bytes: &[u8],
    ) -> io::Result<()> {
        self.step()?;
        match fs::remove_file(unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.step()?;
        let mut file = private().write(true).create_new(true).open(unfinished)?;
        self.step()?;
        let (head, tail) = bytes.split_at(bytes.len() / 2);
        file.write_all(head)?;
        self.step()?;
        file.write_all(tail)?;
        self.step()?;
        file.sync_all()?;
        self.step()?;
        fs::rename(unfinished, path)?;
        self.step()?;
        sync_folder(folder)
    }

    /// Removes `folder/name`; one that is not there is removed already.
    pub(crate) fn remove(&self, folder: &Path, name: &str) -> Result<()> {
        let path = folder.join(name);
        let steps = || {
            self.step()?;
            match fs::remove_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                result => result?,
            }
            self.step()?;
            sync_folder(folder)
        };
        steps().with_context(|| format!("could not remove {}", path.display()))
    }
}

/// Writes `folder/name` whole, where several processes may do so at once.
pub(crate) fn write_shared(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    make_folder(folder)?;
    let lock = open_lock(&folder.join("lock"))?;
    lock.lock().with_context(|| format!("could not lock {}", folder.display()))?;
    Disk::default().write(folder, name, bytes)
}

/// Reads a text; `None` when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("could not read {}", path.display())),
    }
}

/// Makes the folder and those above it, for this user only. One that is there already stays as it is.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    make_steps(folder).with_context(|| format!("could not make the folder {}", folder.display()))
}

/// Each folder that is made is fsynced into the one above it: a file in it is no safer than its name.
fn make_steps(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    make_steps(parent)?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Ok(()) => sync_folder(parent),
        // Another tp was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Opens a file to lock, making it when needed.
pub(crate) fn open_lock(path: &Path) -> Result<File> {
    private()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .with_context(|| format!("could not open {}", path.display()))
}

/// Whether somebody else on this machine can read the file.
#[cfg(unix)]
pub(crate) fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub(crate) fn is_readable_by_others(_path: &Path) -> bool {
    false
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a rename or a removal durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_killed_anywhere_leaves_the_old_text_or_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        for steps in 0..7 {
            Disk::default().write(folder.path(), "a", b"the old text").unwrap();
            let killed = Disk::killed_after(steps).write(folder.path(), "a", b"the new text");
            assert!(killed.is_err(), "{steps}");
            let found = read(&folder.path().join("a")).unwrap().unwrap();
            let expected = if steps < 6 { "the old text" } else { "the new text" };
            assert_eq!(found, expected, "{steps}");
        }
        assert!(Disk::killed_after(7).write(folder.path(), "a", b"the new text").is_ok());
    }

    #[test]
    fn several_writers_leave_one_whole_text() {
        let folder = tempfile::tempdir().unwrap();
        let texts = ["a".repeat(5000), "b".repeat(9000), "c".repeat(100)];
        std::thread::scope(|scope| {
            for text in &texts {
                let path = folder.path();
                scope.spawn(move || {
                    for _ in 0..50 {
                        write_shared(path, "x", text.as_bytes()).unwrap();
                    }
                });
            }
        });
        let found = read(&folder.path().join("x")).unwrap().unwrap();
        assert!(texts.contains(&found));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_them() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        make_folder(&inner).unwrap();
        Disk::default().write(&inner, "c", b"secret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&inner), 0o700);
        assert_eq!(mode(&inner.join("c")), 0o600);
        assert!(!is_readable_by_others(&inner.join("c")));
        fs::set_permissions(inner.join("c"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(is_readable_by_others(&inner.join("c")));
        // Written again it is private again.
        Disk::default().write(&inner, "c", b"secret").unwrap();
        assert_eq!(mode(&inner.join("c")), 0o600);
    }
}
