//! API tokens.

pub mod api;
pub mod of;
mod row;
pub mod touch;
pub mod view;
pub mod web;
