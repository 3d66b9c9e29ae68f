//! The workspace: its settings, and switching between several.

pub mod api;
pub mod view;
pub mod web;
