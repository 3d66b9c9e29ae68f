//! Time entries.

pub mod api;
