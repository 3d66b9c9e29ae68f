//! Time entries.

pub mod view;
