//! `timeproof ledger new-epoch`: logs go on from an older state that was put back, and say so.

use std::path::{Path, PathBuf};

use anyhow::Context;
use app::{App, Error, Fields};
use domain::ids::WorkspaceId;

use super::{counted, require_data, say, serve, warn, workspace};
use crate::{config::Config, ledger::anchors};

/// What an operator says to open an epoch.
#[derive(Debug, Clone, clap::Args)]
pub struct NewEpoch {
    /// Why; for the record, and sealed.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The last head that is known of the instance's log, from wherever it was kept.
    #[arg(long, value_name = "FILE", conflicts_with = "workspace")]
    pub last_head: Option<PathBuf>,
    /// Only the log of this workspace (id or name), whose database was put back alone.
    #[arg(long, value_name = "WORKSPACE")]
    pub workspace: Option<String>,
}

/// Opens an epoch.
///
/// Errors: a head that this instance has not signed; no such workspace; what cannot be read or written.
pub fn run(config: &Config, wanted: &NewEpoch) -> anyhow::Result<()> {
    serve::prepare(config)?;
    require_data(config)?;
    serve::block_on(async {
        let app = serve::open(config).await?;
        let workspace = match &wanted.workspace {
            Some(name) => Some(workspace::find(&app, name).await?),
            None => None,
        };
        let notes = notes(config, &app, wanted).await?;
        let host = config.authority();
        let opened = app.open_epoch(&host, &wanted.reason, workspace, notes).await;
        let opened = opened.map_err(in_words)?;
        match &opened.origin {
            Some(origin) => say(&format!("Opened the epoch {}: {origin}", opened.number)),
            None => say(&format!("Opened the epoch {} of the workspace", opened.number)),
        }
        match opened.known {
            Some(known) => say(&format!(
                "It names the last known head, of {}.",
                counted(known.size, "leaf").replace("leafs", "leaves")
            )),
            None => {
                warn("No later head is known: give one with --last-head FILE where there is one.");
            }
        }
        go_on(&app, workspace, &host).await?;
        if opened.origin.is_some() && !config.witness.is_empty() {
            say("Start each witness anew with the key that /ledger/keys says now.");
        }
        Ok(())
    })
}

/// What is wrong with what was typed, as a sentence.
fn in_words(error: Error) -> anyhow::Error {
    match error {
        Error::Invalid(Fields(fields)) => {
            let words: Vec<_> = fields.into_iter().map(|field| field.message).collect();
            anyhow::Error::msg(words.join(" "))
        }
        error => error.into(),
    }
}

/// The head that the operator gives, and those in the anchors that can be read now.
async fn notes(config: &Config, app: &App, wanted: &NewEpoch) -> anyhow::Result<Vec<String>> {
    if wanted.workspace.is_some() {
        return Ok(Vec::new());
    }
    let mut anchored = Vec::new();
    for folder in &config.anchor {
        match anchors::newest(folder) {
            Ok(heads) => anchored.extend(heads.into_iter().map(|(_, note)| note)),
            Err(error) => warn(&format!("{error:#}")),
        }
    }
    let mut notes = app.own_heads(anchored).await?;
    if let Some(path) = &wanted.last_head {
        notes.push(read(path)?);
    }
    Ok(notes)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// The logs of the workspaces follow at once, as far as they can be opened; the others when they are next
/// looked at.
async fn go_on(app: &App, workspace: Option<WorkspaceId>, host: &str) -> anyhow::Result<()> {
    let gone_on = match workspace {
        Some(workspace) => app.sequence_ledger(workspace, host).await,
        None => app.renew_ledgers(host).await,
    };
    if let Err(error) = gone_on {
        warn(&format!("Not all logs of workspaces have gone on yet: {error}"));
    }
    app.sequence_instance_log(host).await?;
    Ok(())
}
