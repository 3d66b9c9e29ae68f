//! Roles of a workspace's own.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A role that the workspace has built itself.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Role {
    pub id: Uuid,
    pub name: String,
    /// The single rights it is built of.
    pub rights: Vec<String>,
    pub version: i64,
}

/// Makes a role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// 1 to 120 characters, unique in the workspace.
    pub name: String,
    /// The single rights it is built of; nobody gives a right that they lack.
    pub rights: Vec<String>,
}

/// Changes a role, for everybody who has it; fields left out stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeRole {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All the single rights it is built of from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights: Option<Vec<String>>,
}
