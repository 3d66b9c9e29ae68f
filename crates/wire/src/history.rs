//! The history of a thing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that happened to it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HistoryEvent {
    pub id: Uuid,
    pub at: Timestamp,
    /// Who did it, by name; `Ann Lee (by a program)` with a token, `The system` for its own acts.
    pub actor: String,
    /// Such as `time_entry.changed`.
    pub kind: String,
    /// Its place in the workspace's ledger, from 0; none in its first seconds.
    pub place: Option<u64>,
    pub changes: Vec<Change>,
}

/// A field that changed, as words; instants as the entry's zone shows them, with its offset:
/// `2026-09-26 22:00:00 +12:00`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Change {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}
