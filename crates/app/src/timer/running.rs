//! The asking member's running entry.

use domain::ids::{MemberId, TimeEntryId};
use store::Statement;

use crate::{
    Error, Op,
    time_entry::{TimeEntry, get_time_entry},
};

/// The running entry, if there is one.
///
/// Errors: [`Error::Store`].
pub fn running_entry(op: &mut Op) -> Result<Option<TimeEntry>, Error> {
    let member = op.me().member;
    running_entry_of(op, member)
}

/// Somebody's running entry, if there is one and the asking member may read it.
pub(crate) fn running_entry_of(op: &mut Op, member: MemberId) -> Result<Option<TimeEntry>, Error> {
    match op.optional(&FIND, &[member.into()])? {
        None => Ok(None),
        Some(row) => {
            let id: TimeEntryId = row.get(0)?;
            get_time_entry(op, id).map(Some)
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
