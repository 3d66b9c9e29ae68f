//! PostgreSQL: a schema and a role per database, serializable writers, a small pool of lines.

mod address;
mod database;
mod ear;
mod line;
mod place;
mod tls;

pub(crate) use address::Address;
pub(crate) use database::{Database, Pool};
pub use ear::Ear;
pub(crate) use ear::tell;
pub(crate) use line::Line;
pub(crate) use place::{create_place, drop_place, list_places, migrate_place};
