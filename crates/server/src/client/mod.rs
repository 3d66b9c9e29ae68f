//! Clients: who pays.

pub mod view;
