//! The timer.

pub mod api;
