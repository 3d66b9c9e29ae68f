//! One's own profile.

pub mod api;
pub mod view;
pub mod web;
