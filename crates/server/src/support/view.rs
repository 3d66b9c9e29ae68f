//! What the page of support access shows, and what stands above every page.

use askama::Template;

use crate::page::{Field, Layout};

/// Support access, as a workspace sees it.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "support/list.html")]
pub struct SupportPage {
    /// The frame.
    pub layout: Layout,
    /// Whether the one who looks decides.
    pub decides: bool,
    /// What waits for an owner.
    pub asked: Vec<SupportRow>,
    /// What is open.
    pub open: Vec<SupportRow>,
    /// What is over.
    pub past: Vec<SupportRow>,
}

/// One of them, in words.
#[derive(Debug, Clone, Default)]
pub struct SupportRow {
    /// Its id.
    pub id: String,
    /// Who asked.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// Where that is written down.
    pub ticket: String,
    /// What it reaches: `Time, Reports`.
    pub areas: String,
    /// What it may change: `Nothing`.
    pub may: &'static str,
    /// Whether it asks to change something, which an owner can take out.
    pub asks_to_write: bool,
    /// When it was asked for.
    pub asked_at: String,
    /// Where it stands, in a sentence.
    pub state: String,
    /// What was looked at: `14 pages`; empty where nothing was.
    pub seen: String,
    /// That no owner was thought to be reached, in a sentence; else empty.
    pub without_owner: String,
    /// Field `minutes`.
    pub minutes: Field,
    /// The most that can be given.
    pub most: String,
}

/// What stands above every page while support is, or wants to be, in the workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SupportBar {
    /// The sentence.
    pub text: String,
    /// Where its end is posted to; empty for who cannot end it.
    pub end_url: String,
    /// The page of support access; empty for support itself.
    pub more_url: String,
}
