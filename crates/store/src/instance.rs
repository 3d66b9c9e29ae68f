//! Whether a PostgreSQL holds an instance: asked before keys are made that would open nothing of it.

use crate::{
    Config, StoreError,
    postgres::{Address, Line},
    store::require_plain,
};

/// Whether the PostgreSQL of the configuration holds an instance that has keys. Writes nothing; files
/// are looked for where they lie, and are never held here. Blocks.
///
/// Errors: [`StoreError::Refused`]; [`StoreError::Unavailable`].
pub fn holds_instance(config: &Config) -> Result<bool, StoreError> {
    let Config::Postgres { url, prefix, authority } = config else {
        return Ok(false);
    };
    require_plain(prefix)?;
    let mut line = Line::connect(&Address::new(url, authority.as_deref())?)?;
    // A start that was cut short has left the schema without the table, or without its row.
    let table = format!(
        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = '{prefix}_directory' AND c.relname = 'instance'"
    );
    if line.ask(&table)?.is_empty() {
        return Ok(false);
    }
    let row = line.ask(&format!("SELECT id FROM \"{prefix}_directory\".instance"))?;
    Ok(!row.is_empty())
}
