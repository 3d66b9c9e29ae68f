//! Start-up: opens keys and databases and puts the application together.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use app::{App, Parts};
use store::Store;
use vault::{FolderKeyring, Keyring, Random, RootKey, SystemRandom, Vault};

use crate::{config::Config, system::SystemClock};

/// Opens everything an [`App`] needs, making keys and databases at the first start. Blocks.
///
/// Errors: what is wrong, with the path or address concerned; never a secret.
pub fn open(config: &Config) -> anyhow::Result<App> {
    make_private_folder(config.data())?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let key_file = config.data().join("root.key");
    let (root, _) = RootKey::load_or_create(&key_file, &*random)
        .with_context(|| format!("the root key in {}", key_file.display()))?;
    let second = config
        .keyring_copy
        .clone()
        .unwrap_or_else(|| config.data().join("keyring-b"));
    let copies = [config.data().join("keyring-a"), second]
        .iter()
        .map(|folder| -> anyhow::Result<Box<dyn Keyring>> {
            let keyring = FolderKeyring::open(folder)
                .with_context(|| format!("the keyring in {}", folder.display()))?;
            Ok(Box::new(keyring))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let vault = Vault::open(root, copies, Arc::clone(&random)).context("the keyring")?;
    let mut epoch = [0; 8];
    random.fill(&mut epoch);
    let store = Store::open(store_config(config), epoch).context("the databases")?;
    Ok(App::new(Parts {
        store: Arc::new(store),
        vault: Arc::new(vault),
        clock: Arc::new(SystemClock),
        random,
    }))
}

fn store_config(config: &Config) -> store::Config {
    match &config.database_url {
        Some(url) => store::Config::Postgres {
            url: url.expose().to_owned(),
            prefix: config.database_prefix.clone(),
        },
        None => store::Config::Sqlite {
            folder: config.data().to_path_buf(),
        },
    }
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
