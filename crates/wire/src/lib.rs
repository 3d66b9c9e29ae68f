//! JSON shapes of the API, one file a resource.
//!
//! Instants are RFC 3339 in UTC, days `YYYY-MM-DD`, ids UUIDs, durations whole seconds. Requests
//! refuse fields they do not know. The shapes know nothing of the rules behind them: conversions
//! live at the edges (`server` and `client`).

pub mod client;
pub mod demo;
pub mod device;
pub mod history;
pub mod invitation;
pub mod joining;
pub mod member;
pub mod page;
pub mod patch;
pub mod problem;
pub mod project;
pub mod provider;
pub mod quick_entry;
pub mod record;
pub mod report;
pub mod role;
pub mod sign_in_policy;
pub mod tag;
pub mod task;
pub mod team;
pub mod time_entry;
pub mod timer;
pub mod token;
pub mod trash;
pub mod workspace;
