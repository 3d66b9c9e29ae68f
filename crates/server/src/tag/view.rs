//! What the page of tags shows.

use askama::Template;

use crate::page::{Layout, NamedList};

/// All tags.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "tag/list.html")]
pub struct TagsPage {
    /// The frame.
    pub layout: Layout,
    /// They, with their forms.
    pub named: NamedList,
}
