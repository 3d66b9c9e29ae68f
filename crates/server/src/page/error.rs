//! Pages for what went wrong.

use askama::Template;

use super::Plain;

/// What went wrong, and what to do.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "page/error.html")]
pub struct ErrorPage {
    /// The frame.
    pub layout: Plain,
    /// `This page is not here`.
    pub heading: String,
    /// What to do, in a sentence.
    pub text: String,
    /// To be told to the operator; may be empty.
    pub request_id: String,
    /// Where the button leads; `/` unless there is a better place.
    pub back: String,
    /// Where the form goes that can be sent again; empty where there is none.
    pub action: String,
    /// Where to look first whether it was carried out after all; empty where it was not.
    pub look: String,
    /// All that it sends.
    pub fields: Vec<(String, String)>,
    /// What of it was typed, label and text.
    pub typed: Vec<(String, String)>,
    /// Where one comes back to after signing in another way; empty where that does not help.
    pub again: String,
    /// Where what is missing can be put right; empty where it cannot.
    pub remedy: String,
}

impl ErrorPage {
    /// The page for a status, in our words. The frame's title and page word are set too.
    pub fn of(status: u16, layout: Plain, request_id: &str) -> Self {
        let (heading, text) = words(status);
        Self {
            layout: Plain { title: heading.to_owned(), page: "error", ..layout },
            heading: heading.to_owned(),
            text: text.to_owned(),
            request_id: request_id.to_owned(),
            back: "/".to_owned(),
            ..Self::default()
        }
    }
}

fn words(status: u16) -> (&'static str, &'static str) {
    match status {
        400 | 422 => (
            "That could not be read",
            "Something in the request was not as expected. Go back and try again.",
        ),
        401 => ("You are signed out", "Sign in again. Nothing is lost or half done."),
        403 => (
            "You may not do this",
            "Ask somebody who runs the workspace, or sign in as somebody else.",
        ),
        404 | 405 => (
            "This page is not here",
            "It may have been removed, or belong to a workspace you are not in.",
        ),
        409 => (
            "Somebody was faster",
            "What you wanted to change has changed meanwhile. Look at it again.",
        ),
        413 => ("That is too much at once", "Send less, and try again."),
        429 => ("Too many attempts", "Wait a minute, then try again. Nothing is lost."),
        503 => ("Not available right now", "Nothing is lost or half done. Try again in a moment."),
        _ => (
            "Something went wrong here",
            "Nothing is half done. Try again; if it stays, tell the operator.",
        ),
    }
}

/// An edit over a version that somebody has changed meanwhile, with both texts.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "page/stale.html")]
pub struct StalePage {
    /// The frame.
    pub layout: super::Layout,
    /// What it is about: `Stand-up, 20 November`.
    pub about: String,
    /// Who changed it and when: `Ann Lee changed it at 13:05.`; may be empty.
    pub who: String,
    /// The fields that differ.
    pub differences: Vec<Difference>,
    /// Where to post again, over the new version.
    pub action: String,
    /// All fields of what was typed, with the new version.
    pub fields: Vec<(String, String)>,
    /// Where the thing is, to leave it as it is.
    pub back: String,
}

/// A field that differs.
#[derive(Debug, Clone, Default)]
pub struct Difference {
    /// Such as `Note`.
    pub field: String,
    /// What was typed.
    pub yours: String,
    /// What is stored now.
    pub theirs: String,
}
