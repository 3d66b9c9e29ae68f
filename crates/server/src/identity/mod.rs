//! Signing in, setting up, joining, confirming a program.

pub mod api;
mod deed;
pub(crate) mod kept;
pub(crate) mod provider;
pub mod view;
pub mod web;
