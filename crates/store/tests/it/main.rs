//! The store on both engines, without anything above it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says on which engine"
)]

mod conflict;
mod group;
mod place;
mod support;
