//! `tp login`: a program asks for a token, a person confirms in the browser (after RFC 8628).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Asks for a code.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDeviceGrant {
    /// How the program calls itself, shown to the person: `tp on kitchen-laptop`.
    pub name: String,
}

/// A code to confirm.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct DeviceGrant {
    /// Secret of the program.
    pub device_code: String,
    /// What the person types or compares.
    pub user_code: String,
    pub verification_url: String,
    pub expires_at: Timestamp,
    /// Seconds between two questions.
    pub interval_s: i64,
}

/// Asks whether it was confirmed.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CollectDeviceGrant {
    pub device_code: String,
}

/// Nobody has decided yet: ask again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PendingDeviceGrant {
    pub state: DeviceGrantState,
    /// Seconds until the next question.
    pub interval_s: i64,
}

/// Where a grant without a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceGrantState {
    Pending,
}

/// The token, once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct CollectedDeviceGrant {
    pub token: String,
    pub workspace_id: Uuid,
    pub workspace_name: String,
    pub member_name: String,
    pub expires_at: Timestamp,
}
