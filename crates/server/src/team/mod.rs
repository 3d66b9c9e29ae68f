//! Teams and who is in them.

pub mod api;
pub mod view;
pub mod web;
