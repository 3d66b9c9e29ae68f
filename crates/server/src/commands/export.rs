//! `timeproof export WORKSPACE`: everything of a workspace, in open formats.

use std::path::{Path, PathBuf};

use anyhow::Context;
use app::App;
use domain::{ids::WorkspaceId, support::Area};

use super::{
    copy::refuse_inside, counted, make_empty_folder, require_data, run_book::reached as reach, say,
    serve, workspace::find,
};
use crate::{
    config::Config,
    data_folder::resolve,
    export::{write_manifest, write_tables},
};

/// Beside a run-book, an owner can let an operator export.
const OR_ASK: &str = ". Or ask the owners: timeproof support ask --scope export …";

/// Writes a workspace, named by its id or its name, into `to`.
///
/// Errors: no such workspace, or two of that name; no run-book, and no owner who gave it; a folder that holds something; what cannot be
/// read or written.
pub fn run(config: &Config, workspace: &str, to: Option<PathBuf>) -> anyhow::Result<()> {
    serve::prepare(config)?;
    require_data(config)?;
    serve::block_on(async {
        let app = serve::open(config).await?;
        let workspace = find(&app, workspace).await?;
        let request = app.new_request();
        let reached = app.reach_workspace(request, workspace, "export", Some(Area::Export)).await;
        reach(reached, OR_ASK)?;
        let dir = to.unwrap_or_else(|| format!("timeproof-export-{workspace}").into());
        let place = resolve(&dir).with_context(|| dir.display().to_string())?;
        refuse_inside(config.data(), &place, "an export is not sealed, and all in there is")?;
        make_empty_folder(&dir)?;
        let (rows, files) = export(&app, workspace, &dir, &config.authority())
            .await
            .with_context(|| format!("The export is not complete. Remove {}", dir.display()))?;
        let (rows, files) = (counted(rows, "row"), counted(files, "file"));
        say(&format!("Exported {rows} in {files} to {}", dir.display()));
        Ok(())
    })
}

async fn export(
    app: &App,
    workspace: WorkspaceId,
    dir: &Path,
    host: &str,
) -> anyhow::Result<(u64, usize)> {
    let actor = app.begin_export(app.new_request(), workspace).await?;
    // What nobody has signed proves nothing: the server that would do it need not run.
    app.sequence_ledger(workspace, host).await?;
    let target = dir.to_owned();
    let written =
        app.read_everything(actor, workspace, move |op| write_tables(op, &target)).await?;
    let files = written.with_context(|| dir.display().to_string())?;
    // Each row stands in two files.
    let of_tables = files.iter().filter(|file| file.table.is_some());
    let (rows, count) = (of_tables.filter_map(|file| file.rows).sum::<u64>() / 2, files.len());
    write_manifest(dir, workspace.to_string(), app.clock().now(), files)
        .with_context(|| dir.display().to_string())?;
    Ok((rows, count))
}
