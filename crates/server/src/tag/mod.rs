//! Tags.

pub mod api;
pub mod view;
