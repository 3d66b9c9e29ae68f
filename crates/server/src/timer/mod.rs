//! The timer.

pub mod view;
