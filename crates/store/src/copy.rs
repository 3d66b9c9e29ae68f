//! A consistent copy of all databases as SQLite files, from either engine.
//!
//! Each database is copied in one transaction, the directory after the workspaces. An act over two
//! databases that was under way then left an intention there, which the sweeper of the restored server
//! finishes or undoes.

use std::path::Path;

use rusqlite::params_from_iter;

use crate::{Schema, StoreError, Value, postgres::Line, sqlite};

/// Copies the file of one database.
///
/// Errors: as the database's, with the file's name.
pub(crate) fn copy_file(source: &Path, target: &Path) -> Result<(), StoreError> {
    make_folder(target)?;
    sqlite::snapshot_into(source, target).map_err(|error| match error {
        StoreError::Unavailable(why) if !why.contains(&*source.to_string_lossy()) => {
            StoreError::Unavailable(format!("{}: {why}", source.display()))
        }
        error => error,
    })
}

/// Removes what a copy that failed has left of a file: it would look like a database. What was there
/// before stays.
pub(crate) fn whole_or_not_at_all(
    target: &Path,
    copy: impl FnOnce() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let was_there = target.exists();
    let copied = copy();
    if copied.is_err() && !was_there {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            let mut name = target.as_os_str().to_owned();
            name.push(suffix);
            match std::fs::remove_file(&name) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(sqlite::io_error(Path::new(&name), &error));
                }
                _ => {}
            }
        }
    }
    copied
}

/// Reads every table of a schema and writes it into a file of the same schema version.
pub(crate) fn copy_schema(
    line: &mut Line,
    place: &str,
    schema: Schema,
    target: &Path,
) -> Result<(), StoreError> {
    make_folder(target)?;
    write_schema(line, place, schema, target)?;
    // The last connection is closed, so nothing is left beside the file.
    std::fs::File::open(target)
        .and_then(|file| file.sync_all())
        .map_err(|e| sqlite::io_error(target, &e))
}

fn write_schema(
    line: &mut Line,
    place: &str,
    schema: Schema,
    target: &Path,
) -> Result<(), StoreError> {
    sqlite::create_copy(target)?;
    sqlite::make_file(target, schema)?;
    let file = sqlite::open_writer(target, schema)?;
    let failed = |e: rusqlite::Error| StoreError::Unavailable(format!("copy: {e}"));
    // Rows arrive table by table, so references are checked once, at the end.
    file.execute_batch("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE").map_err(failed)?;
    line.begin_read(place)?;
    let copied = (|| {
        for table in tables(&file).map_err(failed)? {
            copy_table(line, &file, &table)?;
        }
        Ok(())
    })();
    line.end_read()?;
    copied?;
    file.execute_batch("COMMIT; PRAGMA foreign_keys = ON").map_err(failed)?;
    let broken: i64 = file
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
        .map_err(failed)?;
    if broken > 0 {
        return Err(StoreError::Bug(format!("copy of {place}: {broken} broken references")));
    }
    Ok(())
}

/// Each table with its columns: what is referred to comes before what refers to it, and else in the
/// order in which they were made.
pub(crate) fn tables(file: &rusqlite::Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut references =
        file.prepare("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?1)")?;
    let mut waiting = Vec::new();
    for (table, columns) in tables_as_made(file)? {
        let others = references.query_map([&table], |row| row.get(0))?;
        let others: Vec<String> = others.collect::<rusqlite::Result<_>>()?;
        waiting.push((table, columns, others));
    }
    let mut ordered: Vec<(String, String)> = Vec::new();
    while !waiting.is_empty() {
        let is_there = |name: &String| ordered.iter().any(|(table, _)| table == name);
        // None is ready where some refer to each other in a ring: then they stay as they were made.
        let ready = waiting.iter().position(|(table, _, others)| {
            others.iter().all(|other| other == table || is_there(other))
        });
        let (table, columns, _) = waiting.remove(ready.unwrap_or(0));
        ordered.push((table, columns));
    }
    Ok(ordered)
}

fn tables_as_made(file: &rusqlite::Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = file.prepare(
        "SELECT t.name, group_concat(c.name, ', ') FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'commit_mark'
         GROUP BY t.rowid ORDER BY t.rowid",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn copy_table(
    line: &mut Line,
    file: &rusqlite::Connection,
    (table, columns): &(String, String),
) -> Result<(), StoreError> {
    let failed = |e: rusqlite::Error| StoreError::Unavailable(format!("copy of {table}: {e}"));
    let marks: Vec<_> = (1..=columns.split(", ").count()).map(|n| format!("?{n}")).collect();
    let insert = format!("INSERT INTO {table} ({columns}) VALUES ({})", marks.join(", "));
    let mut insert = file.prepare(&insert).map_err(failed)?;
    // A file has its rows in the order in which they come, and what waits for the ledger waits in order.
    let order = if table == "ledger_pending" { " ORDER BY number" } else { "" };
    line.select(&format!("SELECT {columns} FROM {table}{order}"), |row| {
        let values = row.values.iter().map(|value| match value {
            Value::Null => rusqlite::types::Value::Null,
            Value::Int(value) => rusqlite::types::Value::Integer(*value),
            Value::Id(value) => rusqlite::types::Value::Blob(value.to_vec()),
            Value::Bytes(value) => rusqlite::types::Value::Blob(value.clone()),
            Value::Text(value) => rusqlite::types::Value::Text(value.clone()),
        });
        insert.execute(params_from_iter(values)).map_err(failed)?;
        Ok(())
    })
}

/// Makes the folder of a file, for its owner only.
fn make_folder(file: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::DirBuilderExt;
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| sqlite::io_error(folder, &e))
}
