//! server

pub mod assets;
pub mod page;
pub mod time_entry;
pub mod timer;
