//! The server: routes, API, pages, jobs, configuration, operator commands.
//!
//! A request is read downwards: [`router`] → a feature's `api.rs` or `web.rs` (extract, call,
//! render) → the operation in `app`. Nothing here knows SQL, and only [`boot`] names the store and
//! the vault.

pub mod api;
pub mod assets;
pub mod boot;
pub mod commands;
pub mod config;
pub mod data_folder;
pub mod demo;
pub mod error;
pub mod export;
pub mod extract;
pub mod hashing;
pub mod jobs;
pub mod limit;
pub mod live;
mod log;
pub mod mail;
pub mod net;
pub mod page;
mod panics;
pub mod policy_report;
mod problems;
pub mod router;
pub mod state;
pub mod system;
pub mod tls;
pub mod wall;
pub mod web;
pub mod witness;

pub mod client;
pub mod identity;
pub mod invitation;
pub mod joining;
pub mod ledger;
pub mod member;
pub mod profile;
pub mod project;
pub mod provider;
pub mod record;
pub mod report;
pub mod role;
pub mod security;
pub mod sign_in_policy;
pub mod support;
pub mod tag;
pub mod task;
pub mod team;
pub mod time_entry;
pub mod timer;
pub mod token;
pub mod trash;
pub mod workspace;
