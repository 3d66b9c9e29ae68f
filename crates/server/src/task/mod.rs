//! Tasks of projects.

pub mod api;
pub mod view;
pub mod web;
