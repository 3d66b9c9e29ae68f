//! `timeproof restore DIR`: brings a copy back into an empty PostgreSQL.

use std::path::Path;

use anyhow::bail;

use super::{counted, say, serve, warn};
use crate::{boot, config::Config, data_folder};

/// Restores the copy in `dir`.
///
/// Errors: no PostgreSQL named; a data folder or a database in use; what cannot be read or written.
pub fn run(config: &Config, dir: &Path) -> anyhow::Result<()> {
    serve::prepare(config)?;
    if config.database_url.is_none() {
        bail!(
            "A copy is restored into PostgreSQL: give --database-url. Without PostgreSQL nothing has \
             to be restored: start on the copy, or on a copy of it, with timeproof --data {}",
            dir.display()
        );
    }
    if boot::is_here(config) {
        bail!(
            "There is a Timeproof in {} already. Name a new folder with --data for the keys of the \
             copy, so that nothing is overwritten.",
            config.data().display()
        );
    }
    // The driver blocks, and there is no runtime here yet.
    let restored = boot::restore(config, dir)?;
    let restored = counted(restored, "workspace");
    say(&format!("Restored {restored}, the directory and all keys"));
    if let Some(sentence) = data_folder::incomplete(config.data())? {
        warn(&sentence);
    }
    say("Start with the same --data and --database-url.");
    Ok(())
}
