//! The API through the whole router: stories, tables, and the document that describes it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its steps too"
)]

mod bad_input;
mod cases;
mod create;
mod document;
mod edit;
mod examples;
mod grant;
mod hostile;
mod list;
mod race;
mod report;
mod roles;
mod support;
mod token;
