//! Members and invitations.

pub mod api;
pub mod view;
pub mod web;
