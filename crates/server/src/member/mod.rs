//! Members and invitations.

pub mod view;
