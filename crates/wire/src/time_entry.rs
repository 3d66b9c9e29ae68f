//! Time entries.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patch::present;

/// One interval of a member's time, or a duration on a day.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TimeEntry {
    pub id: Uuid,
    pub member_id: Uuid,
    pub project_id: Option<Uuid>,
    pub task_id: Option<Uuid>,
    pub tag_ids: Vec<Uuid>,
    pub note: String,
    pub billable: bool,
    /// Absent for a duration on a day.
    pub started_at: Option<Timestamp>,
    /// Absent while running, and for a duration on a day.
    pub stopped_at: Option<Timestamp>,
    /// Seconds so far for a running entry.
    pub duration_s: i64,
    pub running: bool,
    /// The civil day, in `zone`, on which it starts.
    pub day: Date,
    /// IANA name, frozen when the entry was made.
    pub zone: String,
    pub created_at: Timestamp,
    pub version: i64,
}

/// Adds an entry: either `started_at` and `stopped_at`, or `day` and `duration_s`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewTimeEntry {
    /// Give your own id (UUIDv7) to be able to send the same request twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Yourself when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_id: Option<Uuid>,
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
    /// At most 2,000 characters.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// As the project says when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    /// 0 to 2,678,400 (31 days).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<i64>,
}

/// Changes an entry; fields left out stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeTimeEntry {
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub project_id: Option<Option<Uuid>>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub task_id: Option<Option<Uuid>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_ids: Option<Vec<Uuid>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Timestamp>,
    /// The start moves there, at its time of day. Not with `started_at`, which says its day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    /// 0 to 2,678,400 (31 days); the end moves. Not with `stopped_at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<i64>,
}

/// Splits an entry in two inside it: either at an instant, or so long after its start.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitTimeEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Seconds after the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_s: Option<i64>,
    /// The id of the second part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
}

/// The id of a copy, or of the entry that continues another.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CopyTimeEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
}
