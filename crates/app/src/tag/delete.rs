//! Delete a tag that no entry has, and restore it.

use domain::{
    ids::TagId,
    permission::{Relation, Right},
};
use store::{Statement, StoreError};

use super::get_tag;
use crate::{
    Error, Op, Refusal,
    audit::{Event, Kind},
    names::Tag,
};

/// Puts a tag in the trash.
///
/// Errors: [`Refusal::StillInUse`] when an entry has it; [`Error::NotFound`]; [`Error::Forbidden`];
/// [`Error::Stale`]. Audit: `tag.deleted`.
pub fn delete_tag(op: &mut Op, id: TagId, expected_version: Option<i64>) -> Result<(), Error> {
    let before = get_tag(op, id)?;
    op.require(Right::ManageTags, Relation::Workspace)?;
    if expected_version.is_some_and(|version| version != before.version) {
        return Err(Error::Stale(before.version));
    }
    if op.optional(&FIND_USE, &[id.into()])?.is_some() {
        return Err(Refusal::StillInUse.into());
    }
    op.execute(&DELETE, &[id.into(), op.now().as_microsecond().into()])?;
    op.touch_names()?;
    op.record(Event::new(Kind::TagDeleted, "tag", id).fact("deleted", false, true))
}

/// Takes a tag out of the trash.
///
/// Errors: [`Error::NotFound`] when it is not there; [`Refusal::NameTaken`]; [`Error::Forbidden`].
/// Audit: `tag.restored`.
pub fn restore_tag(op: &mut Op, id: TagId) -> Result<Tag, Error> {
    op.require(Right::ManageTags, Relation::Workspace)?;
    match op.execute(&RESTORE, &[id.into()]) {
        Err(Error::Store(error)) if StoreError::is_duplicate(&error) => {
            return Err(Refusal::NameTaken.into());
        }
        Ok(0) => return Err(Error::NotFound),
        outcome => outcome?,
    };
    op.touch_names()?;
    op.record(Event::new(Kind::TagRestored, "tag", id).fact("deleted", true, false))?;
    get_tag(op, id)
}

/// Index `entry_tags_tag`; entries in the trash count, since they can be restored.
const FIND_USE: Statement = Statement::new(
    "tag.find_use",
    "SELECT entry_id FROM entry_tags WHERE tag_id = $1 LIMIT 1",
);

const DELETE: Statement = Statement::new(
    "tag.delete",
    "UPDATE tags SET deleted_at = $2, version = version + 1 WHERE id = $1 AND deleted_at IS NULL",
);

const RESTORE: Statement = Statement::new(
    "tag.restore",
    "UPDATE tags SET deleted_at = NULL, version = version + 1
     WHERE id = $1 AND deleted_at IS NOT NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_USE, DELETE, RESTORE];
