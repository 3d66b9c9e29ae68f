//! Opening and creating database files.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::statement::store_error;
use crate::{Schema, StoreError, migrate::Dialect};

/// Statements a connection keeps prepared.
const PREPARED: usize = 128;

/// Opens the one writing connection of a file, and brings its schema up to date.
///
/// Errors: [`StoreError::Unavailable`], also for a file that holds nothing: files are made whole (see
/// [`make_file`]), so something emptied it; [`StoreError::NewerSchema`].
pub(crate) fn open_writer(path: &Path, schema: Schema) -> Result<Connection, StoreError> {
    let connection = open_ours(path)?;
    migrate(&connection, schema)?;
    Ok(connection)
}

/// Opens a file that has a schema of ours, and writes nothing into another one.
fn open_ours(path: &Path) -> Result<Connection, StoreError> {
    let name = path.display();
    let refused = || {
        StoreError::Unavailable(format!(
            "{name} is empty, or no database of ours: put it back from a copy"
        ))
    };
    let length = std::fs::metadata(path).map_err(|e| io_error(path, &e))?.len();
    // One that a crash left may have all of it in its log.
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if length == 0 && !Path::new(&log).exists() {
        return Err(refused());
    }
    let connection = open(path)?;
    if version(&connection)? == 0 { Err(refused()) } else { Ok(connection) }
}

/// Makes a new file with an empty schema: beside it, and renamed into place when it is whole.
///
/// Errors: [`StoreError::Full`]; [`StoreError::Unavailable`].
pub(crate) fn make_file(path: &Path, schema: Schema) -> Result<(), StoreError> {
    let draft = path.with_extension("draft");
    // What an earlier try left.
    for suffix in ["-wal", "-shm"] {
        let mut name = draft.clone().into_os_string();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(io_error(Path::new(&name), &error));
            }
            _ => {}
        }
    }
    create_file(&draft, &[])?;
    let connection = open(&draft)?;
    migrate(&connection, schema)?;
    // Closed, so that nothing is left beside it.
    connection.close().map_err(|(_, e)| store_error("close", &e))?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let placed = std::fs::rename(&draft, path).and_then(|()| File::open(folder)?.sync_all());
    placed.map_err(|e| io_error(path, &e))
}

/// Opens a connection that cannot write.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path)?;
    connection
        .pragma_update(None, "query_only", true)
        .map_err(|e| store_error("query_only", &e))?;
    Ok(connection)
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
        configure(&connection)?;
        Ok(connection)
    });
    opened.map_err(|e| match store_error(&path.display().to_string(), &e) {
        StoreError::Unavailable(detail) if is_disk_full(path) => StoreError::Full(detail),
        error => error,
    })
}

/// Whether there is no room beside a file. An index of the log that cannot grow is an I/O error to
/// SQLite, so that the disk is asked itself, by a few bytes that are removed again.
fn is_disk_full(path: &Path) -> bool {
    let probe = path.with_extension("probe");
    let written = File::create(&probe).and_then(|mut file| {
        file.write_all(&[0; 16_384])?;
        file.sync_all()
    });
    // It is only in the way; the next probe writes over it.
    drop(std::fs::remove_file(&probe));
    written.is_err_and(|error| error.kind() == std::io::ErrorKind::StorageFull)
}

/// WAL and `synchronous=FULL`: an acknowledged write survives a power cut (security.md, finding 1).
/// Checkpoints are the writer's (see `writer.rs`), not SQLite's own timer.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(PREPARED);
    // A plan never depends on the values bound, so a prepared statement is never prepared again for
    // them: by default SQLite does so at each change of a value compared with a partial index.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size = -2048;",
    )
}

/// Brings the schema up to date in one transaction; `user_version` counts the steps done.
fn migrate(connection: &Connection, schema: Schema) -> Result<(), StoreError> {
    let failed = |e: rusqlite::Error| store_error("migrate", &e);
    if schema.statements_from(version(connection)?, Dialect::Sqlite)?.is_empty() {
        return Ok(());
    }
    connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
    // Another program may have been faster while this one waited for its turn.
    let version = version(connection)?;
    let statements = schema.statements_from(version, Dialect::Sqlite)?;
    if version == 0 {
        connection.execute_batch(COMMIT_MARK).map_err(failed)?;
    }
    for statement in statements {
        connection.execute_batch(&statement).map_err(failed)?;
    }
    if version == 0 && schema == Schema::Workspace {
        connection.execute_batch(STATISTICS).map_err(failed)?;
    }
    connection.pragma_update(None, "user_version", schema.newest()).map_err(failed)?;
    connection.execute_batch("COMMIT").map_err(failed)
}

