//! What each role may, and roles of a workspace's own.

pub mod api;
pub mod view;
pub mod web;
