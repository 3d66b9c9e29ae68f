//! Add a tag.

use domain::{
    ids::TagId,
    permission::{Relation, Right},
    text::Name,
};
use store::Statement;

use crate::{
    Error, Op, Refusal, audit,
    audit::{Event, Kind},
    field,
    names::Tag,
    time_entry::Added,
};

/// Adds a tag. Every member may: it happens while entering time.
///
/// Errors: [`Refusal::NameTaken`]; [`Error::IdTaken`]. Audit: `tag.added`.
pub fn add_tag(
    op: &mut Op,
    id: Option<TagId>,
    name: &Name,
    body: Option<[u8; 32]>,
) -> Result<Added<Tag>, Error> {
    op.require(Right::CreateTag, Relation::Workspace)?;
    if let Some(id) = id {
        let names = op.names()?;
        if let Some(tag) = names.tags.get(&id) {
            let is_same = body.is_some() && audit::body_of(op, id)? == body;
            return if is_same {
                Ok(Added::Before(tag.clone()))
            } else {
                Err(Error::IdTaken)
            };
        }
    }
    let id = match id {
        Some(id) => id,
        None => op.new_id(),
    };
    let sealed = op.seal(
        op.settings().text_key,
        field::TAG_NAME,
        id,
        1,
        name.as_str(),
    )?;
    let index = op.name_index("tag", [0; 16], name)?;
    let inserted = op.execute(
        &INSERT,
        &[
            id.into(),
            sealed.into(),
            index.into(),
            op.now().as_microsecond().into(),
        ],
    )?;
    if inserted == 0 {
        return Err(Refusal::NameTaken.into());
    }
    op.touch_names()?;
    let event = Event::new(Kind::TagAdded, "tag", id).text("name", None, Some(name.as_str()));
    op.record(event.made_from(body))?;
    super::get_tag(op, id).map(Added::New)
}

/// The index `tags_one_name` refuses a second tag of the same name.
const INSERT: Statement = Statement::new(
    "tag.insert",
    "INSERT INTO tags (id, name_sealed, name_index, sealed_rev, created_at, version)
     VALUES ($1, $2, $3, 1, $4, 1) ON CONFLICT DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT];
