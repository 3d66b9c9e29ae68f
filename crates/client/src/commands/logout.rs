//! `tp logout`: forgets the token here, and what was known with it. What waits to be sent stays.

use crate::cache::Cache;
use crate::config::{Config, Credentials};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::files::Disk;
use crate::print::Output;
use crate::session::counted;
use crate::spool::Spool;

pub(crate) fn run(environment: &Environment, output: &mut Output<'_>) -> Result<(), Failure> {
    let folder = &environment.config_folder;
    let config = Config::load(folder).ok().flatten();
    let is_there = folder.join("config.toml").exists();
    if let Some(config) = &config {
        let credentials = Credentials {
            url: config.url.clone(),
            token: config.token.clone(),
            workspace_id: None,
            ca_file: None,
        };
        let path = Cache::path(&environment.state_folder, &credentials);
        if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
            Disk::default().remove(&environment.state_folder, name)?;
        }
    }
    Config::remove(folder)?;
    let waiting = Spool::open(environment.state_folder.join("spool"))?.list()?;
    if output.is_json {
        return output.json(&serde_json::json!({
            "signed_out": is_there, "waiting": waiting.len()
        }));
    }
    output.line(if is_there {
        "Signed out on this machine. The token itself ends by time, or on the page API tokens."
    } else {
        "You were not signed in."
    })?;
    if !waiting.is_empty() {
        let count = counted(waiting.len(), "action is waiting", "actions are waiting");
        output.note(&format!("{count} until you sign in again: see `tp spool`."));
    }
    Ok(())
}
