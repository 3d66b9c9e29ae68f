//! What the page of clients shows.

use askama::Template;

use crate::page::{Field, Layout};

/// All clients.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "client/list.html")]
pub struct ClientsPage {
    /// The frame.
    pub layout: Layout,
    /// They, by name; archived ones last.
    pub clients: Vec<ClientRow>,
    /// Whether one may change them.
    pub can_edit: bool,
    /// To add one.
    pub add: Field,
}

/// A client.
#[derive(Debug, Clone, Default)]
pub struct ClientRow {
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
