//! The transaction an operation works in: the only `match engine` in the tree.

use crate::{Failure, Row, Statement, StoreError, Value, postgres::Line, sqlite};

/// An open transaction on either engine.
pub struct Tx<'a> {
    engine: Engine<'a>,
    /// The first error a statement met. On PostgreSQL the transaction is dead from then on, so an
    /// operation that swallowed the error must not be taken as committed, on either engine.
    failed: Option<StoreError>,
}

enum Engine<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a mut Line),
}

impl<'a> Tx<'a> {
    pub(crate) fn sqlite(connection: &'a rusqlite::Connection) -> Self {
        Self { engine: Engine::Sqlite(connection), failed: None }
    }

    pub(crate) fn postgres(line: &'a mut Line) -> Self {
        Self { engine: Engine::Postgres(line), failed: None }
    }

    /// Runs a statement that returns no rows; how many rows it changed.
    ///
    /// Errors: [`StoreError`].
    pub fn execute(&mut self, statement: &Statement, values: &[Value]) -> Result<u64, StoreError> {
        let outcome = match &mut self.engine {
            Engine::Sqlite(connection) => sqlite::execute(connection, statement, values),
            Engine::Postgres(line) => line.execute(statement, values),
        };
        self.note(outcome)
    }

    /// All rows of an answer.
    ///
    /// Errors: [`StoreError`].
    pub fn query(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let outcome = match &mut self.engine {
            Engine::Sqlite(connection) => sqlite::query(connection, statement, values),
            Engine::Postgres(line) => line.query(statement, values),
        };
        self.note(outcome)
    }

    /// The only row, or none.
    ///
    /// Errors: [`StoreError::Bug`] when there are several.
    pub fn optional(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        let mut rows = self.query(statement, values)?;
        if rows.len() > 1 {
            return Err(StoreError::Bug(format!("{}: more than one row", statement.name)));
        }
        Ok(rows.pop())
    }

    /// The only row.
    ///
    /// Errors: [`StoreError::Bug`] when there is none, or several.
    pub fn one(&mut self, statement: &Statement, values: &[Value]) -> Result<Row, StoreError> {
        self.optional(statement, values)?
            .ok_or_else(|| StoreError::Bug(format!("{}: no row", statement.name)))
    }

    fn note<T>(&mut self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &outcome {
            self.failed.get_or_insert_with(|| error.clone());
        }
        outcome
    }

    /// What an operation has come to: its own answer, unless a statement failed and it said nothing.
    pub(crate) fn judged<T, E: Failure>(&self, result: Result<T, E>) -> Result<T, E> {
        match (result, &self.failed) {
            (Ok(_), Some(error)) => Err(error.clone().into()),
            (result, _) => result,
        }
    }
}
