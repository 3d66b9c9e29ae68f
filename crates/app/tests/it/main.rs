//! Operations on both engines.

mod client;
mod project;
mod steps;
mod identity;
mod timer;
