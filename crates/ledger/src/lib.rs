//! A log that nobody can change unseen: leaves in a Merkle tree, heads of it that are signed, and proofs
//! that a stranger can check without us.
//!
//! | file | what | source |
//! |---|---|---|
//! | [`event`] | what is in a leaf, as bytes with one reading | `docs/ledger.md` |
//! | [`hash`] | hashes of leaves and nodes | RFC 9162, 2.1.1 |
//! | [`tree`] | appending, and what of the tree has to be kept | RFC 9162, 2.1.1 |
//! | [`proof`] | proofs of inclusion and consistency: made and checked | RFC 9162, 2.1.3 and 2.1.4 |
//! | [`note`] | texts signed by several keys | C2SP `signed-note` |
//! | [`key`] | the keys of logs and witnesses, by name | C2SP `signed-note`, `tlog-cosignature` |
//! | [`checkpoint`] | the head of a tree | C2SP `tlog-checkpoint` |
//! | [`tile`] | the tree as static files | C2SP `tlog-tiles` |
//! | [`receipt`] | one leaf's proof as a small file | C2SP `tlog-proof` |
//! | [`commitment`] | what an event says of a text without holding it | `docs/ledger.md` |
//! | [`replay`] | a log followed leaf by leaf | |
//! | [`objects`] | what all events together tell of each thing | |
//! | [`witness`] | what a witness is asked, and what it answers | C2SP `tlog-witness` |
//!
//! Everything here is pure: no clock, no randomness, no I/O. What comes from outside is read with a limit,
//! and what is not exactly of its format is refused: two readings of one text would be two truths.
//!
//! Deliberately absent: which kinds of events there are, which is the business of features, and key storage.

pub mod checkpoint;
pub mod commitment;
pub mod event;
pub mod hash;
pub mod key;
pub mod note;
pub mod objects;
pub mod proof;
pub mod receipt;
pub mod replay;
pub mod tile;
pub mod tree;
pub mod witness;

mod text;

pub use checkpoint::Checkpoint;
pub use commitment::commit;
pub use hash::{Hash, Sum};
pub use key::{Signer, Verifier};
pub use note::Note;
pub use tree::{Frontier, NodeId, Nodes};
