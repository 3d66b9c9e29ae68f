//! One connection, with the statements it has prepared.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use postgres::{
    Client,
    binary_copy::BinaryCopyInWriter,
    error::{DbError, Severity, SqlState},
    fallible_iterator::FallibleIterator,
    types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use super::address::Address;
use crate::{ConstraintKind, Row, Statement, StoreError, Value};

/// Plans are kept per schema; a line that has served this many is closed.
const MOST_SCHEMAS: usize = 500;

/// One text for each life of a server: it begins anew with a start, a takeover by another server,
/// and after a crash, which resets what was counted.
const LIFE: &str = "SELECT pg_postmaster_start_time() || ' ' || coalesce(stats_reset::text, '')
                    FROM pg_stat_bgwriter";

pub(crate) struct Line {
    client: Client,
    prepared: HashMap<&'static str, postgres::Statement>,
    schemas: HashSet<String>,
    /// The server said that it ends the line; the driver notices later.
    is_ending: bool,
    /// The life of the server that the line belongs to, from the first write on.
    life: Option<Arc<str>>,
}

/// What finds a transaction again whose line broke while it was committed.
pub(super) struct Trace {
    id: String,
    life: Arc<str>,
}

/// What a server knows of a transaction.
pub(super) enum Found {
    Committed,
    Aborted,
    /// Its backend has not noticed yet that the line is gone.
    Open,
    /// Nobody can tell any more.
    Forgotten(&'static str),
}

impl Line {
    pub(crate) fn connect(address: &Address) -> Result<Self, StoreError> {
        Self::connect_where_there_is_room(address)?.ok_or_else(no_room)
    }

    /// A line, unless the server has no room for another one now.
    pub(super) fn connect_where_there_is_room(
        address: &Address,
    ) -> Result<Option<Self>, StoreError> {
        let client = match address.connect() {
            Err(error) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) => return Ok(None),
            connected => connected.map_err(|e| store_error("connect", &e))?,
        };
        let (prepared, schemas) = (HashMap::new(), HashSet::new());
        Ok(Some(Self { client, prepared, schemas, is_ending: false, life: None }))
    }

    /// Opens a transaction as the schema's own role, all in one message; its trace when it may write.
    pub(super) fn begin(&mut self, schema: &str, mode: Mode) -> Result<Option<Trace>, StoreError> {
        self.schemas.insert(schema.to_owned());
        // LOCK TABLE takes no snapshot: whoever waited for it sees what the others committed.
        let (isolation, rest) = match mode {
            Mode::Read => ("REPEATABLE READ READ ONLY", String::new()),
            Mode::Write | Mode::WriteAlone => {
                let lock = if mode == Mode::Write { "ROW EXCLUSIVE" } else { "EXCLUSIVE" };
                let life = if self.life.is_none() { format!("; {LIFE}") } else { String::new() };
                let rest = format!(
                    "; LOCK TABLE schema_version IN {lock} MODE; SELECT pg_current_xact_id(){life}"
                );
                ("SERIALIZABLE", rest)
            }
        };
        let mut answers = self.ask(&format!(
            "BEGIN ISOLATION LEVEL {isolation}; SET LOCAL ROLE \"{schema}\"; \
             SET LOCAL search_path = \"{schema}\"{rest}"
        ))?;
        if let Some(life) = answers.get(1) {
            self.life = Some(Arc::from(life.as_str()));
        }
        let id = if answers.is_empty() { None } else { Some(answers.swap_remove(0)) };
        Ok(id.zip(self.life.clone()).map(|(id, life)| Trace { id, life }))
    }

    /// What became of a transaction. Asked on another line than its own.
    pub(super) fn find(&mut self, trace: &Trace) -> Result<Found, StoreError> {
        let life = self.ask(LIFE)?;
        let status = self.ask(&format!("SELECT pg_xact_status('{}'::xid8)", trace.id))?;
        Ok(match status.first().map(String::as_str) {
            // A crash may lose ids at the log's end and give them out again: then it is another's.
            Some("committed") if life.first().is_none_or(|life| **life != *trace.life) => {
                Found::Forgotten("the server has begun anew since")
            }
            Some("committed") => Found::Committed,
            Some("aborted") => Found::Aborted,
            Some(_) => Found::Open,
            None => Found::Forgotten("the server has forgotten it"),
        })
    }

