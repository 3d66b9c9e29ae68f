//! An edit over what somebody has changed meanwhile, with both texts.

use axum::http::StatusCode;

use super::{Flash, Frame, PageResult, SignedIn, Typed, page_with};
use crate::{
    page::{Difference, Place, Select, StalePage},
    state::Server,
};

/// A thing that was changed by two people at once.
pub(crate) struct Overtaken {
    /// What it is about, as a heading.
    pub(crate) about: String,
    /// Below the workspace, without a slash: where it is, and where its form posts to.
    pub(crate) path: String,
    /// Its version now.
    pub(crate) version: i64,
    /// What is stored now; those that are as typed are left out.
    pub(crate) differences: Vec<Difference>,
}

impl Overtaken {
    /// With a field, if what was typed and what is stored differ.
    #[must_use]
    pub(crate) fn with(mut self, field: &str, yours: String, theirs: String) -> Self {
        if yours != theirs {
            self.differences.push(Difference { field: field.to_owned(), yours, theirs });
        }
        self
    }

    /// The same of a field with choices, in the words of its page; what is selected there is stored.
    #[must_use]
    pub(crate) fn with_choice(self, field: &str, typed: &str, stored: &Select) -> Self {
        self.with(field, stored.label_of(typed), stored.selected_label())
    }
}

/// Answers with both texts and a form that saves over the newer one. Where they say the same, there is
/// nothing to save: somebody has sent a form twice.
pub(crate) async fn stale(
    server: &Server,
    member: &SignedIn,
    frame: Frame,
    place: Place,
    typed: &Typed,
    overtaken: Overtaken,
) -> PageResult {
    if overtaken.differences.is_empty() {
        return Ok(member.back(&overtaken.path, Some(Flash::Saved)));
    }
    let layout = frame.layout(server, member, place, "stale", "Somebody was faster").await?;
    let typed = typed.pairs().filter(|(name, _)| *name != "version");
    let version = ("version".to_owned(), overtaken.version.to_string());
    let address = format!("{}/{}", member.root(), overtaken.path);
    let page = StalePage {
        layout,
        about: overtaken.about,
        who: String::new(),
        differences: overtaken.differences,
        action: address.clone(),
        fields: typed
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .chain([version])
            .collect(),
        back: address,
    };
    Ok(page_with(StatusCode::CONFLICT, &page))
}
