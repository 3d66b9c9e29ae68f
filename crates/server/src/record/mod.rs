//! The record: everything that was done in a workspace, and by whom.

mod acts;
pub mod api;
mod fields;
pub mod proof;
pub mod thing;
pub mod thing_api;
pub mod view;
pub mod web;
pub(crate) mod words;
