//! Projects.

pub mod api;
