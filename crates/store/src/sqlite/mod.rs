//! SQLite: a file per database, group commit, query-only readers.

mod database;
mod marks;
mod open;
mod statement;
mod writer;

pub(crate) use database::Database;
pub(crate) use marks::Marks;
pub(crate) use open::{
    create_copy, create_file, io_error, make_file, make_folder, open_writer, snapshot_into,
};
pub(crate) use statement::{execute, query};
