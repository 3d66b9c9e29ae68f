//! `timeproof open-policy WORKSPACE`: the way back for owners whom a sign-in policy keeps out.

use anyhow::bail;

use super::{counted, require_data, run_book::reached, say, serve, workspace};
use crate::config::Config;

/// Takes back all limits on signing in to a workspace, named by its id or its name, and tells its owners by
/// mail; whether a server runs on this data or not.
///
/// Errors: no such workspace, or two of that name; no run-book that is open; a policy that limits nothing; a database that cannot
/// be opened.
pub fn run(config: &Config, workspace: &str) -> anyhow::Result<()> {
    serve::prepare(config)?;
    require_data(config)?;
    serve::block_on(async {
        let app = serve::open(config).await?;
        let workspace = workspace::find(&app, workspace).await?;
        let request = app.new_request();
        reached(app.reach_workspace(request, workspace, "open-policy", None).await, "")?;
        let Some(told) = app.open_policy(app.new_request(), workspace).await? else {
            bail!("The sign-in policy of {workspace} keeps nobody out. Nothing was changed.");
        };
        say(&format!(
            "Opened: every way of signing in lets into {workspace} now, from everywhere. {} told by \
             mail.",
            match told {
                1 => "Its owner is".to_owned(),
                told => format!("Its {} are", counted(told, "owner")),
            }
        ));
        Ok(())
    })
}
