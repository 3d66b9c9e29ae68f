//! The timer: the running entry.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::time_entry::TimeEntry;

/// The timer: the running entry, or null.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Timer {
    pub running: Option<TimeEntry>,
}

/// Starts the timer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StartTimer {
    /// The id of the new entry; give your own to be able to send the same request twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Uuid>,
    /// Instead of `project_id` and `task_id`: the names behind `@` in a line, 1 to 3 of them, found as
    /// there. A project, client or task that is not there is made with the entry; needs the right to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub project_path: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tag_ids: Vec<Uuid>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
    /// Now when left out; not in the future, at most 31 days ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
}

/// Stops the timer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StopTimer {
    /// Stops this entry only: `timer.another_runs` when another one runs by then. Sent again with
    /// the same `stopped_at` it changes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Now when left out; not in the future, not before the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Timestamp>,
}

/// Moves the start of the running entry.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTimer {
    /// Not in the future, at most 31 days ago.
    pub started_at: Timestamp,
}
