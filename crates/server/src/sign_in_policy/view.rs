//! What the page of the sign-in policy shows.

use askama::Template;

use crate::{
    joining::view::JoiningPart,
    page::{Field, Layout, Select},
};

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
    /// The ways in, each with its box.
    pub ways: Vec<WayBox>,
    /// What is wrong with them; empty when nothing is.
    pub ways_error: String,
    /// Field `second_factor`.
    pub second_factor: Select,
    /// Whether browsers may be remembered.
    pub allows_remembering: bool,
    /// Field `longest_session`.
    pub longest_session: Select,
    /// Field `networks`.
    pub networks: Field,
    /// `You come from 203.0.113.7.`; empty where that is not known.
    pub here: String,
    /// That it would keep out the one who looks, in a sentence; empty where it would not.
    pub yourself: String,
    /// What it would do, in sentences; none in the first step.
    pub consequences: Vec<String>,
    /// Who may join by themselves.
    pub joining: JoiningPart,
}

/// A way in, to be ticked.
#[derive(Debug, Clone, Default)]
pub struct WayBox {
    /// The field.
    pub name: &'static str,
    /// What stands beside it.
    pub label: &'static str,
    /// A sentence below it.
    pub hint: &'static str,
    /// Whether it is allowed.
    pub is_ticked: bool,
}
