//! Time entries.

pub mod api;
pub mod view;
