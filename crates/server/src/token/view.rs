//! What the page of API tokens shows.

use askama::Template;

use crate::page::{Field, Layout, Select};

/// One's tokens in the workspace.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "token/list.html")]
pub struct TokensPage {
    /// The frame.
    pub layout: Layout,
    /// They, newest first.
    pub tokens: Vec<TokenRow>,
    /// The secret of one just made, shown this once; else empty.
    pub secret: String,
    /// Field `name` of a new one.
    pub name: Field,
    /// Field `scope` of a new one.
    pub scope: Select,
    /// Field `networks` of a new one.
    pub networks: Field,
    /// Field `expires_in_days` of a new one.
    pub expires: Select,
}

/// Somebody else's tokens in the workspace.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "token/of.html")]
pub struct TokensOfPage {
    /// The frame.
    pub layout: Layout,
    /// Whose.
    pub id: String,
    /// Their name.
    pub name: String,
    /// They, newest first.
    pub tokens: Vec<TokenRow>,
}

/// A token.
#[derive(Debug, Clone, Default)]
pub struct TokenRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `track`, as words: `reads, and changes my own time`.
    pub scope: String,
    /// `until 21 February 2027 · last used today`.
    pub remark: String,
    /// Whether its time is over.
    pub is_expired: bool,
}
