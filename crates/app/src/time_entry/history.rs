//! The history of an entry, in words.

use domain::{ids::TimeEntryId, permission::Right};

use super::{load, relation_of};
use crate::{
    Error, Op, audit,
    record::{HistoryEvent, in_words},
};

/// What happened to an entry, oldest first; also of one in the trash.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub fn time_entry_history(op: &mut Op, id: TimeEntryId) -> Result<Vec<HistoryEvent>, Error> {
    let entry = load(op, id)?;
    let relation = relation_of(op, entry.member, entry.project)?;
    op.require(Right::ReadHistory, relation)?;
    let recorded = audit::history(op, "time_entry", id)?;
    in_words(op, recorded, &entry.zone)
}
