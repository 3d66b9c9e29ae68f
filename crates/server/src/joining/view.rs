//! What is shown of the rule, and to who may join.

use askama::Template;

use crate::page::{Field, Plain, Select, WorkspaceLink};

/// Who may join by themselves: a part of the page of the sign-in policy.
#[derive(Debug, Clone, Default)]
pub struct JoiningPart {
    /// Whether one may change it.
    pub can_edit: bool,
    /// The version it was read at.
    pub version: String,
    /// Who may join now, in a sentence.
    pub now: String,
    /// A sentence about the whole form; empty when nothing is wrong.
    pub error: String,
    /// Field `domains`.
    pub domains: Field,
    /// Field `role`.
    pub role: Select,
    /// What a change would do, in sentences; none in the first step.
    pub consequences: Vec<String>,
}

/// The workspaces that the link of a letter lets join.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "joining/offers.html")]
pub struct OffersPage {
    /// The frame.
    pub layout: Plain,
    /// They; each leads to the page that joins it.
    pub offers: Vec<WorkspaceLink>,
}
