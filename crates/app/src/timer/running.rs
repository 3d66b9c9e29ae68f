//! The asking member's running entry.

use domain::{
    ids::{MemberId, TimeEntryId},
    permission::{Relation, Right},
};
use store::Statement;

use crate::{
    Error, Op,
    time_entry::{TimeEntry, load_unasked},
};

/// The running entry, if there is one. Who may not read their own time has none to see.
///
/// Errors: [`Error::Store`].
pub fn running_entry(op: &mut Op) -> Result<Option<TimeEntry>, Error> {
    if !op.may(Right::ReadTime, Relation::Own) {
        return Ok(None);
    }
    let member = op.me().member;
    running_entry_of(op, member)
}

/// Somebody's running entry, if there is one; whether the asking one may know is the caller's to ask.
pub(crate) fn running_entry_of(op: &mut Op, member: MemberId) -> Result<Option<TimeEntry>, Error> {
    match op.optional(&FIND, &[member.into()])? {
        None => Ok(None),
        Some(row) => {
            let id: TimeEntryId = row.get(0)?;
            load_unasked(op, id).map(Some)
        }
    }
}

/// Index `time_entries_one_running`.
const FIND: Statement = Statement::new(
    "timer.find_running",
    "SELECT id FROM time_entries
     WHERE member_id = $1 AND started_at IS NOT NULL AND stopped_at IS NULL AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND];
