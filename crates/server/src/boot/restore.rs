//! A copy brought back into PostgreSQL.
//!
//! The copy is only read: it may lie where nothing can be written, and is to stay a copy. What has to
//! be opened of it is brought into a folder below the data folder first.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, ensure};
use app::{App, Parts};
use store::Store;
use vault::{Random, RootKey, SystemRandom, Vault};

use super::{KEYRINGS, ROOT_KEY};
use crate::{
    config::Config,
    data_folder::{DIRECTORY, INCOMPLETE, holds_keyring},
    system::SystemClock,
};

/// Where what is opened of a copy lies meanwhile, in the data folder.
const SCRATCH: &str = "restoring";

/// Brings a copy back: its databases into the PostgreSQL of the configuration, its keys into the data
/// folder; how many workspaces. Blocks.
///
/// Errors: what the copy lacks; what cannot be read or written; never a secret.
pub fn restore(config: &Config, source: &Path) -> anyhow::Result<usize> {
    require_whole(source)?;
    super::make_private_folder(config.data())?;
    let scratch = config.data().join(SCRATCH);
    clear(&scratch)?;
    let restored = restore_over(config, source, &scratch);
    let cleared = clear(&scratch);
    let restored = restored?;
    cleared?;
    Ok(restored)
}

fn restore_over(config: &Config, source: &Path, scratch: &Path) -> anyhow::Result<usize> {
    bring(source, scratch).with_context(|| format!("reading {}", source.display()))?;
    let copy = open(scratch).with_context(|| format!("the copy in {}", source.display()))?;
    let restored = store::restore(&super::store_config(config), source, config.data());
    let restored = restored.context("the databases")?;
    for keyring in super::open_keyrings(&super::keyring_folders(config))? {
        copy.vault().copy_into(&*keyring).context("the keyring")?;
    }
    let incomplete = source.join(INCOMPLETE);
    if incomplete.exists() {
        super::copy_private_file(&incomplete, &config.data().join(INCOMPLETE))
            .with_context(|| incomplete.display().to_string())?;
    }
    // Last, so that nothing starts on half of it.
    let target = config.data().join(ROOT_KEY);
    super::copy_private_file(&scratch.join(ROOT_KEY), &target)
        .with_context(|| format!("the root key in {}", target.display()))?;
    fs::File::open(config.data())?.sync_all()?;
    Ok(restored)
}

/// Refuses a copy that lacks what nothing of it can be read without.
fn require_whole(source: &Path) -> anyhow::Result<()> {
    let key_file = source.join(ROOT_KEY);
    ensure!(
        key_file.exists(),
        "{} is not there. Put the root key of the copy back first.",
        key_file.display()
    );
    let directory = source.join(DIRECTORY);
    ensure!(directory.exists(), "{} holds no copy made by `timeproof copy`.", source.display());
    let [first, second] = KEYRINGS.map(|name| source.join(name));
    let holds = |folder: &Path| {
        holds_keyring(folder).with_context(|| format!("the keyring in {}", folder.display()))
    };
    ensure!(
        holds(&first)? || holds(&second)?,
        "The keyring of the copy is missing: put back {} or {}. Without it nothing of the copy can be \
         read.",
        first.display(),
        second.display()
    );
    Ok(())
}

/// Brings keys and directory of a copy into a new folder.
fn bring(source: &Path, scratch: &Path) -> anyhow::Result<()> {
    super::make_private_folder(scratch)?;
    let named = [ROOT_KEY, DIRECTORY].map(PathBuf::from);
    // Written when a server ran on the copy.
    let log = PathBuf::from(format!("{DIRECTORY}-wal"));
    let mut files: Vec<PathBuf> = named.into_iter().chain([log]).collect();
    for folder in KEYRINGS {
        let names = names(&source.join(folder))?;
        if !names.is_empty() {
            super::make_private_folder(&scratch.join(folder))?;
        }
        files.extend(names.into_iter().map(|name| Path::new(folder).join(name)));
    }
    for file in files {
        let from = source.join(&file);
        if from.is_file() {
            let copied = super::copy_private_file(&from, &scratch.join(&file));
            copied.with_context(|| from.display().to_string())?;
        }
    }
    Ok(())
}

/// What lies in a folder; nothing where there is none.
fn names(folder: &Path) -> anyhow::Result<Vec<OsString>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| folder.display().to_string())?,
    };
    entries.map(|entry| Ok(entry?.file_name())).collect()
}

/// Opens keys and directory, and makes sure that they belong together: keys of another instance would
/// open nothing of what was restored.
fn open(scratch: &Path) -> anyhow::Result<App> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let (root, _) = RootKey::load_or_create(&scratch.join(ROOT_KEY), &*random)?;
    let copies = super::open_keyrings(&KEYRINGS.map(|name| scratch.join(name)))?;
    let vault = Vault::open(root, copies, Arc::clone(&random)).context("its keyring")?;
    let mut epoch = [0; 8];
    random.fill(&mut epoch);
    let folder = scratch.to_path_buf();
    let store = Store::open(store::Config::Sqlite { folder }, epoch).context("its directory")?;
    let app = App::new(Parts {
        store: Arc::new(store),
        vault: Arc::new(vault),
        clock: Arc::new(SystemClock),
        random,
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(app.open_instance())?;
    Ok(app)
}

/// Removes what a restore brought here, also one that was cut short.
fn clear(scratch: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(scratch) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.with_context(|| format!("removing {}", scratch.display())),
    }
}
