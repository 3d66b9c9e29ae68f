//! Members and invitations.

pub mod api;
mod choices;
pub mod view;
pub mod web;
