//! A form that waits: for a fresh proof, for somebody to sign in, for a disk that has room again. The
//! page in between carries it, so that nothing that was typed is lost.

use super::web::next_path;
use crate::web::Typed;

/// A form that could not be carried out yet: where it went, and what was typed.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    action: String,
    fields: Vec<(String, String)>,
}

/// What people type into forms, as the fields are called on the pages.
const TYPED: [(&str, &str); 12] = [
    ("text", "Line"),
    ("note", "Note"),
    ("name", "Name"),
    ("email", "E-mail"),
    ("day", "Day"),
    ("start", "From"),
    ("stop", "Until"),
    ("started_at", "Start"),
    ("stopped_at", "End"),
    ("duration", "Duration"),
    ("split_at", "Split at"),
    ("workspace", "Workspace"),
];

impl Kept {
    /// Keeps a form.
    pub(crate) fn new(action: &str, form: &Typed) -> Self {
        let fields = form.pairs().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { action: next_path(action).to_owned(), fields: fields.collect() }
    }

    /// From the pages in between; none where they carry none.
    pub(crate) fn read(form: &Typed) -> Option<Self> {
        form.some("action")?;
        let fields = serde_urlencoded::from_str(form.get("kept")).ok()?;
        Some(Self { action: next_path(form.get("action")).to_owned(), fields })
    }

    /// As the fields of a page in between.
    pub(crate) fn carried(&self) -> Vec<(String, String)> {
        let fields = serde_urlencoded::to_string(&self.fields).unwrap_or_default();
        vec![("action".to_owned(), self.action.clone()), ("kept".to_owned(), fields)]
    }

    /// Where the form goes.
    pub(crate) fn action(&self) -> &str {
        &self.action
    }

    /// All that is sent, but the token against forged requests.
    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// A field, or nothing.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// What was typed, as people know it: label and text.
    pub(crate) fn typed(&self) -> Vec<(String, String)> {
        let said = |(name, label): &(&str, &str)| {
            let value = self.get(name).trim();
            (!value.is_empty()).then(|| ((*label).to_owned(), value.to_owned()))
        };
        TYPED.iter().filter_map(said).collect()
    }

    /// The page that the form is on, as far as its address tells.
    pub(crate) fn page(&self) -> String {
        let mut parts = self.action.split('/').skip(1);
        let (Some("w"), Some(workspace), Some(section)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return if self.action.starts_with("/device") { "/device" } else { "/" }.to_owned();
        };
        let page = match section {
            "people" | "invitations" => "people",
            "clients" => "clients",
            "projects" | "tasks" => "projects",
            "tags" => "tags",
            "tokens" => "tokens",
            "settings" => "settings",
            "profile" => "profile",
            "time" => "time",
            _ => "today",
        };
        format!("/w/{workspace}/{page}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_to_its_page() {
        for (action, page) in [
            ("/w/x/quick-entry", "/w/x/today"),
            ("/w/x/timer/stop", "/w/x/today"),
            ("/w/x/entries/y/delete", "/w/x/today"),
            ("/w/x/people/y/remove", "/w/x/people"),
            ("/w/x/invitations", "/w/x/people"),
            ("/w/x/settings", "/w/x/settings"),
            ("/device/confirm", "/device"),
            ("//elsewhere.example/w/x/settings", "/"),
        ] {
            assert_eq!(Kept::new(action, &Typed::default()).page(), page, "{action}");
        }
    }
}
