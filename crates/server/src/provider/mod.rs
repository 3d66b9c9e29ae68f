//! Providers of sign-ins that a workspace sets up: the page and the API. Signing in by one is
//! [`crate::identity`]'s.

pub mod api;
pub mod view;
pub mod web;
