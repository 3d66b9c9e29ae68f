//! What the page of providers shows.

use askama::Template;

use crate::page::{Field, Layout};

/// The providers of sign-ins.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "provider/list.html")]
pub struct ProvidersPage {
    /// The frame.
    pub layout: Layout,
    /// Those that there are.
    pub providers: Vec<ProviderRow>,
    /// To set one up; none where there are as many as there can be.
    pub add: Option<ProviderForm>,
    /// Whether the form to set one up is open.
    pub is_add_open: bool,
    /// Why a form was refused that is here no longer; empty at most times.
    pub problem: String,
    /// The address that has to be registered at a provider.
    pub callback: String,
}

/// A provider.
#[derive(Debug, Clone, Default)]
pub struct ProviderRow {
    /// Its id.
    pub id: String,
    /// What the button says.
    pub label: String,
    /// Which provider it is.
    pub issuer: String,
    /// Where it tells of sign-outs.
    pub logout: String,
    /// To change it; none for who may not.
    pub form: Option<ProviderForm>,
    /// Whether the form is open, since it was refused.
    pub is_open: bool,
}

/// Sets a provider up, or changes it.
#[derive(Debug, Clone, Default)]
pub struct ProviderForm {
    /// The version it was read at; empty for a new one.
    pub version: String,
    /// Field `label`.
    pub label: Field,
    /// Field `issuer`; of a new one alone.
    pub issuer: Field,
    /// Field `client_id`.
    pub client_id: Field,
    /// What is wrong with the secret; it is never shown.
    pub secret_error: String,
    /// Field `asks_second_factor`.
    pub asks_second: bool,
    /// Field `classes`.
    pub classes: Field,
    /// A sentence about the whole; empty when nothing is wrong.
    pub error: String,
}
