//! The data folder before anything is opened in it: whether it is whole, and who serves on it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context, bail};

use crate::{
    boot::{self, ROOT_KEY},
    config::Config,
};

/// The directory's file on SQLite.
pub(crate) const DIRECTORY: &str = "directory.db";

/// The folder of the workspaces' files on SQLite; it is made after the directory.
const WORKSPACES: &str = "workspaces";

/// In a copy that lacks workspaces: names them, until somebody removes it.
pub(crate) const INCOMPLETE: &str = "incomplete-copy.txt";

/// Locked by the server that serves on SQLite files.
const LOCK: &str = "server.lock";

/// Where the server that serves, or served last, says that people find it.
const ADDRESS: &str = "server.address";

/// Keeps the address at which people find the server that starts now, for commands beside it.
///
/// Errors: what the system says.
pub(crate) fn keep_address(config: &Config) -> anyhow::Result<()> {
    let path = config.data().join(ADDRESS);
    let draft = path.with_extension("address.new");
    let written = fs::write(&draft, config.base_url()).and_then(|()| fs::rename(&draft, &path));
    written.with_context(|| format!("{}", path.display()))
}

/// The address for the links of a command: the one that it was given, else that of the server beside it.
///
/// Errors: what the system says.
pub(crate) fn address(config: &Config) -> anyhow::Result<String> {
    if config.names_address() {
        return Ok(config.base_url());
    }
    let path = config.data().join(ADDRESS);
    match fs::read_to_string(&path) {
        Ok(address) if !address.is_empty() => Ok(address),
        Ok(_) => Ok(config.base_url()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(config.base_url()),
        Err(error) => Err(error).with_context(|| format!("{}", path.display())),
    }
}

/// Refuses a folder that holds a part of an instance and lacks another, so that nothing new is made
/// in the place of what is missing: new keys open nothing of what is there. Writes nothing.
///
/// Errors: a sentence that names what is missing; what cannot be looked at.
pub fn require_whole(config: &Config) -> anyhow::Result<()> {
    let data = config.data();
    let name = data.display();
    if data.is_file() {
        bail!("{name} is a file, not a folder. Name a folder with --data.");
    }
    let has_directory = is_there(&data.join(DIRECTORY))?;
    let has_keyring = has_keyring(config)?;
    if !is_there(&data.join(ROOT_KEY))? {
        if has_directory || has_keyring {
            bail!(
                "{ROOT_KEY} is missing in {name}: put it back from where you keep it. Without it \
                 nothing there can be read, and a new one would not help. A copy, or a restore, that \
                 was cut short has none: make it anew."
            );
        }
        return Ok(());
    }
    if has_directory && !has_keyring {
        bail!(keyring_is_missing(config, &format!("in {name}")));
    }
    let is_sqlite = config.database_url.is_none();
    if is_sqlite && !has_directory && is_there(&data.join(WORKSPACES))? {
        bail!(
            "{DIRECTORY} is missing in {name}, beside the workspaces: put it back from a copy. It says \
             who belongs where."
        );
    }
    Ok(())
}

/// Which keys the folder lacks, in a sentence, where the databases are not there to tell whether they
/// are missed.
///
/// Errors: what cannot be looked at.
pub fn missing_keys(config: &Config) -> anyhow::Result<Option<String>> {
    if config.database_url.is_none() || has_keyring(config)? {
        return Ok(None);
    }
    if is_there(&config.data().join(ROOT_KEY))? {
        return Ok(Some(keyring_is_missing(config, "in the database")));
    }
    let name = config.data().display();
    Ok(Some(format!(
        "The database holds an instance, and {name} holds neither its {ROOT_KEY} nor its keyring: put \
         both back, or name the folder that has them with --data. For a new instance, give another \
         --database-prefix."
    )))
}

fn keyring_is_missing(config: &Config, place: &str) -> String {
    let [first, second] = boot::keyring_folders(config);
    format!(
        "The keyring is missing: put back {} or {}. Without it nothing {place} can be read. If its \
         second copy lies elsewhere, say where with --keyring-copy.",
        first.display(),
        second.display()
    )
}

/// Keeps a second server from the same SQLite files, until the file is dropped. Operator's commands
/// work beside a server, and do not ask. Servers on PostgreSQL share it, and may share the folder.
///
/// Errors: another server; what the system says.
pub fn hold(config: &Config) -> anyhow::Result<Option<File>> {
    if config.database_url.is_some() {
        return Ok(None);
    }
    boot::make_private_folder(config.data())?;
    let path = config.data().join(LOCK);
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.with_context(|| path.display().to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => bail!(
            "Another server runs on the folder {}. Stop it first, or name another folder with --data.",
            config.data().display()
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("locking {}", path.display()))
        }
    }
}

/// Writes into a copy which workspaces it lacks.
///
/// Errors: what the system says.
pub(crate) fn mark_incomplete(dir: &Path, missing: &str) -> anyhow::Result<()> {
    let path = dir.join(INCOMPLETE);
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(&path);
    let written = file.and_then(|mut file| {
        writeln!(file, "This copy lacks workspaces that could not be read:\n\n{missing}")?;
        file.sync_all()
    });
    written.with_context(|| path.display().to_string())
}

/// What the operator has to hear of a folder that holds a copy which lacks workspaces.
///
/// Errors: what cannot be read.
pub(crate) fn incomplete(dir: &Path) -> anyhow::Result<Option<String>> {
    let path = dir.join(INCOMPLETE);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text.with_context(|| path.display().to_string())?,
    };
    let lacking: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .collect();
    Ok(Some(format!(
        "This is an incomplete copy: it lacks the workspaces {}. {} says why; put their databases back \
         from another copy, and remove that file.",
        lacking.join(", "),
        path.display()
    )))
}

fn has_keyring(config: &Config) -> anyhow::Result<bool> {
    for folder in boot::keyring_folders(config) {
        if holds_keyring(&folder).with_context(|| format!("the keyring in {}", folder.display()))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A folder without a manifest is not a keyring yet: somebody made it for one.
pub(crate) fn holds_keyring(folder: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        entries => entries?,
    };
    for entry in entries {
        if entry?.path().extension().is_some_and(|extension| extension == "manifest") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where a folder lies, or will: without links and without `..`. That one is gone back step by step,
/// also from a folder that does not exist yet, so that what is made is what was looked at.
pub(crate) fn resolve(dir: &Path) -> io::Result<PathBuf> {
    let mut place = PathBuf::new();
    for part in std::path::absolute(dir)?.components() {
        if part == Component::ParentDir {
            place.pop();
            continue;
        }
        place.push(part);
        match place.canonicalize() {
            Ok(found) => place = found,
            // Below a file, nothing can be made: that is said when it is tried.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(place)
}

fn is_there(path: &Path) -> anyhow::Result<bool> {
    path.try_exists().with_context(|| path.display().to_string())
}
