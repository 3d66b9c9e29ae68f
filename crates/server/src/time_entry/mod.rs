//! Time entries.

pub mod api;
mod history;
pub(crate) mod listing;
pub(crate) mod present;
pub(crate) mod rows;
pub(crate) mod trash;
pub(crate) mod typed;
pub mod view;
pub mod web;
