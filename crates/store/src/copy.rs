//! A consistent copy of all databases as SQLite files, from either engine.
//!
//! Each database is copied in one transaction. Between databases no order is needed: an act over two
//! of them leaves an intention, which the sweeper of the restored server finishes or undoes.

use std::path::Path;

use domain::ids::WorkspaceId;
use rusqlite::params_from_iter;

use crate::{Schema, StoreError, Value, postgres::Line, sqlite, store::workspace_file};

pub(crate) fn copy_files(
    root: &Path,
    target: &Path,
    workspaces: &[WorkspaceId],
) -> Result<(), StoreError> {
    make_folder(target)?;
    sqlite::snapshot_into(&root.join("directory.db"), &target.join("directory.db"))?;
    for id in workspaces {
        let copy = workspace_file(target, *id);
        make_folder(copy.parent().unwrap_or(target))?;
        sqlite::snapshot_into(&workspace_file(root, *id), &copy)?;
    }
    Ok(())
}

/// Reads every table of every schema and writes it into files of the same schema version.
pub(crate) fn copy_schemas(
    line: &mut Line,
    directory: &str,
    workspaces: &[(WorkspaceId, String)],
    target: &Path,
) -> Result<(), StoreError> {
    make_folder(target)?;
    copy_schema(
        line,
        directory,
        Schema::Directory,
        &target.join("directory.db"),
    )?;
    for (id, place) in workspaces {
        let copy = workspace_file(target, *id);
        make_folder(copy.parent().unwrap_or(target))?;
        copy_schema(line, place, Schema::Workspace, &copy)?;
    }
    Ok(())
}

fn copy_schema(
    line: &mut Line,
    place: &str,
    schema: Schema,
    target: &Path,
) -> Result<(), StoreError> {
    sqlite::create_file(target, &[])?;
    let file = sqlite::open_writer(target, schema)?;
    let failed = |e: rusqlite::Error| StoreError::Unavailable(format!("copy: {e}"));
    // Rows arrive table by table, so references are checked once, at the end.
    file.execute_batch("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE")
        .map_err(failed)?;
    line.begin_read(place)?;
    let copied = (|| {
        for table in tables(&file).map_err(failed)? {
            copy_table(line, &file, &table)?;
        }
        Ok(())
    })();
    line.end_read()?;
    copied?;
    file.execute_batch("COMMIT; PRAGMA foreign_keys = ON")
        .map_err(failed)?;
    let broken: i64 = file
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
            row.get(0)
        })
        .map_err(failed)?;
    if broken > 0 {
        return Err(StoreError::Bug(format!(
            "copy of {place}: {broken} broken references"
        )));
    }
    Ok(())
}

fn tables(file: &rusqlite::Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = file.prepare(
        "SELECT t.name, group_concat(c.name, ', ') FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'commit_mark'
         GROUP BY t.name",
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
    let marks: Vec<_> = (1..=columns.split(", ").count())
        .map(|n| format!("?{n}"))
        .collect();
    let insert = format!(
        "INSERT INTO {table} ({columns}) VALUES ({})",
        marks.join(", ")
    );
    let mut insert = file.prepare(&insert).map_err(failed)?;
    for row in line.select(&format!("SELECT {columns} FROM {table}"))? {
        let values = row.values.iter().map(|value| match value {
            Value::Null => rusqlite::types::Value::Null,
            Value::Int(value) => rusqlite::types::Value::Integer(*value),
            Value::Id(value) => rusqlite::types::Value::Blob(value.to_vec()),
            Value::Bytes(value) => rusqlite::types::Value::Blob(value.clone()),
            Value::Text(value) => rusqlite::types::Value::Text(value.clone()),
        });
        insert.execute(params_from_iter(values)).map_err(failed)?;
    }
    Ok(())
}

fn make_folder(folder: &Path) -> Result<(), StoreError> {
    std::fs::create_dir_all(folder)
        .map_err(|e| StoreError::Unavailable(format!("{}: {e}", folder.display())))
}
