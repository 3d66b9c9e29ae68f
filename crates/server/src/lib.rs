//! server

pub mod assets;
pub mod client;
pub mod identity;
pub mod member;
pub mod page;
pub mod profile;
pub mod project;
pub mod report;
pub mod tag;
pub mod task;
pub mod time_entry;
pub mod timer;
pub mod token;
pub mod workspace;
