//! How people may come into a workspace.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The sign-in policy of a workspace.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "a way in each, as the page names them")]
pub struct SignInPolicy {
    /// Whether codes and links from mails let in.
    pub allows_mail: bool,
    /// Whether passwords let in.
    pub allows_passwords: bool,
    /// Whether passkeys let in.
    pub allows_passkeys: bool,
    /// Whether providers of sign-ins let in.
    pub allows_providers: bool,
    /// Whether a second factor is asked for, and whether one by mail will do.
    pub second_factor: String,
    /// Address ranges in CIDR notation from which sign-ins and tokens work; none means everywhere.
    pub networks: Vec<String>,
    /// Whether a browser comes in that has signed in by itself.
    pub allows_remembering: bool,
    /// How long after somebody has shown who they are their session comes in.
    pub longest_session: String,
    pub version: i64,
}

/// A change of the policy; fields left out stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeSignInPolicy {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allows_mail: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allows_passwords: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allows_passkeys: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allows_providers: Option<bool>,
    /// Whether a second factor is asked for, and whether one by mail will do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<String>,
    /// Address ranges in CIDR notation, all of them; an empty list lifts the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub networks: Option<Vec<String>>,
    /// Whether a browser comes in that has signed in by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allows_remembering: Option<bool>,
    /// How long after somebody has shown who they are their session comes in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_session: Option<String>,
}
