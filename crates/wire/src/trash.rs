//! What waits in the trash.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A deleted client, project, task or tag.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TrashedThing {
    /// What it is: restore it at the collection of its kind.
    pub kind: String,
    pub id: Uuid,
    pub name: String,
    /// The client of a project, the project of a task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    pub deleted_at: Timestamp,
    /// When it goes for good.
    pub purged_at: Timestamp,
}
