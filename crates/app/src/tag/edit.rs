//! Rename, archive and restore a tag.

use domain::{
    ids::TagId,
    permission::{Relation, Right},
    text::Name,
};
use store::Statement;

use super::get_tag;
use crate::{
    Error, Op,
    audit::Kind,
    named,
    named::{Rename, check_version},
    names::Tag,
};

/// Changes a tag; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ChangeTag {
    /// A new name.
    pub name: Option<Name>,
    /// Archived, or restored.
    pub archived: Option<bool>,
    /// The version it was read at; refused when it has changed since.
    pub expected_version: Option<i64>,
}

/// Changes a tag.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`];
/// [`crate::Refusal::NameTaken`]. Audit: `tag.changed`.
pub fn change_tag(op: &mut Op, id: TagId, change: ChangeTag) -> Result<Tag, Error> {
    let before = get_tag(op, id)?;
    op.require(Right::ManageTags, Relation::Workspace)?;
    check_version(change.expected_version, before.version)?;
    let rename = Rename {
        kind: Kind::TagChanged,
        parent: named::WORKSPACE,
        name: change.name,
        archived: change.archived,
    };
    let (event, values) = named::changed_values(op, &before, rename)?;
    named::update(op, before, &UPDATE, &values, event)
}

const UPDATE: Statement = Statement::new(
    "tag.update",
    "UPDATE tags SET name_sealed = $2, name_index = $3, sealed_rev = $4, archived_at = $5,
                     version = version + 1
     WHERE id = $1 AND version = $6 AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];
