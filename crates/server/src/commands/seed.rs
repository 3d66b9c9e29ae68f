//! `timeproof seed`: fills an empty folder for measurements. Hidden: nobody needs it to track time.

use anyhow::{Context, bail};
use app::identity::list_workspaces;

use super::{counted, say, serve};
use crate::{config::Config, demo::crowd};

/// Makes the demo grow to so many entries, and adds so many workspaces.
///
/// Errors: a folder that is in use; a database that cannot be opened.
pub fn run(config: &Config, entries: u32, workspaces: u32) -> anyhow::Result<()> {
    serve::prepare(config)?;
    serve::block_on(async {
        let app = serve::open(config).await?;
        if !app.read_directory(app.new_request(), list_workspaces).await?.is_empty() {
            bail!("There are workspaces already. Name an empty folder with --data.");
        }
        if entries > 0 {
            let made = crowd::add_entries(&app, wire::demo::SEED, entries).await;
            say(&format!("{} entries", made.context("the entries")?));
        }
        if workspaces > 0 {
            crowd::add_workspaces(&app, workspaces).await.context("the workspaces")?;
            say(&counted(workspaces, "workspace"));
        }
        Ok(())
    })
}
