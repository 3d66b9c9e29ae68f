//! The trash: deleted clients, projects, tasks and tags. Deleted time is a feature of entries; both
//! stand on one page (`time_entry/trash.rs`).

pub mod api;
pub mod web;
