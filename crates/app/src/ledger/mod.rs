//! The ledger: what was recorded becomes provable. Every event gets a leaf in a Merkle tree of its
//! workspace, and the tree a head that is signed; heads of workspaces and the acts of the directory are
//! leaves of the instance's own log. `docs/ledger.md` says it so that a stranger can check it.
//!
//! | file | what |
//! |---|---|
//! | [`waiting`] | which workspaces may have events without a leaf |
//! | [`sequence`] | gives the events of a workspace their places, and signs the head |
//! | [`instance`] | the same for the instance's own log |
//! | [`tree`] | the hashes of a tree, as they are stored |
//! | [`head`] | the names of logs, and their signed heads |
//! | [`leaf`] | rows as the canonical bytes of leaves |
//! | [`proof`] | what is told to whoever checks |
//! | [`evidence`] | all of it, as an export takes it along |
//! | [`witness`] | what witnesses are asked, and what they have cosigned |
//! | [`halt`] | why nothing is signed any more |
//! | [`epoch`] | how logs go on after an older state was put back |
//! | [`anchor`] | heads that are kept elsewhere |
//!
//! Leaves, tree and head are written in one transaction: whatever stops in between, they agree. Writing
//! events does not wait for any of it. Deliberately absent: when and how often, and how
//! witnesses are reached, which is the server's business.

mod anchor;
mod epoch;
mod evidence;
mod halt;
mod head;
mod instance;
mod leaf;
mod proof;
mod sequence;
mod tree;
mod waiting;
mod witness;

pub use anchor::{Anchored, ToAnchor};
pub use epoch::{LastHead, Opened};
pub use evidence::{Exported, Signed, export_ledger};
pub use halt::{Halt, Source, find_halt};
pub use head::Head;
pub use instance::{instance_tile, verifier_keys};
pub use proof::{checkpoint, last_head, receipt, tile, verifier_key};
pub(crate) use waiting::Waiting;
pub use witness::{
    Answer, Failure, Heard, Question, Witnessed, instance_checkpoint, instance_receipt,
    instance_size, list_witnesses,
};

use crate::Error;

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [
        epoch::STATEMENTS,
        evidence::STATEMENTS,
        halt::STATEMENTS,
        head::STATEMENTS,
        instance::STATEMENTS,
        leaf::STATEMENTS,
        proof::STATEMENTS,
        sequence::STATEMENTS,
        tree::STATEMENTS,
        witness::STATEMENTS,
    ]
    .concat()
}

/// Stored numbers are never negative.
pub(crate) fn unsigned(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(|_| Error::bug("a negative number in the ledger"))
}

/// Numbers of a ledger are far from what a column holds.
fn signed(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| Error::bug("the ledger is full"))
}
