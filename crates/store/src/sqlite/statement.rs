//! Binding values and reading rows; the driver's errors in the store's terms.

use std::path::Path;

use rusqlite::{
    CachedStatement, Connection, ErrorCode, ToSql,
    types::{ToSqlOutput, ValueRef},
};

use crate::{ConstraintKind, Row, Statement, StoreError, Value};

pub(crate) fn execute(
    connection: &Connection,
    statement: &Statement,
    values: &[Value],
) -> Result<u64, StoreError> {
    let mut prepared = prepare(connection, statement, values)?;
    let changed = prepared.raw_execute().map_err(|e| store_error(statement.name, &e))?;
    u64::try_from(changed).map_err(|_| StoreError::Bug(statement.name.to_owned()))
}

pub(crate) fn query(
    connection: &Connection,
    statement: &Statement,
    values: &[Value],
) -> Result<Vec<Row>, StoreError> {
    let mut prepared = prepare(connection, statement, values)?;
    let columns = prepared.column_count();
    let mut rows = prepared.raw_query();
    let mut answer = Vec::new();
    while let Some(row) = rows.next().map_err(|e| store_error(statement.name, &e))? {
        let mut cells = Vec::with_capacity(columns);
        for index in 0..columns {
            let cell = row.get_ref(index).map_err(|e| store_error(statement.name, &e))?;
            cells.push(read(statement, cell)?);
        }
        answer.push(Row { values: cells });
    }
    Ok(answer)
}

/// Parameters are bound by name: in SQLite `$2` is a *named* parameter, numbered by where it first
/// appears in the text, not the second one.
fn prepare<'c>(
    connection: &'c Connection,
    statement: &Statement,
    values: &[Value],
) -> Result<CachedStatement<'c>, StoreError> {
    let mut prepared =
        connection.prepare_cached(statement.sql).map_err(|e| store_error(statement.name, &e))?;
    for (at, value) in values.iter().enumerate() {
        let name = NAMES.get(at).ok_or_else(|| too_many(statement))?;
        let index = prepared
            .parameter_index(name)
            .map_err(|e| store_error(statement.name, &e))?
            .ok_or_else(|| StoreError::Bug(format!("{}: no {name} in the text", statement.name)))?;
        prepared
            .raw_bind_parameter(index, Bound(value))
            .map_err(|e| store_error(statement.name, &e))?;
    }
    if prepared.parameter_count() != values.len() {
        return Err(StoreError::Bug(format!(
            "{}: {} parameters, {} values",
            statement.name,
            prepared.parameter_count(),
            values.len()
        )));
    }
    Ok(prepared)
}

fn too_many(statement: &Statement) -> StoreError {
    StoreError::Bug(format!("{}: more than {} parameters", statement.name, NAMES.len()))
}

const NAMES: [&str; 24] = [
    "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15",
    "$16", "$17", "$18", "$19", "$20", "$21", "$22", "$23", "$24",
];

/// A value on its way into a statement, which copies it itself.
struct Bound<'v>(&'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Id(value) => ValueRef::Blob(value),
            Value::Bytes(value) => ValueRef::Blob(value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
        }))
    }
}

fn read(statement: &Statement, cell: ValueRef<'_>) -> Result<Value, StoreError> {
    match cell {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(value) => Ok(Value::Int(value)),
        ValueRef::Blob(value) => Ok(Value::Bytes(value.to_vec())),
        ValueRef::Text(value) => String::from_utf8(value.to_vec())
            .map(Value::Text)
            .map_err(|_| StoreError::Bug(format!("{}: text is not UTF-8", statement.name))),
        ValueRef::Real(_) => Err(StoreError::Bug(format!("{}: a float", statement.name))),
    }
}

/// Says in the log which file does not answer as it should; statements do not know it.
pub(super) fn tell(path: &Path, error: &StoreError) {
    if matches!(error, StoreError::Unavailable(_) | StoreError::Full(_)) {
        tracing::warn!(path = %path.display(), %error, "an operation failed at its database");
    }
}

/// Which of the store's errors a driver's error is.
pub(super) fn store_error(what: &str, error: &rusqlite::Error) -> StoreError {
    let detail = format!("{what}: {error}");
    let Some(code) = error.sqlite_error() else {
        return StoreError::Bug(detail);
    };
    match code.code {
        ErrorCode::ConstraintViolation => {
            StoreError::Constraint { kind: constraint(code.extended_code), detail }
        }
        ErrorCode::DiskFull => StoreError::Full(detail),
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::SystemIoFailure
        | ErrorCode::OutOfMemory
        | ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase => StoreError::Unavailable(detail),
        _ => StoreError::Bug(detail),
    }
}

fn constraint(extended: i32) -> ConstraintKind {
    match extended {
        rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
            ConstraintKind::Unique
        }
        rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ConstraintKind::ForeignKey,
        _ => ConstraintKind::Check,
    }
}
