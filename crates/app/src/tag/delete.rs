//! Delete a tag that no entry has, restore it, and remove it for good.

use domain::{
    ids::TagId,
    permission::{Relation, Right},
};
use store::Statement;

use super::get_tag;
use crate::{
    Error, Op,
    audit::Kind,
    named,
    named::{Trash, trash},
    names::Tag,
};

/// Puts a tag in the trash.
///
/// Errors: [`crate::Refusal::StillInUse`] when an entry has it; [`Error::NotFound`];
/// [`Error::Forbidden`]; [`Error::Stale`]. Audit: `tag.deleted`.
pub fn delete_tag(op: &mut Op, id: TagId, expected_version: Option<i64>) -> Result<(), Error> {
    let before = get_tag(op, id)?;
    op.require(Right::ManageTags, Relation::Workspace)?;
    named::delete(op, &before, expected_version, &TRASH)
}

/// Takes a tag out of the trash.
///
/// Errors: [`Error::NotFound`] when it is not there; [`crate::Refusal::NameTaken`];
/// [`Error::Forbidden`]. Audit: `tag.restored`.
pub fn restore_tag(op: &mut Op, id: TagId) -> Result<Tag, Error> {
    op.require(Right::ManageTags, Relation::Workspace)?;
    named::restore(op, id, &TRASH)
}

/// Whether [`purge_tags`] would find anything.
pub(crate) fn has_expired_tags(op: &mut Op) -> Result<bool, Error> {
    named::has_expired(op, &TRASH)
}

/// Removes tags that have been in the trash for 30 days and that nothing refers to. Audit: `tag.purged`.
pub(crate) fn purge_tags(op: &mut Op) -> Result<usize, Error> {
    named::purge::<Tag>(op, &TRASH, |_, _| Ok(()))
}

const TRASH: Trash = trash! {
    "tag", "tags",
    // Index `entry_tags_tag`; entries in the trash count, since they can be restored.
    find_use: Statement::new(
        "tag.find_use",
        "SELECT entry_id FROM entry_tags WHERE tag_id = $1 LIMIT 1",
    ),
    // Index `entry_tags_tag`.
    list_expired: Statement::new(
        "tag.list_expired",
        "SELECT id FROM tags
         WHERE deleted_at < $1
           AND NOT EXISTS (SELECT 1 FROM entry_tags t WHERE t.tag_id = tags.id)
         ORDER BY id LIMIT 200",
    ),
    deleted: Kind::TagDeleted,
    restored: Kind::TagRestored,
    purged: Kind::TagPurged,
};

pub(super) const STATEMENTS: &[Statement] = &TRASH.statements();
