//! Who may join a workspace without an invitation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The rule about mail domains.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JoinRule {
    /// Whoever has an address at one of these mail domains may join; none means nobody.
    pub domains: Vec<String>,
    /// What they are then: `member`, or `own` with its id.
    pub role: String,
    /// Which of the workspace's own roles; with `own` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_id: Option<Uuid>,
    /// Whether the role can be given so; if not, nobody joins by the rule until it names another one.
    pub in_force: bool,
    pub version: i64,
}

/// A change of the rule; fields left out stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeJoinRule {
    /// Mail domains, all of them; an owner signs in with an address at each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domains: Option<Vec<String>>,
    /// `member`, or `own` with its id: no role that gives more than members have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Which of the workspace's own roles; with `own` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_id: Option<Uuid>,
}
