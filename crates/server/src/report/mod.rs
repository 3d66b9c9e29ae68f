//! Reports.

pub mod view;
