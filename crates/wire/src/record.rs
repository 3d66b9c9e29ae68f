//! The record of a workspace.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::history::Change;

/// Something that was done.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordedEvent {
    pub id: Uuid,
    pub at: Timestamp,
    /// Who did it, by name; `Ann Lee (by a program)` with a token, `The system` for its own acts.
    pub actor: String,
    /// Such as `project.changed`.
    pub kind: String,
    /// To what: `project`, `member`, `time_entry` and so on.
    pub object_kind: String,
    pub object_id: Uuid,
    /// What it is called now, or was called then, where it has a name.
    pub thing: Option<String>,
    /// Whose it is, or whom it is about.
    pub about: Option<String>,
    /// Its place in the workspace's ledger, from 0; none in its first seconds.
    pub place: Option<u64>,
    pub changes: Vec<Change>,
}
