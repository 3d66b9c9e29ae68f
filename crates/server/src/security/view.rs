//! What the page of one's security shows: a view for each section.

use askama::Template;

use crate::page::Layout;

pub use super::sessions::{LoginRow, SessionsSection};

/// How one signs in, and where one is signed in.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "security/page.html")]
pub struct SecurityPage {
    /// The frame.
    pub layout: Layout,
    /// The address one signs in with.
    pub email: String,
    /// Where one is signed in.
    pub sessions: SessionsSection,
}
