//! Tags.

pub mod api;
