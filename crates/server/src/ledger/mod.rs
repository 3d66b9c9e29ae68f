//! The ledger: what is told to whoever checks that nothing was changed unseen.

pub mod api;
pub mod public;
