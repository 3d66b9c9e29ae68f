//! How people may come into a workspace: the page, the API, and what the door says.

pub mod api;
pub mod view;
pub mod web;
