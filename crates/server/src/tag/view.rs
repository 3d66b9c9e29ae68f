//! What the page of tags shows.

use askama::Template;

use crate::page::{Field, Layout};

/// All tags.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "tag/list.html")]
pub struct TagsPage {
    /// The frame.
    pub layout: Layout,
    /// They, by name; archived ones last.
    pub tags: Vec<TagRow>,
    /// Whether one may change them.
    pub can_edit: bool,
    /// To add one.
    pub add: Field,
}

/// A tag.
#[derive(Debug, Clone, Default)]
pub struct TagRow {
    /// Its id.
    pub id: String,
    /// Its name, with what was typed when a change was refused.
    pub name: Field,
    /// `on 41 entries`; may be empty.
    pub remark: String,
    /// The version it was read at.
    pub version: String,
    /// Whether it is archived.
    pub is_archived: bool,
    /// Whether its form is open, since it was refused.
    pub is_open: bool,
}
