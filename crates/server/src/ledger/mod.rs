//! The ledger: what is told to whoever checks that nothing was changed unseen.

pub(crate) mod anchors;
pub mod api;
pub mod public;
pub mod witnesses;
