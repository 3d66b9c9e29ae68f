//! Operations on both engines.

mod client;
mod export;
mod member;
mod project;
mod report;
mod steps;
mod identity;
mod timer;
mod token;
mod workspace;
