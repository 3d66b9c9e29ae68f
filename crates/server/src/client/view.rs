//! What the page of clients shows.

use askama::Template;

use crate::page::{Layout, NamedList};

/// All clients.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "client/list.html")]
pub struct ClientsPage {
    /// The frame.
    pub layout: Layout,
    /// They, with their forms.
    pub named: NamedList,
}
