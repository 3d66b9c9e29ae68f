//! What the page of the sign-in policy shows.

use askama::Template;

use crate::page::{Field, Layout, Select};

/// The policy, and what another one would do before it is saved.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "sign_in_policy/policy.html")]
pub struct PolicyPage {
    /// The frame.
    pub layout: Layout,
    /// The version it was read at.
    pub version: String,
    /// A sentence about the whole; empty when nothing is wrong.
    pub error: String,
    /// Field `allows_mail`.
    pub allows_mail: bool,
    /// Field `allows_passwords`.
    pub allows_passwords: bool,
    /// What is wrong with these two; empty when nothing is.
    pub ways_error: String,
    /// Field `second_factor`.
    pub second_factor: Select,
    /// Field `networks`.
    pub networks: Field,
    /// `You come from 203.0.113.7.`; empty where that is not known.
    pub here: String,
    /// What it would do, in sentences; none in the first step.
    pub consequences: Vec<String>,
}
