//! Statements as the engines see them, without running them.

use std::{fmt::Write as _, path::PathBuf};

use domain::ids::{Id, WorkspaceId};
use rusqlite::{Connection, OpenFlags};
use store::{Config, Statement, StoreError};

use crate::World;

/// Where tables are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tables {
    /// Those of the instance.
    Directory,
    /// Those of the world's workspace.
    Workspace,
}

impl World {
    /// Prepares each statement against one set of tables; what the engine said to those it refused.
    ///
    /// # Panics
    /// When the database cannot be opened.
    pub fn prepare(&self, tables: Tables, statements: &[Statement]) -> Vec<Option<String>> {
        match &self.config {
            Config::Sqlite { .. } => {
                let connection = self.open_file(tables);
                let refusal = |statement: &Statement| {
                    connection.prepare(statement.sql).err().map(|error| error.to_string())
                };
                statements.iter().map(refusal).collect()
            }
            Config::Postgres { url, prefix, .. } => {
                let place = match tables {
                    Tables::Directory => format!("{prefix}_directory"),
                    Tables::Workspace => format!("{prefix}_w_{}", self.workspace.uuid().simple()),
                };
                prepare_on_postgres(url.clone(), place, statements.to_vec())
            }
        }
    }

    /// How many events a workspace has, but for those that say who was shown something.
    ///
    /// # Panics
    /// When they cannot be read.
    pub async fn count_events(&self, workspace: WorkspaceId) -> i64 {
        let count = Statement::new(
            "testkit.count_events",
            "SELECT count(*) FROM events WHERE kind NOT IN ('time.seen', 'report.exported')",
        );
        let database = self.app.store().workspace(workspace).await.expect("a workspace");
        let counted = database.read(move |tx| tx.one(&count, &[])?.get(0));
        let counted: Result<i64, StoreError> = counted.await;
        counted.expect("a number")
    }

    /// How many events the directory has.
    ///
    /// # Panics
    /// When they cannot be counted.
    pub async fn count_directory_events(&self) -> i64 {
        let count = Statement::new(
            "testkit.count_directory_events",
            "SELECT count(*) FROM directory_events",
        );
        let counted = self.app.store().directory().read(move |tx| tx.one(&count, &[])?.get(0));
        let counted: Result<i64, StoreError> = counted.await;
        counted.expect("a number")
    }

    /// The kinds of an object's events, oldest first.
    ///
    /// # Panics
    /// When they cannot be read.
    pub async fn events_of(&self, object: impl Id + Send + 'static) -> Vec<String> {
        let kinds = Statement::new(
            "testkit.events_of",
            "SELECT kind FROM events WHERE object_id = $1 ORDER BY id",
        );
        let database = self.app.store().workspace(self.workspace).await.expect("a workspace");
        let found = database.read(move |tx| {
            let rows = tx.query(&kinds, &[object.uuid().into()])?;
            rows.iter().map(|row| row.get(0)).collect()
        });
        let found: Result<Vec<String>, StoreError> = found.await;
        found.expect("events")
    }

    /// SQLite's plan of a statement: a line a step.
    ///
    /// # Panics
    /// On PostgreSQL, and when the statement does not fit the tables.
    pub fn plan(&self, tables: Tables, statement: &Statement) -> String {
        let connection = self.open_file(tables);
        let mut plan = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql))
            .expect("a statement that fits");
        // Parameters stay unbound: a plan never depends on them.
        let mut steps = plan.raw_query();
        let mut text = String::new();
        while let Some(step) = steps.next().expect("a plan") {
            let words: String = step.get(3).expect("a step");
            writeln!(text, "{words}").expect("a line");
        }
        text
    }

    fn open_file(&self, tables: Tables) -> Connection {
        let Config::Sqlite { folder } = &self.config else { panic!("not on SQLite") };
        let path = match tables {
            Tables::Directory => folder.join("directory.db"),
            Tables::Workspace => find(folder.join("workspaces"), &self.workspace.to_string()),
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(path, flags).expect("a database file")
    }
}

/// The file below a folder whose name holds `part`.
fn find(folder: PathBuf, part: &str) -> PathBuf {
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().contains(part)
                && path.extension().is_some_and(|kind| kind == "db")
            {
                return path;
            }
        }
    }
    panic!("no file of {part}")
}

fn prepare_on_postgres(
    url: String,
    place: String,
    statements: Vec<Statement>,
) -> Vec<Option<String>> {
    // The driver blocks on a runtime of its own, which panics inside that of a test.
    let prepared = std::thread::spawn(move || {
        let mut client = ::postgres::Client::connect(&url, ::postgres::NoTls).expect("a line");
        client.batch_execute(&format!("SET search_path = \"{place}\"")).expect("a schema");
        let mut refusal = |statement: &Statement| {
            let error = client.prepare(statement.sql).err()?;
            Some(error.as_db_error().map_or_else(|| error.to_string(), |e| e.message().to_owned()))
        };
        statements.iter().map(&mut refusal).collect()
    });
    prepared.join().expect("statements")
}
