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

pub mod postgres;
mod seed;
mod world;

pub use seed::{Seed, seed};
pub use world::{Person, World, both, config, open_app};
