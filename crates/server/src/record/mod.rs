//! The record: everything that was done in a workspace, and by whom.

pub mod api;
pub mod proof;
pub mod thing;
pub mod thing_api;
pub mod view;
pub mod web;
pub(crate) mod words;
