//! Rename, archive and restore a tag.

use domain::{
    ids::TagId,
    permission::{Relation, Right},
};
use store::Statement;

use super::get_tag;
use crate::{ChangeNamed, Error, Op, audit::Kind, named, names::Tag};

/// Changes a tag.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`];
/// [`crate::Refusal::NameTaken`]. Audit: `tag.changed`.
pub fn change_tag(op: &mut Op, id: TagId, change: ChangeNamed) -> Result<Tag, Error> {
    let before = get_tag(op, id)?;
    op.require(Right::ManageTags, Relation::Workspace)?;
    named::change(op, before, named::WORKSPACE, change, (Kind::TagChanged, &UPDATE))
}

const UPDATE: Statement = Statement::new(
    "tag.update",
    "UPDATE tags SET name_sealed = $2, name_index = $3, sealed_rev = $4, archived_at = $5,
                     version = version + 1
     WHERE id = $1 AND version = $6 AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];
