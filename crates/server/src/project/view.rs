//! What the pages of projects show.

use askama::Template;

use crate::{
    page::{Field, HueChoice, Layout, Select},
    task::view::TaskRow,
};

/// All projects one may see, by client.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "project/list.html")]
pub struct ProjectsPage {
    /// The frame.
    pub layout: Layout,
    /// Projects by client, those without one last.
    pub groups: Vec<ProjectGroup>,
    /// Archived ones.
    pub archived: Vec<ProjectRow>,
    /// To add one; none for those who may not.
    pub add: Option<ProjectForm>,
    /// Whether that form is open.
    pub is_add_open: bool,
}

/// The projects of a client.
#[derive(Debug, Clone, Default)]
pub struct ProjectGroup {
    /// The client's name; `No client`.
    pub client: String,
    /// Its projects.
    pub projects: Vec<ProjectRow>,
}

/// A project in the list.
#[derive(Debug, Clone, Default)]
pub struct ProjectRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// 1 to 12.
    pub hue: u8,
    /// `12 tasks · Ann manages it`; may be empty.
    pub remark: String,
    /// Whether new entries are billable.
    pub is_billable: bool,
    /// Whether only its members may book on it.
    pub is_closed: bool,
}

/// The form of a project.
#[derive(Debug, Clone, Default)]
pub struct ProjectForm {
    /// The version it was read at; empty for one to be added.
    pub version: String,
    /// A sentence about the whole; empty when nothing is wrong.
    pub error: String,
    /// Its name.
    pub name: Field,
    /// Its client: field `client`.
    pub clients: Select,
    /// Its colour: field `hue`.
    pub hue: HueChoice,
    /// Whether new entries are billable.
    pub is_billable: bool,
    /// Whether everybody may book on it.
    pub is_open: bool,
}

/// One project: what it is, its tasks, who is on it.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "project/edit.html")]
pub struct ProjectPage {
    /// The frame.
    pub layout: Layout,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its client's name; may be empty.
    pub client: String,
    /// 1 to 12.
    pub hue: u8,
    /// Whether it is archived.
    pub is_archived: bool,
    /// Whether one sees all time that is booked on it.
    pub sees_time: bool,
    /// To change it; none for those who may not.
    pub form: Option<ProjectForm>,
    /// Its tasks, archived ones last; none for those who may not see, as the guests of its client.
    pub tasks: Option<Vec<TaskRow>>,
    /// Whether one may change its tasks.
    pub can_edit_tasks: bool,
    /// To add a task.
    pub add_task: Field,
    /// Who is on it; none for those who may not see.
    pub members: Option<ProjectMembers>,
}

/// Who is on a project.
#[derive(Debug, Clone, Default)]
pub struct ProjectMembers {
    /// They.
    pub members: Vec<ProjectMemberRow>,
    /// Those who can be put on it: field `member`.
    pub others: Select,
    /// Whether whoever is put on it would manage it.
    pub is_manager: bool,
    /// What is wrong with that; empty when nothing is.
    pub error: String,
    /// Whether one may change who is on it.
    pub can_edit: bool,
}

/// A member on a project.
#[derive(Debug, Clone, Default)]
pub struct ProjectMemberRow {
    /// The member's id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// One or two capitals.
    pub initials: String,
    /// The colour of their face.
    pub hue: u8,
    /// Whether they manage the project.
    pub is_manager: bool,
    /// Whether their role lets them manage one.
    pub can_manage: bool,
}
