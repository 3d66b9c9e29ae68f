//! What the pages of teams show.

use askama::Template;

use crate::page::{Field, Layout, Select};

/// All teams.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "team/list.html")]
pub struct TeamsPage {
    /// The frame.
    pub layout: Layout,
    /// The teams, by name; archived ones last.
    pub teams: Vec<TeamRow>,
    /// Whether one may make teams.
    pub can_edit: bool,
    /// To make one.
    pub add: Field,
}

/// A team in the list.
#[derive(Debug, Clone, Default)]
pub struct TeamRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `4 people · managed by Ann`.
    pub remark: String,
    /// Whether it is archived.
    pub is_archived: bool,
}

/// A team and who is in it.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "team/one.html")]
pub struct TeamPage {
    /// The frame.
    pub layout: Layout,
    /// Its id.
    pub id: String,
    /// Its name, as it is.
    pub title: String,
    /// Its name, to be changed.
    pub name: Field,
    /// The version it was read at.
    pub version: String,
    /// Whether it is archived.
    pub is_archived: bool,
    /// Whether one may change it.
    pub can_edit: bool,
    /// Who is in it, by name.
    pub members: Vec<TeamMemberRow>,
    /// Those who can be put in it: field `member`.
    pub others: Select,
    /// Whether whoever is put in it would manage it.
    pub is_manager: bool,
    /// What is wrong with that; empty when nothing is.
    pub error: String,
}

/// A member of a team.
#[derive(Debug, Clone, Default)]
pub struct TeamMemberRow {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// One or two capitals.
    pub initials: String,
    /// The colour of their face.
    pub hue: u8,
    /// Whether they manage the team.
    pub is_manager: bool,
    /// Whether their role lets them manage one.
    pub can_manage: bool,
    /// Where their time is; empty for those who may not see it.
    pub time_url: String,
}
