//! Workspaces with people in them, on both engines, with a fixed clock; for tests only.
//!
//! Each test gets its own databases: a temporary folder for SQLite, a random prefix of schemas and
//! roles on the throw-away PostgreSQL cluster of the test run (see [`postgres`]).

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test world that cannot be made fails the test"
)]

pub mod log;
pub mod postgres;
mod seed;
mod soft_passkey;
mod sql;
mod world;

pub use seed::{Seed, seed};
pub use soft_passkey::SoftPasskey;
pub use sql::Tables;
pub use world::{PASSKEY_ORIGIN, Person, World, both, config, engines, open_app};

/// What SQLite finds when it checks a file from end to end: `ok`, or what is wrong.
///
/// # Panics
/// When the file cannot be opened.
pub fn check_file(path: &std::path::Path) -> String {
    let connection = rusqlite::Connection::open(path).expect("a database file");
    let answer = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0));
    answer.expect("an answer")
}
