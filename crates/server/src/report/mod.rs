//! Reports.

pub mod api;
pub mod csv;
pub mod view;
