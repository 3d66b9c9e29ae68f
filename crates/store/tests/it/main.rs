//! The store on both engines, without anything above it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says on which engine"
)]

mod conflict;
mod crashed;
mod few_lines;
mod group;
mod hung;
mod place;
mod support;