    pub(super) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let done = self.client.batch_execute(sql);
        done.map_err(|e| self.failed(sql, &e))
    }

    /// The first column of each row of the answers as text, outside the statements of operations.
    pub(crate) fn ask(&mut self, sql: &str) -> Result<Vec<String>, StoreError> {
        let answers = self.client.simple_query(sql);
        let answers = answers.map_err(|e| self.failed(sql, &e))?;
        Ok(answers
            .iter()
            .filter_map(|answer| match answer {
                postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            })
            .collect())
    }

    /// What was said on the channels that this line listens on, within `wait`.
    pub(super) fn hear(&mut self, wait: Duration) -> Result<Vec<String>, StoreError> {
        let heard = notifications(&mut self.client, wait);
        let words = heard.map_err(|e| self.failed("listen", &e))?;
        if self.client.is_closed() {
            return Err(StoreError::Unavailable("the line that listens was closed".to_owned()));
        }
        Ok(words)
    }

    /// Opens a read-only transaction for a copy.
    pub(crate) fn begin_read(&mut self, schema: &str) -> Result<(), StoreError> {
        self.begin(schema, Mode::Read).map(drop)
    }

    pub(crate) fn end_read(&mut self) -> Result<(), StoreError> {
        self.batch("ROLLBACK")
    }

    /// Hands every row of a text made by the store itself to `visit`, inside [`Line::begin_read`].
    /// Reads some thousand rows at a time, so that a table of any size fits into memory and no
    /// statement takes long.
    pub(crate) fn select(
        &mut self,
        sql: &str,
        mut visit: impl FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let shape = Statement::new("store.copy", "");
        self.batch(&format!("DECLARE copied NO SCROLL CURSOR FOR {sql}"))?;
        loop {
            let rows = self
                .client
                .query("FETCH 2000 FROM copied", &[])
                .map_err(|e| store_error(sql, &e))?;
            if rows.is_empty() {
                return self.batch("CLOSE copied");
            }
            rows.iter().try_for_each(|row| visit(read(&shape, row)?))?;
        }
    }

    /// Opens a transaction that fills the tables of a schema, however long that takes.
    pub(crate) fn begin_fill(&mut self, schema: &str) -> Result<(), StoreError> {
        self.batch(&format!(
            "BEGIN; SET LOCAL ROLE \"{schema}\"; SET LOCAL search_path = \"{schema}\"; \
             SET LOCAL statement_timeout = 0"
        ))
    }

    pub(crate) fn end_fill(&mut self) -> Result<(), StoreError> {
        self.batch("COMMIT")
    }

    /// Fills a table with what `next` gives until it gives none, inside [`Line::begin_fill`]; it is told
    /// which columns are ids. Names are the store's own.
    pub(crate) fn fill(
        &mut self,
        table: &str,
        columns: &str,
        mut next: impl FnMut(&[bool]) -> Result<Option<Vec<Value>>, StoreError>,
    ) -> Result<(), StoreError> {
        let failed = |e: postgres::Error| store_error(table, &e);
        let shape = self.client.prepare(&format!("SELECT {columns} FROM {table}"));
        let shape = shape.map_err(failed)?;
        let types: Vec<Type> = shape.columns().iter().map(|c| c.type_().clone()).collect();
        let is_id: Vec<bool> = types.iter().map(|kind| *kind == Type::UUID).collect();
        let copy = format!("COPY {table} ({columns}) FROM STDIN BINARY");
        let mut rows = BinaryCopyInWriter::new(self.client.copy_in(&copy).map_err(failed)?, &types);
        while let Some(values) = next(&is_id)? {
            rows.write(&references(&values)).map_err(failed)?;
        }
        rows.finish().map(drop).map_err(failed)
    }

    pub(super) fn is_usable(&self) -> bool {
        !self.is_lost() && self.schemas.len() < MOST_SCHEMAS
    }

    pub(super) fn is_lost(&self) -> bool {
        self.is_ending || self.client.is_closed()
    }

    /// An error in the store's terms; notes whether the line ends with it.
    fn failed(&mut self, what: &str, error: &postgres::Error) -> StoreError {
        let severity = error.as_db_error().and_then(DbError::parsed_severity);
        self.is_ending |= matches!(severity, Some(Severity::Fatal | Severity::Panic));
        store_error(what, error)
    }

    pub(crate) fn execute(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<u64, StoreError> {
        let prepared = self.prepare(statement)?;
        let done = self.client.execute(&prepared, &references(values));
        done.map_err(|e| self.failed(statement.name, &e))
    }

    pub(crate) fn query(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let prepared = self.prepare(statement)?;
        let rows = self.client.query(&prepared, &references(values));
        let rows = rows.map_err(|e| self.failed(statement.name, &e))?;
        rows.iter().map(|row| read(statement, row)).collect()
    }

    fn prepare(&mut self, statement: &Statement) -> Result<postgres::Statement, StoreError> {
        if let Some(prepared) = self.prepared.get(statement.sql) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare(statement.sql);
        let prepared = prepared.map_err(|e| self.failed(statement.name, &e))?;
        self.prepared.insert(statement.sql, prepared.clone());
        Ok(prepared)
    }
}

