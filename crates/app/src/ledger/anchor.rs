//! Heads of the instance's log that are kept where the databases are not, and whether ours goes on from
//! them.

use super::{
    epoch::own_head,
    halt::{self, Halt, Source, find_halt},
    head,
    instance::has_begun_by,
    witness::instance_checkpoint,
};
use crate::{App, DirectoryOp, Error};

/// A head that is to be kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToAnchor {
    /// The epoch that it is of.
    pub epoch: u64,
    /// How many leaves it is over: less than in an epoch before, perhaps.
    pub size: u64,
    /// The signed text.
    pub note: String,
}

/// What became of comparing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchored {
    /// Ours goes on from it.
    GoesOn,
    /// It is of an epoch before, or of another log, or nobody's: it says nothing of ours.
    SaysNothing,
    /// It is of another history, or of a later state: nothing is signed any more.
    Halted,
}

impl App {
    /// The head that is to be kept elsewhere; nothing before there is one, and where nothing is signed any
    /// more.
    ///
    /// Errors: [`Error::Store`].
    pub async fn head_to_anchor(&self) -> Result<Option<ToAnchor>, Error> {
        let find = |op: &mut DirectoryOp| {
            if find_halt(op)?.is_some() {
                return Ok(None);
            }
            let Some(last) = head::last(op)? else { return Ok(None) };
            let note = instance_checkpoint(op)?;
            Ok(Some(ToAnchor { epoch: last.epoch, size: last.size, note }))
        };
        self.read_directory(self.new_request(), find).await
    }

    /// Compares the log with a head that was kept. Another history, or a longer one, stops it.
    ///
    /// Errors: [`Error::Store`]. Audit: `ledger.halted`.
    pub async fn compare_anchored(&self, note: String) -> Result<Anchored, Error> {
        let kept = note.clone();
        let judge = move |op: &mut DirectoryOp| judge(op, &kept).map(|(told, _)| told);
        let told = self.read_directory(self.new_request(), judge).await?;
        if told != Anchored::Halted {
            return Ok(told);
        }
        let compare = move |op: &mut DirectoryOp| compare(op, &note);
        self.write_directory(self.new_request(), compare).await
    }

    /// Those of some texts that are heads of this instance's log.
    ///
    /// Errors: [`Error::Store`].
    pub async fn own_heads(&self, notes: Vec<String>) -> Result<Vec<String>, Error> {
        let find = move |op: &mut DirectoryOp| {
            let mut own = Vec::new();
            for note in &notes {
                own.extend(own_head(op, note)?.map(|_| note.clone()));
            }
            Ok(own)
        };
        self.read_directory(self.new_request(), find).await
    }
}

fn compare(op: &mut DirectoryOp, note: &str) -> Result<Anchored, Error> {
    let (told, size) = judge(op, note)?;
    if told == Anchored::Halted {
        let (at, note) = (op.now_us(), Some(note.to_owned()));
        halt::halt(op, &Halt { at, source: Source::Anchor, name: String::new(), size, note })?;
    }
    Ok(told)
}

/// What a head says of the log, and of how many leaves it tells.
fn judge(op: &mut DirectoryOp, note: &str) -> Result<(Anchored, u64), Error> {
    let Some(kept) = own_head(op, note)? else { return Ok((Anchored::SaysNothing, 0)) };
    let last = head::last(op)?;
    let epoch = last.as_ref().map_or(head::FIRST, |last| last.epoch);
    if head::epoch_of(&kept.origin) < epoch {
        return Ok((Anchored::SaysNothing, kept.size));
    }
    let is_same_epoch = head::epoch_of(&kept.origin) == epoch;
    if let (Some(last), Some(root), true) = (&last, kept.root, is_same_epoch)
        && has_begun_by(op, last, kept.size, root)?
    {
        return Ok((Anchored::GoesOn, kept.size));
    }
    Ok((Anchored::Halted, kept.size))
}
