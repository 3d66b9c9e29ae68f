//! `timeproof export WORKSPACE`: everything of a workspace, in open formats.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use app::{
    Actor, App, Credential,
    export::begin_export,
    identity::{WorkspaceState, list_workspaces},
};
use domain::{ids::WorkspaceId, text::fold};

use super::{copy::refuse_inside, counted, make_empty_folder, require_data, say, serve};
use crate::{
    config::Config,
    data_folder::resolve,
    export::{write_manifest, write_tables},
};

/// Writes a workspace, named by its id or its name, into `to`.
///
/// Errors: no such workspace, or two of that name; a folder that holds something; what cannot be
/// read or written.
pub fn run(config: &Config, workspace: &str, to: Option<PathBuf>) -> anyhow::Result<()> {
    serve::prepare(config)?;
    require_data(config)?;
    serve::block_on(async {
        let app = serve::open(config).await?;
        let workspace = find(&app, workspace).await?;
        let dir = to.unwrap_or_else(|| format!("timeproof-export-{workspace}").into());
        let place = resolve(&dir).with_context(|| dir.display().to_string())?;
        refuse_inside(config.data(), &place, "an export is not sealed, and all in there is")?;
        make_empty_folder(&dir)?;
        let (rows, files) = export(&app, workspace, &dir)
            .await
            .with_context(|| format!("The export is not complete. Remove {}", dir.display()))?;
        let (rows, files) = (counted(rows, "row"), counted(files, "file"));
        say(&format!("Exported {rows} in {files} to {}", dir.display()));
        Ok(())
    })
}

async fn export(app: &App, workspace: WorkspaceId, dir: &Path) -> anyhow::Result<(u64, usize)> {
    let actor = system(app, workspace).await?;
    app.write(actor, workspace, begin_export).await?;
    let target = dir.to_owned();
    let written =
        app.read_everything(actor, workspace, move |op| write_tables(op, &target)).await?;
    let files = written.with_context(|| dir.display().to_string())?;
    let (rows, count) = (files.iter().map(|file| file.rows).sum::<u64>() / 2, files.len());
    write_manifest(dir, workspace.to_string(), app.clock().now(), files)
        .with_context(|| dir.display().to_string())?;
    Ok((rows, count))
}

/// The program, in the name of the workspace's first owner.
async fn system(app: &App, workspace: WorkspaceId) -> anyhow::Result<Actor> {
    let owner = app.find_first_owner(workspace).await?;
    let owner = owner.with_context(|| format!("The workspace {workspace} has no owner."))?;
    Ok(Actor::new(Credential::System(owner), app.new_request()))
}

/// The workspace with this id, or the only one with this name: written so, or else whatever its
/// capitals.
async fn find(app: &App, wanted: &str) -> anyhow::Result<WorkspaceId> {
    let known = app.read_directory(app.new_request(), list_workspaces).await?;
    let (mut names, mut nameless) = (Vec::new(), Vec::new());
    for (workspace, state) in known {
        if state != WorkspaceState::Ready {
            continue;
        }
        if workspace.to_string().eq_ignore_ascii_case(wanted.trim()) {
            return Ok(workspace);
        }
        match name_of(app, workspace).await {
            Ok(name) => names.push((workspace, name)),
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(%workspace, error, "the workspace's name cannot be read");
                nameless.push(workspace);
            }
        }
    }
    match named(&names, wanted.trim()).as_slice() {
        [(workspace, _)] => Ok(*workspace),
        [] if names.is_empty() && nameless.is_empty() => bail!("There is no workspace yet."),
        found => bail!(
            "{} is called {wanted:?}. Name one by its id:\n{}",
            if found.is_empty() { "No workspace" } else { "More than one workspace" },
            listed(&names, &nameless)
        ),
    }
}

async fn name_of(app: &App, workspace: WorkspaceId) -> anyhow::Result<String> {
    let actor = system(app, workspace).await?;
    Ok(app.read(actor, workspace, |op| Ok(op.names()?.workspace.clone())).await?)
}

fn listed(names: &[(WorkspaceId, String)], nameless: &[WorkspaceId]) -> String {
    let named = names.iter().map(|(id, name)| format!("  {id}  {name}"));
    let others = nameless.iter().map(|id| format!("  {id}  (its name cannot be read)"));
    named.chain(others).collect::<Vec<_>>().join("\n")
}

fn named<'a>(names: &'a [(WorkspaceId, String)], wanted: &str) -> Vec<&'a (WorkspaceId, String)> {
    let written: Vec<_> = names.iter().filter(|(_, name)| name == wanted).collect();
    if !written.is_empty() {
        return written;
    }
    let wanted = fold(wanted);
    names.iter().filter(|(_, name)| fold(name) == wanted).collect()
}
