//! Look tags up.

use domain::{
    ids::TagId,
    permission::{Relation, Right},
};

use crate::{
    Error, Op,
    names::{Tag, fold},
};

/// Tags that are not in the trash, by name; archived ones too.
///
/// Errors: [`Error::Forbidden`].
pub fn list_tags(op: &mut Op) -> Result<Vec<Tag>, Error> {
    op.require(Right::ReadTags, Relation::Workspace)?;
    let names = op.names()?;
    let mut tags: Vec<Tag> =
        names.tags.values().filter(|tag| tag.deleted_at.is_none()).cloned().collect();
    tags.sort_by_cached_key(|tag| (fold(&tag.name), tag.id));
    Ok(tags)
}

/// A tag that is not in the trash.
///
/// Errors: [`Error::NotFound`].
pub fn get_tag(op: &mut Op, id: TagId) -> Result<Tag, Error> {
    op.require(Right::ReadTags, Relation::Workspace)?;
    let names = op.names()?;
    names.tags.get(&id).filter(|tag| tag.deleted_at.is_none()).cloned().ok_or(Error::NotFound)
}
