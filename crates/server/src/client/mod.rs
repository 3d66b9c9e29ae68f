//! Clients: who pays.

pub mod api;
pub mod view;
pub mod web;
