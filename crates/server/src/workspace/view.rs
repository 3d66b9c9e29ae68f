//! What the settings of a workspace show, and the choice among several.

use askama::Template;

use crate::page::{Field, Layout, Plain, Select, WorkspaceLink};

/// The settings.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "workspace/settings.html")]
pub struct SettingsPage {
    /// The frame.
    pub layout: Layout,
    /// Whether one may change them.
    pub can_edit: bool,
    /// The version they were read at.
    pub version: String,
    /// A sentence about the whole; empty when nothing is wrong.
    pub error: String,
    /// Its name.
    pub name: Field,
    /// Field `currency`.
    pub currency: Select,
    /// Field `bare_number`.
    pub bare_number: Select,
    /// Field `second_timer`.
    pub second_timer: Select,
    /// Field `overlaps`.
    pub overlaps: Select,
    /// Field `week_start`, for new members.
    pub week_start: Select,
    /// Field `zone`, for new members.
    pub zone: Field,
    /// Names of zones to choose from.
    pub zones: Vec<String>,
}

/// The workspaces somebody can open.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "workspace/choose.html")]
pub struct ChooseWorkspacePage {
    /// The frame.
    pub layout: Plain,
    /// They; may be none.
    pub workspaces: Vec<WorkspaceLink>,
    /// Others that they may join by themselves.
    pub joinable: Vec<WorkspaceLink>,
}
