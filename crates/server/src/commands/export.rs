//! `timeproof export WORKSPACE`: everything of a workspace, in open formats.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use app::{
    App, DirectoryOp, Error,
    ledger::{instance_receipt, instance_size, list_witnesses},
};
use domain::{ids::WorkspaceId, support::Area};

use super::{
    copy::refuse_inside, counted, make_empty_folder, operator::MaybeOperator, require_data,
    run_book::reached as reach, say, serve, warn, workspace::find,
};
use crate::{
    config::Config,
    data_folder::resolve,
    export::{write_instance_receipt, write_manifest, write_tables},
};

/// Beside a run-book, an owner can let an operator export.
const OR_ASK: &str =
    ". Or ask the owners (timeproof support ask --scope export …), and export with --as NAME";

/// Writes a workspace, named by its id or its name, into `to`.
///
/// Errors: no such workspace, or two of that name; no run-book, and no owner who gave it to this operator;
/// a folder that holds something; what cannot be read or written.
pub fn run(
    config: &Config,
    workspace: &str,
    to: Option<PathBuf>,
    who: &MaybeOperator,
) -> anyhow::Result<()> {
    serve::prepare(config)?;
    require_data(config)?;
    serve::block_on(async {
        let app = serve::open(config).await?;
        let workspace = find(&app, workspace).await?;
        let request = app.new_request();
        let given = who.show(&app).await?.map(|operator| (Area::Export, operator));
        let reached = app.reach_workspace(request, workspace, "export", given).await;
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
    let own = app.sequence_ledger(workspace, host).await;
    app.tell_last_head(workspace).await?;
    for gone_on in [own, app.sequence_instance_log(host).await] {
        match gone_on {
            // People get what is theirs all the same; whoever checks it finds what is wrong.
            Err(Error::Damaged(why)) => warn(&format!("The ledger does not go on: {why}.")),
            gone_on => drop(gone_on?),
        }
    }
    let receipt = if app.is_called_alike(workspace).await? {
        receipt(app, workspace).await?
    } else {
        warn(&format!("{CALLED_OTHERWISE}."));
        None
    };
    let target = dir.to_owned();
    let written =
        app.read_everything(actor, workspace, move |op| write_tables(op, &target)).await?;
    let mut files = written.with_context(|| dir.display().to_string())?;
    // Each row stands in two files.
    let of_tables = files.iter().filter(|file| file.table.is_some());
    let (rows, count) = (of_tables.filter_map(|file| file.rows).sum::<u64>() / 2, files.len());
    if let Some(receipt) = receipt {
        let written = write_instance_receipt(dir, &receipt);
        files.push(written.with_context(|| dir.display().to_string())?);
    }
    write_manifest(dir, workspace.to_string(), app.clock().now(), files)
        .with_context(|| dir.display().to_string())?;
    Ok((rows, count))
}

/// Said where the log of a workspace is older than the rule that all are called after one host.
const CALLED_OTHERWISE: &str = "The ledger of this workspace is called after another host than that of the instance: no witness \
     speaks for it";

/// How often it is looked whether the witnesses have cosigned, half a second apart.
const LOOKS: u32 = 10;

/// The proof of the workspace's head in the instance's log: once the witnesses that the server asks have
/// cosigned, or after a while as far as they have.
async fn receipt(app: &App, workspace: WorkspaceId) -> anyhow::Result<Option<String>> {
    let size = app.read_directory(app.new_request(), instance_size).await?;
    let find = move |op: &mut DirectoryOp| {
        let is_behind = is_any_behind(op, size)?;
        match instance_receipt(op, workspace) {
            Ok(receipt) => Ok((is_behind, Some(receipt))),
            Err(Error::NotFound) => Ok((is_behind, None)),
            Err(error) => Err(error),
        }
    };
    for _ in 1..LOOKS {
        let (is_behind, receipt) = app.read_directory(app.new_request(), find).await?;
        if !is_behind {
            return Ok(receipt);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let (is_behind, receipt) = app.read_directory(app.new_request(), find).await?;
    if is_behind {
        warn("Not all witnesses have cosigned the newest head of this instance's log.");
    }
    Ok(receipt)
}

/// Whether a witness has not cosigned the head of so many leaves: those that there were when the export
/// began, as others write meanwhile.
fn is_any_behind(op: &mut DirectoryOp, size: Option<u64>) -> Result<bool, Error> {
    let is_behind = |cosigned: Option<(u64, i64)>| cosigned.map(|(size, _)| size) < size;
    Ok(list_witnesses(op)?.iter().any(|one| is_behind(one.cosigned)))
}
