//! Why nothing is signed any more: somebody knows of a later head than ours, or of another one. So an older
//! state was put back, whoever did it.
//!
//! What is recorded meanwhile waits for its place; it gets one once the operator has opened an
//! [epoch](super::epoch).

use std::fmt;

use store::{Row, Statement};

use super::{signed, unsigned};
use crate::{DirectoryOp, Error, identity::Act};

/// Who knows better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A witness.
    Witness,
    /// A folder where heads are kept.
    Anchor,
}

impl Source {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Witness => "witness",
            Self::Anchor => "anchor",
        }
    }
}

/// Why nothing is signed any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halt {
    /// Since when, in microseconds.
    pub at: i64,
    /// Who knows better.
    pub source: Source,
    /// The key of the witness; empty for an anchor.
    pub name: String,
    /// How many leaves they know of.
    pub size: u64,
    /// The head they know, with our signature: who has it to show has proven it.
    pub note: Option<String>,
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = match self.source {
            Source::Witness => self.name.split('+').next().unwrap_or_default(),
            Source::Anchor => "an anchor",
        };
        let knows = if self.note.is_some() { "has shown" } else { "says to have seen" };
        write!(
            f,
            "{who} {knows} a head of {} leaves that is not of this history: an older state was put back. \
             Nothing is signed until an epoch is opened (timeproof ledger new-epoch)",
            self.size
        )
    }
}

/// Why nothing is signed, if it is so.
///
/// Errors: [`Error::Store`].
pub fn find_halt(op: &mut DirectoryOp) -> Result<Option<Halt>, Error> {
    op.optional(&FIND, &[])?.map_or(Ok(None), |row| read(&row).map(Some))
}

/// Refuses to go on where nothing is signed any more.
pub(super) fn refuse(op: &mut DirectoryOp) -> Result<(), Error> {
    match find_halt(op)? {
        Some(halt) => Err(Error::Damaged(halt.to_string())),
        None => Ok(()),
    }
}

/// Signs nothing any more. What was proven stays the reason.
///
/// Audit: `ledger.halted`, once.
pub(super) fn halt(op: &mut DirectoryOp, halt: &Halt) -> Result<(), Error> {
    let values = [
        halt.at.into(),
        halt.source.as_str().into(),
        halt.name.as_str().into(),
        signed(halt.size)?.into(),
        halt.note.as_deref().into(),
    ];
    if op.execute(&INSERT, &values)? == 0 {
        return Ok(());
    }
    let size = signed(halt.size)?;
    let facts = [
        ("source", halt.source.as_str().into()),
        ("name", halt.name.as_str().into()),
        ("size", size.into()),
        ("shown", halt.note.is_some().into()),
    ];
    op.record_act(Act::LedgerHalted, None, &facts)
}

/// Goes on: an epoch was opened.
pub(super) fn lift(op: &mut DirectoryOp) -> Result<(), Error> {
    op.execute(&LIFT, &[])?;
    Ok(())
}

/// Goes on where a witness has only said so that is asked no more.
pub(super) fn lift_claim_of(op: &mut DirectoryOp, witness: &str) -> Result<(), Error> {
    op.execute(&LIFT_CLAIM, &[witness.into()])?;
    Ok(())
}

fn read(row: &Row) -> Result<Halt, Error> {
    let source = match row.get::<String>(1)?.as_str() {
        "witness" => Source::Witness,
        "anchor" => Source::Anchor,
        _ => return Err(Error::bug("a halt by nobody")),
    };
    let (at, name, size) = (row.get(0)?, row.get(2)?, unsigned(row.get(3)?)?);
    Ok(Halt { at, source, name, size, note: row.get(4)? })
}

const FIND: Statement = Statement::new(
    "ledger.find_halt",
    "SELECT at, source, name, size, note FROM ledger_halt WHERE id = 1",
);

const INSERT: Statement = Statement::new(
    "ledger.halt",
    "INSERT INTO ledger_halt (id, at, source, name, size, note) VALUES (1, $1, $2, $3, $4, $5)
     ON CONFLICT (id) DO UPDATE SET at = excluded.at, source = excluded.source,
         name = excluded.name, size = excluded.size, note = excluded.note
         WHERE ledger_halt.note IS NULL AND excluded.note IS NOT NULL",
);

const LIFT: Statement = Statement::new("ledger.lift_halt", "DELETE FROM ledger_halt");

const LIFT_CLAIM: Statement = Statement::new(
    "ledger.lift_claim",
    "DELETE FROM ledger_halt WHERE source = 'witness' AND name = $1 AND note IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, INSERT, LIFT, LIFT_CLAIM];
