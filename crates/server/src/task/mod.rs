//! Tasks.

pub mod api;
