//! What stands of tasks on the page of their project.

use crate::page::Field;

/// A task of a project.
#[derive(Debug, Clone, Default)]
pub struct TaskRow {
    /// Its id.
    pub id: String,
    /// Its name, with what was typed when a change was refused.
    pub name: Field,
    /// The version it was read at.
    pub version: String,
    /// Whether it is archived.
    pub is_archived: bool,
    /// Whether its form is open, since it was refused.
    pub is_open: bool,
}
