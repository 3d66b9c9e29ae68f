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
}
