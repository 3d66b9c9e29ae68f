//! The page of tags.

use app::{
    ChangeNamed, Error, Op,
    names::Tag,
    tag::{add_tag, change_tag, delete_tag, get_tag, list_tags, restore_tag},
};
use axum::Router;
use domain::{
    ids::TagId,
    permission::{Relation, Right},
    text::Name,
};

use super::view::TagsPage;
use crate::{
    page::{Field, Layout, NamedList, NamedRow, Place},
    state::Server,
    web::{
        Flash,
        named::{self, Listed},
    },
};

/// Routes of the page of tags.
pub fn routes() -> Router<Server> {
    named::routes::<Tags>()
}

struct Tags;

impl Listed for Tags {
    type Id = TagId;
    type Page = TagsPage;

    const KIND: &'static str = "tag";
    const PATH: &'static str = "tags";
    const PLACE: Place = Place::Tags;
    const TITLE: &'static str = "Tags";

    fn page(layout: Layout, named: NamedList) -> TagsPage {
        TagsPage { layout, named }
    }

    fn rows(op: &mut Op) -> Result<Vec<NamedRow>, Error> {
        Ok(list_tags(op)?.into_iter().map(row).collect())
    }

    fn can_edit(op: &Op) -> bool {
        op.may(Right::ManageTags, Relation::Workspace)
    }

    fn require(op: &mut Op, id: Option<TagId>) -> Result<(), Error> {
        let Some(id) = id else { return op.require(Right::CreateTag, Relation::Workspace) };
        get_tag(op, id)?;
        op.require(Right::ManageTags, Relation::Workspace)
    }

    fn add(op: &mut Op, name: &Name) -> Result<(), Error> {
        add_tag(op, None, name, None).map(drop)
    }

    fn change(op: &mut Op, id: TagId, change: ChangeNamed) -> Result<(), Error> {
        change_tag(op, id, change).map(drop)
    }

    fn restore(op: &mut Op, id: TagId) -> Result<(), Error> {
        restore_tag(op, id).map(drop)
    }

    fn delete(op: &mut Op, id: TagId) -> Result<(), Error> {
        delete_tag(op, id, None)
    }

    fn deleted(id: TagId) -> Flash {
        Flash::TagDeleted(id.uuid())
    }
}

fn row(tag: Tag) -> NamedRow {
    NamedRow {
        id: tag.id.to_string(),
        name: Field::new(tag.name),
        version: tag.version.to_string(),
        is_archived: tag.archived_at.is_some(),
        ..NamedRow::default()
    }
}
