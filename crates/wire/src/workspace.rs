//! Workspaces and their settings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A workspace as the asking member sees it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Workspace {
    pub id: Uuid,
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// What a bare number means when a duration is typed.
    pub bare_number: String,
    /// What starting a second timer does: the running one is stopped, or the start is refused.
    pub second_timer: String,
    /// Whether entries of one member may overlap.
    pub overlaps: String,
    /// The first day of the week, for new members.
    pub week_start: String,
    /// IANA name, for new members.
    pub zone: String,
    /// The asking member.
    pub member_id: Uuid,
    /// The asking member's role.
    pub role: String,
    /// Which of the workspace's own roles; with `own` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_id: Option<Uuid>,
    /// Whose guest; with `client` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Uuid>,
    pub version: i64,
}

/// A change of settings; fields left out stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeWorkspace {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// ISO 4217; amounts are not converted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What a bare number means when a duration is typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bare_number: Option<String>,
    /// What starting a second timer does: the running one is stopped, or the start is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_timer: Option<String>,
    /// Whether entries of one member may overlap; those that do already stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlaps: Option<String>,
    /// The first day of the week, for new members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub week_start: Option<String>,
    /// IANA name, for new members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}
