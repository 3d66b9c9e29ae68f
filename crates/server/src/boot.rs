//! Start-up: opens keys and databases and puts the application together.

mod restore;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use app::{App, Parts};
use store::Store;
use vault::{FolderKeyring, Keyring, Random, RootKey, SystemRandom, Vault};

use crate::{config::Config, data_folder, system::SystemClock};

pub use restore::restore;
pub(crate) use vault::replace_file;

/// The file of the root key, in the data folder.
pub(crate) const ROOT_KEY: &str = "root.key";

/// The two copies of the keyring, in the data folder unless the configuration says otherwise.
pub(crate) const KEYRINGS: [&str; 2] = ["keyring-a", "keyring-b"];

/// Opens everything an [`App`] needs, making keys and databases at the first start. Blocks.
///
/// Errors: what is wrong, with the path or address concerned, or what is missing; never a secret.
pub fn open(config: &Config) -> anyhow::Result<App> {
    data_folder::require_whole(config)?;
    require_keys(config)?;
    make_private_folder(config.data())?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let mut epoch = [0; 8];
    random.fill(&mut epoch);
    let open_store = || Store::open(store_config(config), epoch).context("the databases");
    // PostgreSQL may refuse us: keys that nothing needs would then be in a restore's way. Beside files,
    // keys come first: a directory without them is one that lost them.
    let elsewhere = config.database_url.is_some().then(open_store).transpose()?;
    let key_file = config.data().join(ROOT_KEY);
    let (root, _) = RootKey::load_or_create(&key_file, &*random)
        .with_context(|| format!("the root key in {}", key_file.display()))?;
    let copies = open_keyrings(&keyring_folders(config))?;
    let vault = Vault::open(root, copies, Arc::clone(&random)).context("the keyring")?;
    let store = elsewhere.map_or_else(open_store, Ok)?;
    Ok(App::new(Parts {
        store: Arc::new(store),
        vault: Arc::new(vault),
        clock: Arc::new(SystemClock),
        random,
    }))
}

/// Beside PostgreSQL the folder alone does not tell that its keys are missing: the database is asked,
/// where there are none, before new ones are made.
fn require_keys(config: &Config) -> anyhow::Result<()> {
    let Some(missing) = data_folder::missing_keys(config)? else {
        return Ok(());
    };
    if store::holds_instance(&store_config(config)).context("the databases")? {
        anyhow::bail!(missing);
    }
    Ok(())
}

/// Whether the folder holds the keys of an instance, so that there is something to work on.
pub fn is_here(config: &Config) -> bool {
    config.data().join(ROOT_KEY).exists()
}

/// Writes both copies of the keyring and then the root key into `target`, as [`open`] finds them
/// when `target` is the data folder. Blocks.
///
/// Errors: what cannot be read or written; never a secret.
pub fn copy_keys(app: &App, config: &Config, target: &Path) -> anyhow::Result<()> {
    for name in KEYRINGS {
        let folder = target.join(name);
        let keyring = FolderKeyring::open(&folder)
            .with_context(|| format!("the keyring in {}", folder.display()))?;
        app.vault().copy_into(&keyring).context("the keyring")?;
    }
    let (source, copy) = (config.data().join(ROOT_KEY), target.join(ROOT_KEY));
    copy_private_file(&source, &copy)
        .with_context(|| format!("the root key, from {} to {}", source.display(), copy.display()))
}

/// Where the copies of the keyring lie.
pub(crate) fn keyring_folders(config: &Config) -> [PathBuf; 2] {
    let [first, second] = KEYRINGS.map(|name| config.data().join(name));
    [first, config.keyring_copy.clone().unwrap_or(second)]
}

fn open_keyrings(folders: &[PathBuf]) -> anyhow::Result<Vec<Box<dyn Keyring>>> {
    let open = |folder: &PathBuf| -> anyhow::Result<Box<dyn Keyring>> {
        let keyring = FolderKeyring::open(folder)
            .with_context(|| format!("the keyring in {}", folder.display()))?;
        Ok(Box::new(keyring))
    };
    folders.iter().map(open).collect()
}

fn copy_private_file(source: &Path, copy: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(copy)?;
    std::io::copy(&mut std::fs::File::open(source)?, &mut file)?;
    file.sync_all()
}

fn store_config(config: &Config) -> store::Config {
    match &config.database_url {
        Some(url) => store::Config::Postgres {
            url: url.expose().to_owned(),
            prefix: config.database_prefix.clone(),
            authority: config.database_ca.clone(),
        },
        None => store::Config::Sqlite { folder: config.data().to_path_buf() },
    }
}

/// Draws the seed of a key.
pub fn draw_seed() -> [u8; 32] {
    let mut seed = [0; 32];
    SystemRandom.fill(&mut seed);
    seed
}

/// Makes a folder that only its owner can open.
///
/// Errors: what the system says.
pub fn make_private_folder(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("the folder {}", folder.display()))
}
