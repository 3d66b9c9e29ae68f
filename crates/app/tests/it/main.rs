//! Operations on both engines.

mod timer;
