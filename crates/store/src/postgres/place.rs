//! Schemas with a role each: making, migrating, listing, dropping.

use super::line::Line;
use crate::{Schema, StoreError, migrate::Dialect};

/// Makes the schema and its role, if they are not there, and brings the tables up to date.
pub(crate) fn create_place(line: &mut Line, place: &str, schema: Schema) -> Result<(), StoreError> {
    // Role and schema are committed before the tables, so that Citus can place the schema first.
    let role = line.ask(&format!("SELECT 1 FROM pg_roles WHERE rolname = '{place}'"))?;
    if role.is_empty() {
        tolerate_duplicate(line.batch(&format!("CREATE ROLE \"{place}\" NOLOGIN")))?;
    }
    line.batch(&format!("GRANT \"{place}\" TO CURRENT_USER"))?;
    line.batch(&format!("CREATE SCHEMA IF NOT EXISTS \"{place}\" AUTHORIZATION \"{place}\""))?;
    migrate_place(line, place, schema)
}

/// Brings the tables of an existing schema up to date, in one transaction.
pub(crate) fn migrate_place(
    line: &mut Line,
    place: &str,
    schema: Schema,
) -> Result<(), StoreError> {
    let table = format!("SELECT to_regclass('\"{place}\".schema_version')::text");
    let version = if line.ask(&table)?.is_empty() {
        0
    } else {
        let answer = line.ask(&format!("SELECT version FROM \"{place}\".schema_version"))?;
        let text = answer.first().map_or("0", String::as_str);
        text.parse().map_err(|_| StoreError::Bug(format!("schema version {text:?}")))?
    };
    let statements = schema.statements_from(version, Dialect::Postgres)?;
    if statements.is_empty() {
        return Ok(());
    }
    line.batch(&format!("BEGIN; SET LOCAL ROLE \"{place}\"; SET LOCAL search_path = \"{place}\""))?;
    let migrated = (|| {
        if version == 0 {
            line.batch("CREATE TABLE schema_version (version bigint NOT NULL)")?;
            line.batch("INSERT INTO schema_version (version) VALUES (0)")?;
        }
        for statement in &statements {
            line.batch(statement)?;
        }
        line.batch(&format!("UPDATE schema_version SET version = {}", schema.newest()))?;
        line.batch("COMMIT")
    })();
    if migrated.is_err() {
        line.batch("ROLLBACK")?;
    }
    migrated
}

/// Drops a schema and its role.
pub(crate) fn drop_place(line: &mut Line, place: &str) -> Result<(), StoreError> {
    line.batch(&format!("DROP SCHEMA IF EXISTS \"{place}\" CASCADE"))?;
    line.batch(&format!("DROP ROLE IF EXISTS \"{place}\""))
}

/// The schemas whose names begin with `prefix`.
pub(crate) fn list_places(line: &mut Line, prefix: &str) -> Result<Vec<String>, StoreError> {
    line.ask(&format!(
        "SELECT nspname FROM pg_namespace WHERE left(nspname, {}) = '{prefix}' ORDER BY 1",
        prefix.len()
    ))
}

/// Two nodes may make the same role at once; the second finds it there.
fn tolerate_duplicate(outcome: Result<(), StoreError>) -> Result<(), StoreError> {
    match outcome {
        Err(StoreError::Bug(detail)) if detail.contains("42710") => Ok(()),
        Err(error) if error.is_duplicate() => Ok(()),
        outcome => outcome,
    }
}
