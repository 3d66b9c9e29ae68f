//! Operations on both engines.

mod client;
mod member;
mod project;
mod steps;
mod timer;
mod token;
