//! Operations on both engines.

mod identity;
mod timer;
