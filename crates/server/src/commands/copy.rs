//! `timeproof copy DIR`: a consistent copy of everything, to start on or to keep.
//!
//! The databases come first, each in one transaction; then the keyring, so that every key a copied
//! row needs is in it; the root key comes last, so that a copy that was cut short does not start.

use std::{
    fs::{self, File},
    io,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context, bail};
use app::App;

use super::{counted, make_empty_folder, require_data, say, serve};
use crate::{boot, config::Config};

/// Copies everything into `dir`, whether a server runs on this data or not.
///
/// Errors: a folder that holds something or lies inside the data folder; what cannot be read or
/// written.
pub fn run(config: &Config, dir: &Path) -> anyhow::Result<()> {
    serve::prepare(config)?;
    require_data(config)?;
    let dir = &resolve(dir).with_context(|| dir.display().to_string())?;
    refuse_inside(config.data(), dir)?;
    serve::block_on(async {
        let app = serve::open(config).await?;
        make_empty_folder(dir)?;
        let dir = dir.canonicalize().with_context(|| dir.display().to_string())?;
        let copied = copy(&app, config, &dir).await.with_context(|| {
            format!("The copy is not complete and does not start. Remove {}", dir.display())
        })?;
        let dir = dir.display();
        let copied = counted(copied, "workspace");
        say(&format!("Copied {copied}, the directory and all keys to {dir}"));
        say(&format!("Start on it: timeproof --data {dir}"));
        say("It holds the root key: whoever has the folder can read everything in it.");
        Ok(())
    })
}

/// A copy inside what it copies is lost with it.
fn refuse_inside(data: &Path, dir: &Path) -> anyhow::Result<()> {
    let folder = data.canonicalize().with_context(|| data.display().to_string())?;
    if dir.starts_with(folder) {
        bail!(
            "{} lies inside the data folder {}. Name a folder elsewhere, best on another disk: a copy \
             inside is lost with what it copies.",
            dir.display(),
            data.display()
        );
    }
    Ok(())
}

/// Where a folder lies, or will: without links and without `..`. That one is gone back step by step,
/// also from a folder that does not exist yet, so that what is made is what was looked at.
fn resolve(dir: &Path) -> io::Result<PathBuf> {
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

async fn copy(app: &App, config: &Config, dir: &Path) -> anyhow::Result<usize> {
    let copied = app.copy_databases_into(dir.to_owned()).await.context("the databases")?;
    let (app, config, dir) = (app.clone(), config.clone(), dir.to_owned());
    tokio::task::spawn_blocking(move || {
        boot::copy_keys(&app, &config, &dir)?;
        sync_folders(&dir).with_context(|| dir.display().to_string())
    })
    .await??;
    Ok(copied)
}

/// Makes the names of all files durable, from the folder above on down.
fn sync_folders(dir: &Path) -> io::Result<()> {
    let mut folders: Vec<PathBuf> = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            }
        }
        File::open(&folder)?.sync_all()?;
    }
    dir.parent().map_or(Ok(()), |above| File::open(above)?.sync_all())
}
