//! Operations on both engines.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its steps too"
)]

mod acts;
mod anomaly;
mod by_path;
mod client;
mod copy;
mod disabled;
mod export;
mod identity;
mod invitation;
mod jobs;
mod joining;
mod keyring;
mod ledger;
mod ledger_witness;
mod lines;
mod looks;
mod member;
mod project;
mod proof;
mod quick_entry;
mod quick_tags;
mod record;
mod report;
mod rights;
mod roles;
mod sign_in_policy;
mod statements;
mod steps;
mod support;
mod team;
mod time_entry;
mod timer;
mod token;
mod trash;
mod workspace;
