//! Clients.

pub mod api;
