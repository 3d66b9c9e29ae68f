//! What the page of roles shows.

use askama::Template;

use crate::page::{Field, Layout};

/// The table of roles, and the roles of the workspace's own.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "role/list.html")]
pub struct RolesPage {
    /// The frame.
    pub layout: Layout,
    /// The roles that every workspace has: name and what it may, in a sentence.
    pub built_in: Vec<(String, String)>,
    /// The heads of the table's columns.
    pub columns: Vec<String>,
    /// What the table says of each single right.
    pub lines: Vec<RightLine>,
    /// The roles of the workspace's own, by name.
    pub own: Vec<OwnRoleRow>,
    /// To make one; none for those who may not.
    pub add: Option<RoleForm>,
    /// Whether the form to make one is open, since it was refused.
    pub is_add_open: bool,
}

/// A single right, and who has it.
#[derive(Debug, Clone, Default)]
pub struct RightLine {
    /// In plain words.
    pub sentence: String,
    /// For each column, whether the role gives it.
    pub marks: Vec<bool>,
}

/// A role of the workspace's own.
#[derive(Debug, Clone, Default)]
pub struct OwnRoleRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `2 people · 5 rights`.
    pub remark: String,
    /// What it gives, in plain words.
    pub sentences: Vec<String>,
    /// To change it; none for those who may not.
    pub form: Option<RoleForm>,
    /// Whether the form is open, since it was refused.
    pub is_open: bool,
}

/// To make or change a role.
#[derive(Debug, Clone, Default)]
pub struct RoleForm {
    /// Its name.
    pub name: Field,
    /// The version it was read at; empty for a new one.
    pub version: String,
    /// The single rights one may give: field `right`.
    pub rights: Vec<RightChoice>,
    /// What is wrong with the whole; empty when nothing is.
    pub error: String,
}

/// A single right to be ticked.
#[derive(Debug, Clone, Default)]
pub struct RightChoice {
    /// Its word.
    pub word: String,
    /// In plain words.
    pub sentence: String,
    /// Whether the role gives it.
    pub is_chosen: bool,
}
