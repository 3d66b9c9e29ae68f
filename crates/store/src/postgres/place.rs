//! Schemas with a role each: making, migrating, listing, dropping.

use super::line::Line;
use crate::{Schema, StoreError, migrate::Dialect};

/// Makes the schema and its role, if they are not there, and brings the tables up to date.
pub(crate) fn create_place(line: &mut Line, place: &str, schema: Schema) -> Result<(), StoreError> {
    // Role and schema are committed before the tables, so that Citus can place the schema first.
    in_turn(line, place, |line| {
        let role = line.ask(&format!("SELECT 1 FROM pg_roles WHERE rolname = '{place}'"))?;
        if role.is_empty() {
            let made = line.batch(&format!("CREATE ROLE \"{place}\" NOLOGIN"));
            made.map_err(|error| {
                in_words(error, "create roles", "ALTER ROLE the_user CREATEROLE")
            })?;
        }
        line.batch(&format!("GRANT \"{place}\" TO CURRENT_USER"))?;
        let made = line
            .batch(&format!("CREATE SCHEMA IF NOT EXISTS \"{place}\" AUTHORIZATION \"{place}\""));
        made.map_err(|error| {
            in_words(error, "create schemas", "GRANT CREATE ON DATABASE the_database TO the_user")
        })
    })?;
    migrate_place(line, place, schema)
}

/// What an operator can do where the user of the address lacks a right.
fn in_words(error: StoreError, what: &str, remedy: &str) -> StoreError {
    match error {
        // SQLSTATE insufficient_privilege.
        StoreError::Bug(detail) if detail.ends_with("(42501)") => StoreError::Refused(format!(
            "The user of --database-url may not {what}, and each workspace needs its own. Let a \
             superuser of PostgreSQL run: {remedy}; ({detail})"
        )),
        error => error,
    }
}

/// Brings the tables of an existing schema up to date, in one transaction.
pub(crate) fn migrate_place(
    line: &mut Line,
    place: &str,
    schema: Schema,
) -> Result<(), StoreError> {
    if schema.statements_from(version(line, place)?, Dialect::Postgres)?.is_empty() {
        return Ok(());
    }
    in_turn(line, place, |line| {
        // Another node may have been faster while this one waited for its turn.
        let version = version(line, place)?;
        let statements = schema.statements_from(version, Dialect::Postgres)?;
        line.batch(&format!("SET LOCAL ROLE \"{place}\"; SET LOCAL search_path = \"{place}\""))?;
        if version == 0 {
            line.batch("CREATE TABLE schema_version (version bigint NOT NULL)")?;
            line.batch("INSERT INTO schema_version (version) VALUES (0)")?;
        }
        for statement in &statements {
            line.batch(statement)?;
        }
        line.batch(&format!("UPDATE schema_version SET version = {}", schema.newest()))
    })
}

/// How many steps have been done.
fn version(line: &mut Line, place: &str) -> Result<i64, StoreError> {
    // The catalogue is read as a table: `to_regclass` may answer what it remembers from before a
    // wait for the lock.
    let table = format!(
        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = '{place}' AND c.relname = 'schema_version'"
    );
    if line.ask(&table)?.is_empty() {
        return Ok(0);
    }
    let answer = line.ask(&format!("SELECT version FROM \"{place}\".schema_version"))?;
    let text = answer.first().map_or("0", String::as_str);
    text.parse().map_err(|_| StoreError::Bug(format!("schema version {text:?}")))
}

/// Runs `work` in a transaction, one at a time for each place: several nodes may start at once, and
/// several requests be the first to open a workspace.
fn in_turn(
    line: &mut Line,
    place: &str,
    work: impl FnOnce(&mut Line) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    // A step may take long where there is much, and who comes meanwhile waits for it.
    let done = line
        .batch(&format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; \
             SET LOCAL lock_timeout = '15min'; \
             SELECT pg_advisory_xact_lock(hashtextextended('{place}', 0)); \
             SET LOCAL lock_timeout = '10s'"
        ))
        .and_then(|()| work(line))
        .and_then(|()| line.batch("COMMIT"));
    if done.is_err() && !line.is_lost() {
        line.batch("ROLLBACK")?;
    }
    done
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
