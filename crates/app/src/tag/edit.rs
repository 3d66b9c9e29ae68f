//! Rename, archive and restore a tag.

use domain::{
    ids::TagId,
    permission::{Relation, Right},
    text::Name,
};
use jiff::Timestamp;
use store::{Statement, StoreError};

use super::get_tag;
use crate::{
    Error, Op, Refusal,
    audit::{Event, Kind},
    field,
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
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Stale`]; [`Refusal::NameTaken`].
/// Audit: `tag.changed`.
pub fn change_tag(op: &mut Op, id: TagId, change: ChangeTag) -> Result<Tag, Error> {
    let before = get_tag(op, id)?;
    op.require(Right::ManageTags, Relation::Workspace)?;
    if change
        .expected_version
        .is_some_and(|version| version != before.version)
    {
        return Err(Error::Stale(before.version));
    }
    let name = match &change.name {
        Some(name) => name.clone(),
        None => crate::input::name("name", &before.name)?,
    };
    let is_archived = change.archived.unwrap_or(before.archived_at.is_some());
    let event = Event::new(Kind::TagChanged, "tag", id)
        .text("name", Some(&before.name), Some(name.as_str()))
        .fact("archived", before.archived_at.is_some(), is_archived);
    if !event.has_changes() {
        return Ok(before);
    }
    let sealed_rev = before.sealed_rev + i64::from(name.as_str() != before.name);
    let sealed = op.seal(
        op.settings().text_key,
        field::TAG_NAME,
        id,
        sealed_rev,
        name.as_str(),
    )?;
    let index = op.name_index("tag", [0; 16], &name)?;
    let archived_at = is_archived.then(|| before.archived_at.unwrap_or(op.now()));
    let updated = op.execute(
        &UPDATE,
        &[
            id.into(),
            sealed.into(),
            index.into(),
            sealed_rev.into(),
            archived_at.map(Timestamp::as_microsecond).into(),
            before.version.into(),
        ],
    );
    match updated {
        Err(Error::Store(error)) if StoreError::is_duplicate(&error) => {
            return Err(Refusal::NameTaken.into());
        }
        Ok(0) => return Err(Error::Stale(before.version)),
        outcome => outcome?,
    };
    op.touch_names()?;
    op.record(event)?;
    get_tag(op, id)
}

const UPDATE: Statement = Statement::new(
    "tag.update",
    "UPDATE tags SET name_sealed = $2, name_index = $3, sealed_rev = $4, archived_at = $5,
                     version = version + 1
     WHERE id = $1 AND version = $6 AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];
