//! Brings a copy (see `copy.rs`) back into an empty PostgreSQL.
//!
//! Each schema is filled in one transaction; the directory comes last, so that a server which is
//! started on half of a restore finds nothing to serve. When it fails, what was made is dropped.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use domain::ids::WorkspaceId;
use rusqlite::types::ValueRef;

use crate::{
    Config, Schema, StoreError, Value,
    copy::tables,
    postgres::{Address, Line, create_place, drop_place, list_places},
    sqlite,
    store::{place, require_plain},
};

/// What is opened of a copy, meanwhile.
const DRAFT: &str = "restore.db";

/// Fills an empty PostgreSQL with the databases of the copy in `source`, which stays as it is; how many
/// workspaces those were. `scratch` is an empty folder for one database at a time. Blocks.
///
/// Errors: [`StoreError::Refused`] for a configuration of files, for a folder that holds no copy, and
/// for schemas that are there already; [`StoreError::NewerSchema`]; [`StoreError::Unavailable`].
pub fn restore(config: &Config, source: &Path, scratch: &Path) -> Result<usize, StoreError> {
    let Config::Postgres { url, prefix, authority } = config else {
        return Err(StoreError::Refused(
            "A copy is restored into PostgreSQL; files are started on as they are.".to_owned(),
        ));
    };
    require_plain(prefix)?;
    let directory = source.join("directory.db");
    if !directory.is_file() {
        let name = source.display();
        return Err(StoreError::Refused(format!("{name} holds no copy made by `timeproof copy`.")));
    }
    let workspaces = workspaces(source)?;
    let mut line = Line::connect(&Address::new(url, authority.as_deref())?)?;
    if !list_places(&mut line, &format!("{prefix}_"))?.is_empty() {
        return Err(StoreError::Refused(format!(
            "There are schemas already whose names begin with {prefix}_. Restore into an empty \
             database, or give another --database-prefix."
        )));
    }
    let mut places: Vec<_> = workspaces
        .iter()
        .map(|(id, file)| (place(prefix, *id), Schema::Workspace, file.clone()))
        .collect();
    places.push((format!("{prefix}_directory"), Schema::Directory, directory));
    for (place, schema, file) in &places {
        let filled = fill(&mut line, place, *schema, file, scratch);
        let cleared = clear(scratch);
        if let Err(error) = filled {
            undo(&mut line, &places);
            return Err(named(error, file));
        }
        cleared?;
    }
    Ok(workspaces.len())
}

/// The workspaces' files of a copy.
fn workspaces(source: &Path) -> Result<Vec<(WorkspaceId, PathBuf)>, StoreError> {
    let failed = |e: io::Error| sqlite::io_error(source, &e);
    let folder = source.join("workspaces");
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for shard in fs::read_dir(&folder).map_err(failed)? {
        for file in fs::read_dir(shard.map_err(failed)?.path()).map_err(failed)? {
            let path = file.map_err(failed)?.path();
            if path.extension().is_some_and(|kind| kind == "db") {
                let id = path.file_stem().and_then(|name| name.to_str()).map(str::parse);
                let Some(Ok(id)) = id else {
                    let name = path.display();
                    return Err(StoreError::Refused(format!("{name} is no workspace's file.")));
                };
                found.push((id, path));
            }
        }
    }
    Ok(found)
}

/// Makes a schema and fills it from a file.
fn fill(
    line: &mut Line,
    place: &str,
    schema: Schema,
    source: &Path,
    scratch: &Path,
) -> Result<(), StoreError> {
    // The copy itself is not opened: that would write to it, and it may be of an older release.
    let draft = scratch.join(DRAFT);
    for suffix in ["", "-wal"] {
        let beside = |path: &Path| {
            let mut name = path.to_owned().into_os_string();
            name.push(suffix);
            PathBuf::from(name)
        };
        let (from, to) = (beside(source), beside(&draft));
        if suffix.is_empty() || from.exists() {
            fs::copy(&from, &to).map_err(|e| sqlite::io_error(&from, &e))?;
        }
    }
    let file = sqlite::open_writer(&draft, schema)?;
    create_place(line, place, schema)?;
    line.begin_fill(place)?;
    let failed = |e: rusqlite::Error| StoreError::Unavailable(format!("restore: {e}"));
    for (table, columns) in tables(&file).map_err(failed)? {
        fill_table(line, &file, &table, &columns)?;
    }
    line.end_fill()
}

/// Removes what was opened of a copy.
fn clear(scratch: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-shm"] {
        let path = scratch.join(format!("{DRAFT}{suffix}"));
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(sqlite::io_error(&path, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The error with the file of the copy that it is about.
fn named(error: StoreError, file: &Path) -> StoreError {
    match error {
        StoreError::Unavailable(why) => {
            StoreError::Unavailable(format!("{}: {why}", file.display()))
        }
        error => error,
    }
}

fn fill_table(
    line: &mut Line,
    file: &rusqlite::Connection,
    table: &str,
    columns: &str,
) -> Result<(), StoreError> {
    let failed = |e: rusqlite::Error| StoreError::Unavailable(format!("restore of {table}: {e}"));
    let mut select = file.prepare(&format!("SELECT {columns} FROM {table}")).map_err(failed)?;
    let count = select.column_count();
    let mut rows = select.query([]).map_err(failed)?;
    line.fill(table, columns, |is_id| {
        let Some(row) = rows.next().map_err(failed)? else {
            return Ok(None);
        };
        let value = |at: usize| {
            let is_id = is_id.get(at).copied().unwrap_or_default();
            read(row.get_ref(at).map_err(failed)?, is_id)
                .ok_or_else(|| StoreError::Bug(format!("restore of {table}: column {at}")))
        };
        (0..count).map(value).collect::<Result<_, _>>().map(Some)
    })
}

/// A value as PostgreSQL has it: SQLite knows no ids, only bytes.
fn read(value: ValueRef<'_>, is_id: bool) -> Option<Value> {
    Some(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Text(text) => Value::Text(str::from_utf8(text).ok()?.to_owned()),
        ValueRef::Blob(bytes) if is_id => Value::Id(bytes.try_into().ok()?),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => return None,
    })
}

/// Drops what a restore has made that failed.
fn undo(line: &mut Line, places: &[(String, Schema, PathBuf)]) {
    // A transaction that failed is in the way; without one this is only a warning of the server's.
    drop(line.end_read());
    for (place, ..) in places {
        if let Err(error) = drop_place(line, place) {
            tracing::warn!(place, %error, "a schema of the restore that failed is left");
        }
    }
}
