//! Projects.

pub mod view;
