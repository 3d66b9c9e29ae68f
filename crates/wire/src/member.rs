//! Members and the asking member's profile.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A member of the workspace.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Member {
    pub id: Uuid,
    pub name: String,
    /// Shown to those who may see it, and to the member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What they may: see the table of roles.
    pub role: String,
    /// Which of the workspace's own roles; with `own` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_id: Option<Uuid>,
    /// Whose guest; with `client` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Uuid>,
    pub joined_at: Timestamp,
    /// When they left or were removed; absent for those who are here. Their time stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
    pub version: i64,
}

/// A change of a member's role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMember {
    /// What they may: see the table of roles.
    pub role: String,
    /// Which of the workspace's own roles; with `own` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_id: Option<Uuid>,
    /// Whose guest; with `client` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Uuid>,
}

/// The asking member.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Me {
    pub id: Uuid,
    pub name: String,
    pub email: String,
    /// What they may: see the table of roles.
    pub role: String,
    /// Which of the workspace's own roles; with `own` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_id: Option<Uuid>,
    /// Whose guest; with `client` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Uuid>,
    /// IANA name.
    pub zone: String,
    /// The first day of the week.
    pub week_start: String,
    /// How days and numbers are written.
    pub locale: String,
    /// How times of day are written.
    pub clock_format: String,
    pub version: i64,
}

/// A change of one's profile; fields left out stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeMe {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// IANA name; entries keep the zone they were made in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The first day of the week.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub week_start: Option<String>,
    /// How days and numbers are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// How times of day are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_format: Option<String>,
}
