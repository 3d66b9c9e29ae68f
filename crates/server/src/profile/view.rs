//! What the profile page shows.

use askama::Template;

use crate::page::{Field, Layout, Select};

/// One's profile in the workspace.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "profile/edit.html")]
pub struct ProfilePage {
    /// The frame.
    pub layout: Layout,
    /// The version it was read at.
    pub version: String,
    /// A sentence about the whole; empty when nothing is wrong.
    pub error: String,
    /// The address one signs in with.
    pub email: String,
    /// Field `name`.
    pub name: Field,
    /// Field `zone`.
    pub zone: Field,
    /// Names of zones to choose from.
    pub zones: Vec<String>,
    /// Field `week_start`.
    pub week_start: Select,
    /// Field `locale`.
    pub locale: Select,
    /// Field `clock_format`.
    pub clock_format: Select,
    /// Browsers that are signed in.
    pub sessions: Vec<SessionRow>,
    /// Browsers that are remembered, without a session now.
    pub browsers: Vec<SessionRow>,
}

/// A signed-in browser.
#[derive(Debug, Clone, Default)]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// `Firefox on Linux`.
    pub name: String,
    /// `since 20 November, last seen today at 13:05`.
    pub remark: String,
    /// Whether it is this one.
    pub is_current: bool,
}
