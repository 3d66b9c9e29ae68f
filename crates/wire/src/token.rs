//! Personal access tokens: one member in one workspace.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A token, without its secret.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApiToken {
    pub id: Uuid,
    pub member_id: Uuid,
    pub name: String,
    /// What it may do: read, also change one's own time, or all that its member may.
    pub scope: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    /// From which network that was: an IPv4 address, or the /64 of an IPv6 one.
    pub last_network: Option<String>,
    /// Address ranges in CIDR notation from which it works; none means everywhere.
    pub networks: Vec<String>,
    /// Whether it was made for a program that its member let in, such as `tp login`.
    #[serde(default)]
    pub is_program: bool,
}

/// Makes a token.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiToken {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    pub name: String,
    /// What it may do: read, also change one's own time, or all that its member may.
    pub scope: String,
    /// 1 to 366.
    pub expires_in_days: i64,
    /// Address ranges in CIDR notation from which it works; none means everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
}

/// A token just made: the only time its secret is shown.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatedApiToken {
    pub id: Uuid,
    pub name: String,
    /// What it may do: read, also change one's own time, or all that its member may.
    pub scope: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Address ranges from which it works; none means everywhere.
    pub networks: Vec<String>,
    /// Send it as `Authorization: Bearer …`.
    pub token: String,
}
