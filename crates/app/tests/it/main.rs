//! Operations on both engines.

mod client;
mod member;
mod project;
mod report;
mod steps;
mod identity;
mod timer;
mod token;
