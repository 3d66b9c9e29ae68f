//! Projects.

pub mod api;
pub(crate) mod present;
pub mod view;
pub mod web;
