//! The marks that groups of writes leave in their files, one for each group of the process.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Draws marks. There is one for all files: a file that was closed and opened again must not see a
/// mark of its own a second time, or a group that was lost would be taken for one that is there.
pub(crate) struct Marks {
    /// Tells this process's marks from those of another one.
    epoch: [u8; 8],
    drawn: AtomicU64,
}

impl Marks {
    /// `epoch` is eight random bytes.
    pub(crate) fn new(epoch: [u8; 8]) -> Arc<Self> {
        Arc::new(Self { epoch, drawn: AtomicU64::new(0) })
    }

    /// A mark that no other group uses.
    pub(super) fn next(&self) -> Vec<u8> {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        [self.epoch, number.to_be_bytes()].concat()
    }

    /// Whether a mark was drawn here.
    pub(super) fn is_of_this_process(&self, mark: &[u8]) -> bool {
        mark.starts_with(&self.epoch)
    }
}
