//! Tags.

pub mod view;
