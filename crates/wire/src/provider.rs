//! Providers of sign-ins (OpenID Connect) of a workspace.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A provider that the workspace has set up. Its secret is never shown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Provider {
    pub id: Uuid,
    /// What the button says.
    pub label: String,
    /// Which provider it is, as it writes itself; another one is another provider.
    pub issuer: String,
    pub client_id: String,
    /// Whether the provider has to say that a second factor was shown (`amr`, or one of the classes).
    pub asks_second_factor: bool,
    /// Classes (`acr`) that count as a second factor.
    pub classes: Vec<String>,
    /// Where the provider sends browsers back to; it has to be registered there.
    pub callback_url: String,
    /// Where the provider says that somebody has signed out there (back-channel logout).
    pub logout_url: String,
    pub version: i64,
}

/// Sets a provider up.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProvider {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// 1 to 40 characters.
    pub label: String,
    /// An https address.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    #[serde(default)]
    pub asks_second_factor: bool,
    #[serde(default)]
    pub classes: Vec<String>,
}

/// Changes a provider; fields left out stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeProvider {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asks_second_factor: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
}