/// Others have all lines that the server gives out.
pub(super) fn no_room() -> StoreError {
    StoreError::Unavailable("PostgreSQL has no room for another line (max_connections)".to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Read,
    /// Beside other writes of the schema.
    Write,
    /// While nothing else writes in the schema.
    WriteAlone,
}

/// Waits for the first word, and takes those that came with it.
fn notifications(client: &mut Client, wait: Duration) -> Result<Vec<String>, postgres::Error> {
    let mut said = client.notifications();
    let first = said.timeout_iter(wait).next()?;
    let rest: Vec<_> = said.iter().collect()?;
    Ok(first.into_iter().chain(rest).map(|one| one.payload().to_owned()).collect())
}

fn references(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| -> &(dyn ToSql + Sync) { value }).collect()
}

fn read(statement: &Statement, row: &postgres::Row) -> Result<Row, StoreError> {
    let values = (0..row.len())
        .map(|index| {
            row.try_get::<_, Cell>(index)
                .map(|cell| cell.0)
                .map_err(|e| StoreError::Bug(format!("{}: column {index}: {e}", statement.name)))
        })
        .collect::<Result<_, _>>()?;
    Ok(Row { values })
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => value.to_sql(kind, out),
            Self::Id(value) => uuid::Uuid::from_bytes(*value).to_sql(kind, out),
            Self::Bytes(value) => value.to_sql(kind, out),
            Self::Text(value) => value.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::UUID | Type::BYTEA | Type::TEXT)
    }

    to_sql_checked!();
}

/// A column of one of the four types of the schema.
struct Cell(Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(
        kind: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(match *kind {
            Type::INT8 => Value::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Value::Int(i64::from(i32::from_sql(kind, raw)?)),
            Type::UUID => Value::Id(uuid::Uuid::from_sql(kind, raw)?.into_bytes()),
            Type::BYTEA => Value::Bytes(Vec::<u8>::from_sql(kind, raw)?),
            _ => Value::Text(String::from_sql(kind, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::INT4 | Type::UUID | Type::BYTEA | Type::TEXT)
    }
}

/// Which of the store's errors a driver's error is.
pub(super) fn store_error(what: &str, error: &postgres::Error) -> StoreError {
    match error.as_db_error() {
        Some(database) => database_error(what, database),
        None => {
            let source = std::error::Error::source(error).map(ToString::to_string);
            let detail = format!("{what}: {error} {}", source.unwrap_or_default());
            if is_line_error(error) {
                StoreError::Unavailable(detail)
            } else {
                StoreError::Bug(detail)
            }
        }
    }
}

/// Without an answer from the server, an error is either of the line (closed, refused, cut) or of
/// the conversion of a value, which is ours.
fn is_line_error(error: &postgres::Error) -> bool {
    let conversion = error.to_string();
    !(conversion.contains("serializing") || conversion.contains("deserializing"))
}

fn database_error(what: &str, error: &DbError) -> StoreError {
    let detail = format!("{what}: {} ({})", error.message(), error.code().code());
    let constraint = |kind| StoreError::Constraint { kind, detail: detail.clone() };
    match *error.code() {
        SqlState::UNIQUE_VIOLATION => constraint(ConstraintKind::Unique),
        SqlState::FOREIGN_KEY_VIOLATION => constraint(ConstraintKind::ForeignKey),
        SqlState::CHECK_VIOLATION | SqlState::NOT_NULL_VIOLATION => {
            constraint(ConstraintKind::Check)
        }
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => {
            StoreError::Conflict(detail)
        }
        SqlState::DISK_FULL => StoreError::Full(detail),
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::TOO_MANY_CONNECTIONS
        | SqlState::QUERY_CANCELED
        | SqlState::LOCK_NOT_AVAILABLE
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
        | SqlState::READ_ONLY_SQL_TRANSACTION
        | SqlState::INVALID_PASSWORD
        | SqlState::INVALID_AUTHORIZATION_SPECIFICATION
        | SqlState::INVALID_CATALOG_NAME => StoreError::Unavailable(detail),
        _ if matches!(error.code().code().get(..2), Some("08" | "53" | "57" | "58" | "XX")) => {
            StoreError::Unavailable(detail)
        }
        _ => StoreError::Bug(detail),
    }
}
