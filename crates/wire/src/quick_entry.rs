//! The one-line entry.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Adds an entry, or starts the timer, from one line such as
/// `1:30 standup @northwind/planning #meeting $`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQuickEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// At most 500 characters; the grammar is in `docs/quick-entry.md`.
    pub text: String,
    /// Whether tags that do not exist are made; default false, then they are a problem that names them.
    #[serde(default)]
    pub create_tags: bool,
    /// Whether a project that does not exist is made, with its client and its task; default false,
    /// then it is a problem that names it. Needs the right to make it.
    #[serde(default)]
    pub create_project: bool,
}

/// Asks what a line means, without writing anything.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadQuickEntry {
    pub text: String,
    /// Where the cursor is, in characters; then completions for that place are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<usize>,
}

/// What a line means.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct QuickEntryReading {
    /// Such as `= 1 h 30 min`.
    pub echo: String,
    pub note: String,
    pub project_id: Option<Uuid>,
    pub task_id: Option<Uuid>,
    /// `Client ▸ Project`, as found.
    pub target: Option<String>,
    pub tags: Vec<String>,
    pub billable: Option<bool>,
    pub day: Option<Date>,
    pub duration_s: Option<i64>,
    /// Names that are not known, with where they were typed.
    pub unknown: Vec<String>,
    /// What `create_project` and `create_tags` would make of those, in words; null where there is
    /// nothing to make, or nothing that the caller may make.
    pub offer: Option<String>,
    /// What is wrong with the line, in a sentence.
    pub problem: Option<String>,
    pub completions: Vec<Completion>,
}

/// A way to complete the word at the cursor.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Completion {
    /// What is shown.
    pub label: String,
    /// The whole line with the completion in it.
    pub text: String,
    /// Where the cursor goes, in characters.
    pub cursor: usize,
}
