//! API tokens.

pub mod api;
pub mod touch;
pub mod view;
pub mod web;
