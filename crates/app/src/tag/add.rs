//! Add a tag.

use domain::{
    ids::TagId,
    permission::{Relation, Right},
    text::Name,
};
use store::Statement;

use crate::{
    Error, Op,
    audit::{Event, Kind},
    named,
    names::Tag,
    time_entry::Added,
};

/// Adds a tag. Every member may: it happens while entering time.
///
/// Errors: [`crate::Refusal::NameTaken`]; [`Error::IdTaken`]. Audit: `tag.added`.
pub fn add_tag(
    op: &mut Op,
    id: Option<TagId>,
    name: &Name,
    body: Option<[u8; 32]>,
) -> Result<Added<Tag>, Error> {
    op.require(Right::CreateTag, Relation::Workspace)?;
    if let Some(before) = named::made_before(op, id, body)? {
        return Ok(Added::Before(before));
    }
    let id = id.unwrap_or_else(|| op.new_id());
    let values = named::new_values::<Tag>(op, id, named::WORKSPACE, name)?;
    let event = Event::new(Kind::TagAdded, "tag", id).text("name", None, Some(name.as_str()));
    named::insert(op, id, &INSERT, &values, event.made_from(body)).map(Added::New)
}

/// The index `tags_one_name` refuses a second tag of the same name.
const INSERT: Statement = Statement::new(
    "tag.insert",
    "INSERT INTO tags (id, name_sealed, name_index, sealed_rev, created_at, version)
     VALUES ($1, $2, $3, 1, $4, 1) ON CONFLICT DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT];
