//! API tokens.

pub mod view;
