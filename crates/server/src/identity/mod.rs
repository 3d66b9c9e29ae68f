//! Signing in, setting up, joining, confirming a program.

pub mod api;
pub mod view;
pub mod web;
