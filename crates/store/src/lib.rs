//! The only crate that names a database driver.
//!
//! A [`Store`] holds the directory database and one database per workspace, on SQLite (files in a
//! folder) or PostgreSQL (a schema and a role each). Work is a closure over a [`Tx`], run in one
//! transaction on a blocking thread; it may be run more than once, so it has no effect outside the
//! transaction. One text of SQL serves both engines: see `docs/sql.md`.
//!
//! Absent on purpose: any knowledge of features, keys or HTTP.

#![warn(missing_docs)]

mod copy;
mod database;
mod error;
mod ids;
mod job;
mod migrate;
mod postgres;
mod restore;
mod row;
mod sql;
mod sqlite;
mod store;
mod tx;

pub use database::Database;
pub use error::{ConstraintKind, Failure, StoreError};
pub use migrate::Schema;
pub use postgres::Ear;
pub use restore::restore;
pub use row::{FromColumn, Row};
pub use sql::{Statement, Value};
pub use store::{Config, Store};
pub use tx::Tx;
