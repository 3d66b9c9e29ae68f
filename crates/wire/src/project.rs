//! Projects and who works on them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patch::present;

/// A project.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Project {
    pub id: Uuid,
    pub client_id: Option<Uuid>,
    pub name: String,
    /// One of twelve colours, 1 to 12.
    #[schema(minimum = 1, maximum = 12)]
    pub hue: i64,
    /// Whether new entries are billable.
    pub billable: bool,
    /// Whether every member may book on it; otherwise only its members.
    pub open: bool,
    pub archived: bool,
    pub version: i64,
}

/// Adds a project.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProject {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Uuid>,
    /// 1 to 120 characters, unique within its client.
    pub name: String,
    /// One of twelve colours, 1 to 12; chosen for you when left out.
    #[schema(minimum = 1, maximum = 12)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hue: Option<i64>,
    /// Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
    /// Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
}

/// Changes a project; fields left out stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeProject {
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub client_id: Option<Option<Uuid>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// One of twelve colours, 1 to 12.
    #[schema(minimum = 1, maximum = 12)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hue: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// A member's place on a project.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProjectMember {
    pub member_id: Uuid,
    /// Sees and changes the time booked on the project.
    pub manager: bool,
}

/// Puts a member on a project, or changes their place.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutProjectMember {
    pub manager: bool,
}
