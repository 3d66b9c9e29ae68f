//! Projects.

pub mod api;
pub mod view;
