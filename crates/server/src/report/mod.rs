//! Reports.

pub mod api;
pub mod csv;
pub(crate) mod present;
pub mod range;
pub mod view;
pub mod web;