/// How many steps have been done.
fn version(connection: &Connection) -> Result<i64, StoreError> {
    let answer = connection.query_row("PRAGMA user_version", [], |row| row.get(0));
    answer.map_err(|e| store_error("migrate", &e))
}

/// The store's own table: which group of writes was committed last (see `writer.rs`).
const COMMIT_MARK: &str = "
    CREATE TABLE commit_mark (one INTEGER PRIMARY KEY CHECK (one = 1), mark BLOB NOT NULL) STRICT;
    INSERT INTO commit_mark (one, mark) VALUES (1, x'00');";

/// Planner statistics of a workspace with a year of entries, so that a new or small file gets the
/// plans of a large one. Shapes: rows, then rows per distinct prefix of the index.
const STATISTICS: &str = "
    ANALYZE;
    DELETE FROM sqlite_stat1;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('entry_days', 'entry_days_project', '100000 2000 250 2 2 1'),
        ('entry_days', 'entry_days_member', '100000 5000 20 4 3 1'),
        ('entry_days', 'sqlite_autoindex_entry_days_1', '100000 1 1'),
        ('time_entries', 'time_entries_one_running', '20 1'),
        ('time_entries', 'time_entries_member_day', '100000 5000 20 1 1'),
        ('time_entries', 'time_entries_day', '100000 400 1 1'),
        ('time_entries', 'time_entries_project_day', '100000 2000 8 1 1'),
        ('time_entries', 'time_entries_task', '100000 500'),
        ('time_entries', 'time_entries_deleted', '1000 50 1'),
        ('time_entries', 'sqlite_autoindex_time_entries_1', '100000 1'),
        ('entry_tags', 'sqlite_autoindex_entry_tags_1', '100000 2 1'),
        ('entry_tags', 'entry_tags_tag', '100000 5000'),
        ('events', 'events_object', '300000 3 1'),
        ('events', 'sqlite_autoindex_events_1', '300000 1'),
        ('members', 'sqlite_autoindex_members_1', '20 1'),
        ('projects', 'sqlite_autoindex_projects_1', '50 1'),
        ('clients', 'sqlite_autoindex_clients_1', '20 1');";

/// Makes a new database file: `template` copied beside it, flushed, and renamed into place, so that
/// a crash leaves either nothing or a whole file.
///
/// Errors: [`StoreError::Full`]; [`StoreError::Unavailable`].
pub(crate) fn create_file(path: &Path, template: &[u8]) -> Result<(), StoreError> {
    let folder = path.parent().ok_or_else(|| StoreError::Bug("database without folder".into()))?;
    let draft = path.with_extension("new");
    let written = (|| {
        std::fs::create_dir_all(folder)?;
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(template)?;
        file.sync_all()?;
        std::fs::rename(&draft, path)?;
        File::open(folder)?.sync_all()?;
        folder.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    })();
    written.map_err(|e| io_error(path, &e))
}

/// Makes a folder whose name stays in the one above it when the power is cut.
///
/// Errors: [`StoreError::Full`]; [`StoreError::Unavailable`].
pub(crate) fn make_folder(path: &Path) -> Result<(), StoreError> {
    let made = std::fs::create_dir_all(path);
    let above = path.parent().unwrap_or(Path::new("/"));
    made.and_then(|()| File::open(above)?.sync_all()).map_err(|e| io_error(path, &e))
}

pub(crate) fn io_error(path: &Path, error: &std::io::Error) -> StoreError {
    let detail = format!("{}: {error}", path.display());
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full(detail),
        _ => StoreError::Unavailable(detail),
    }
}

/// Makes the empty file of a copy, which only its owner can read. What is there already stays.
///
/// Errors: [`StoreError::Full`]; [`StoreError::Unavailable`].
pub(crate) fn create_copy(target: &Path) -> Result<(), StoreError> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target);
    created.map(drop).map_err(|e| io_error(target, &e))
}

/// A consistent copy of the database at `path`, which may be in use, written to a new file that only
/// its owner can read.
///
/// Errors: [`StoreError::Full`]; [`StoreError::Unavailable`].
pub(crate) fn snapshot_into(path: &Path, target: &Path) -> Result<(), StoreError> {
    let connection = open_ours(path)?;
    // VACUUM INTO takes an empty file as it takes none, and keeps its mode.
    create_copy(target)?;
    let name =
        target.to_str().ok_or_else(|| StoreError::Bug("copy target is not UTF-8".to_owned()))?;
    connection.execute("VACUUM INTO ?1", [name]).map_err(|e| store_error("vacuum into", &e))?;
    File::open(target).and_then(|file| file.sync_all()).map_err(|e| io_error(target, &e))
}
