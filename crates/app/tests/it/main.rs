//! Operations on both engines.

mod client;
mod project;
mod steps;
mod timer;
