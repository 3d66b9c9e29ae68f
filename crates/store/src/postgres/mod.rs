//! PostgreSQL: a schema and a role per database, serializable writers, a small pool of lines.

mod address;
mod database;
mod line;
mod place;
mod tls;

pub(crate) use address::Address;
pub(crate) use database::{Database, Pool};
pub(crate) use line::Line;
pub(crate) use place::{create_place, drop_place, list_places, migrate_place};
