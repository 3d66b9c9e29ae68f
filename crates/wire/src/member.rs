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
    /// Shown to owners and admins, and to the member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `owner`, `admin`, `manager` or `member`.
    pub role: String,
    pub joined_at: Timestamp,
    pub version: i64,
}

/// A change of a member's role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMember {
    pub role: String,
}

/// The asking member.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Me {
    pub id: Uuid,
    pub name: String,
    pub email: String,
    pub role: String,
    /// IANA name.
    pub zone: String,
    pub week_start: String,
    /// `en`, `en-GB`, `de`, `fr`, `es` or `nl`: how days and numbers are written.
    pub locale: String,
    /// `24h` or `12h`.
    pub clock_format: String,
    pub version: i64,
}

/// A change of one's profile; fields left out stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeMe {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub week_start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_format: Option<String>,
}
