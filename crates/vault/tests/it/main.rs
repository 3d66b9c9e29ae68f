//! What needs a counterpart: devices that hold passkeys.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its steps too"
)]

mod passkey;
