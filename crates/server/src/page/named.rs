//! What the pages of clients and of tags have in common: a list of names and their forms.

use super::Field;

/// The list of `page/named.html`.
#[derive(Debug, Clone, Default)]
pub struct NamedList {
    /// What one is called, and what ids in the page begin with: `client`.
    pub kind: &'static str,
    /// The page's address below the workspace: `clients`.
    pub path: &'static str,
    /// They, by name; archived ones last.
    pub rows: Vec<NamedRow>,
    /// Whether one may change them.
    pub can_edit: bool,
    /// To add one.
    pub add: Field,
}

/// A client or a tag.
#[derive(Debug, Clone, Default)]
pub struct NamedRow {
    /// Its id.
    pub id: String,
    /// Its name, with what was typed when a change was refused.
    pub name: Field,
    /// `3 projects`; may be empty.
    pub remark: String,
    /// The version it was read at.
    pub version: String,
    /// Whether it is archived.
    pub is_archived: bool,
    /// Whether its form is open, since it was refused.
    pub is_open: bool,
}
