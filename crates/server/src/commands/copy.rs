//! `timeproof copy DIR`: a consistent copy of everything, to start on or to keep.
//!
//! The databases come first, each in one transaction; then the keyring, so that every key a copied
//! row needs is in it; the root key comes last, so that a copy that was cut short does not start.
//! A workspace that cannot be read keeps no other from being copied; what is missing is written into
//! the copy, so that whoever starts on it is told.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use app::{App, Copied};
use domain::ids::WorkspaceId;

use super::{counted, make_empty_folder, require_data, say, serve};
use crate::{
    boot,
    config::Config,
    data_folder::{self, INCOMPLETE},
};

/// Copies everything into `dir`, whether a server runs on this data or not.
///
/// Errors: a folder that holds something or lies inside the data folder; what cannot be read or
/// written.
pub fn run(config: &Config, dir: &Path) -> anyhow::Result<()> {
    serve::prepare(config)?;
    require_data(config)?;
    let dir = &data_folder::resolve(dir).with_context(|| dir.display().to_string())?;
    refuse_inside(config.data(), dir, "a copy inside is lost with what it copies")?;
    serve::block_on(async {
        let app = serve::open(config).await?;
        make_empty_folder(dir)?;
        let dir = dir.canonicalize().with_context(|| dir.display().to_string())?;
        let copied = copy(&app, config, &dir).await.with_context(|| {
            format!("The copy is not complete and does not start. Remove {}", dir.display())
        })?;
        let name = dir.display();
        let workspaces = counted(copied.workspaces, "workspace");
        say(&format!("Copied {workspaces}, the directory and all keys to {name}"));
        say(&format!("Start on it: timeproof --data {name}"));
        say("It holds the root key: whoever has the folder can read everything in it.");
        if copied.missing.is_empty() {
            return Ok(());
        }
        bail!(
            "The copy lacks {}, which cannot be read now; {INCOMPLETE} in it names them:\n{}",
            counted(copied.missing.len(), "workspace"),
            listed(&copied.missing)
        )
    })
}

/// The workspaces that a copy lacks, a line each.
fn listed(missing: &[(WorkspaceId, app::Error)]) -> String {
    let lines = missing.iter().map(|(id, why)| format!("  {id}  {why}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Refuses a folder inside the data folder; `why`.
pub(super) fn refuse_inside(data: &Path, dir: &Path, why: &str) -> anyhow::Result<()> {
    let folder = data.canonicalize().with_context(|| data.display().to_string())?;
    if dir.starts_with(folder) {
        bail!(
            "{} lies inside the data folder {}. Name a folder elsewhere, best on another disk: {why}.",
            dir.display(),
            data.display()
        );
    }
    Ok(())
}

async fn copy(app: &App, config: &Config, dir: &Path) -> anyhow::Result<Copied> {
    let copied = app.copy_databases_into(dir.to_owned()).await.context("the databases")?;
    let mark = (!copied.missing.is_empty()).then(|| listed(&copied.missing));
    let (app, config, dir) = (app.clone(), config.clone(), dir.to_owned());
    tokio::task::spawn_blocking(move || {
        if let Some(mark) = mark {
            data_folder::mark_incomplete(&dir, &mark)?;
        }
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
