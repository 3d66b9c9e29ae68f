//! Operations on both engines.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test's steps do not find fails the test"
)]

mod client;
mod identity;
mod member;
mod project;
mod report;
mod steps;
mod timer;
mod token;
