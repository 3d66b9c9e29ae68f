//! A form that waits: for a fresh proof, for somebody to sign in, for a disk that has room again. The
//! page in between carries it, so that nothing that was typed is lost.
//!
//! It says whose it is by the mark in the token that it was sent with: whoever signs in next may be
//! somebody else, and sends nothing that they have not typed.

use uuid::Uuid;

use super::web::next_path;
use crate::web::{Typed, is_same, person_of};

/// A form that could not be carried out yet: where it went, and what was typed.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    action: String,
    fields: Vec<(String, String)>,
    /// The mark of the person who typed it; empty where that is not known.
    person: String,
}

/// Pages in between: what is sent to them is carried on, and no form of its own.
const BETWEEN: [&str; 10] = [
    "/sign-in",
    "/sign-in/code",
    "/sign-in/password",
    "/sign-in/second",
    "/sign-in/second/mail",
    "/sign-in/passkey",
    "/sign-in/second/passkey",
    "/proof",
    "/proof/code",
    "/proof/passkey",
];

/// What no page carries on: it is typed anew.
const SECRET: [&str; 5] =
    ["password", "current_password", "new_password", "passkey", "client_secret"];

/// What people type into forms, as the fields are called on the pages.
const TYPED: [(&str, &str); 15] = [
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
    ("zone", "Time zone"),
    ("user_code", "Code"),
    ("networks", "Addresses"),
];

impl Kept {
    /// Keeps a form.
    pub(crate) fn new(action: &str, form: &Typed) -> Self {
        let fields = form.pairs().filter(|(name, _)| !SECRET.contains(name));
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            action: next_path(action).to_owned(),
            fields: fields.collect(),
            person: person_of(form.get("csrf")).to_owned(),
        }
    }

    /// What a form was to do that came with the token of another session: its own deed, or that of the
    /// one it carries. None where there is none.
    pub(crate) fn left(action: &str, form: &Typed, token: &str) -> Option<Self> {
        if is_between(action) {
            return Self::read(form);
        }
        Some(Self { person: person_of(token).to_owned(), ..Self::new(action, form) })
    }

    /// From the pages in between; none where they carry none.
    pub(crate) fn read(form: &Typed) -> Option<Self> {
        form.some("action")?;
        let fields = serde_urlencoded::from_str(form.get("kept")).ok()?;
        let action = next_path(form.get("action")).to_owned();
        Some(Self { action, fields, person: form.get("person").to_owned() })
    }

    /// As the fields of a page in between.
    pub(crate) fn carried(&self) -> Vec<(String, String)> {
        let fields = serde_urlencoded::to_string(&self.fields).unwrap_or_default();
        vec![
            ("action".to_owned(), self.action.clone()),
            ("kept".to_owned(), fields),
            ("person".to_owned(), self.person.clone()),
        ]
    }

    /// Whether it was typed by the person in whose session a token is.
    pub(crate) fn is_of(&self, csrf: &str) -> bool {
        !self.person.is_empty() && is_same(&self.person, person_of(csrf))
    }

    /// Whether it is known who typed it.
    pub(crate) fn has_person(&self) -> bool {
        !self.person.is_empty()
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
            // What was chosen from a list has an id, which says nothing to people.
            let is_typed = !value.is_empty() && value.parse::<Uuid>().is_err();
            is_typed.then(|| ((*label).to_owned(), value.to_owned()))
        };
        TYPED.iter().filter_map(said).collect()
    }

    /// Whether it cannot be said what it does: nothing of it would be seen.
    pub(crate) fn is_mute(&self) -> bool {
        self.typed().is_empty() && super::deed::told(self).is_none()
    }

    /// The page that the form is on, as far as its address tells.
    pub(crate) fn page(&self) -> String {
        let mut parts = self.path().split('/').skip(1);
        let (Some("w"), Some(workspace), Some(section)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return self.door().to_owned();
        };
        let page = match section {
            "people" | "invitations" => "people",
            "clients" => "clients",
            "projects" | "tasks" => "projects",
            "tags" => "tags",
            "tokens" => "tokens",
            "roles" => "roles",
            "settings" => "settings",
            "profile" => "profile",
            "security" => "security",
            "time" => "time",
            _ => "today",
        };
        format!("/w/{workspace}/{page}")
    }

    /// Where it goes, without a query.
    pub(crate) fn path(&self) -> &str {
        path_of(&self.action)
    }

    /// The page that it is on outside of a workspace.
    fn door(&self) -> &str {
        let path = self.path();
        if path.starts_with("/device") {
            "/device"
        } else if path.starts_with("/security/") {
            "/security"
        } else if path.starts_with("/set-up/") || path.starts_with("/join/") {
            path
        } else {
            "/"
        }
    }
}

fn path_of(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

/// Whether what is sent there is only carried on.
pub(crate) fn is_between(address: &str) -> bool {
    BETWEEN.contains(&path_of(address))
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
            ("/w/x/settings?a=b/c", "/w/x/settings"),
            ("/device/confirm", "/device"),
            ("/join/token", "/join/token"),
            ("/w/x/security/password", "/w/x/security"),
            ("/security/address", "/security"),
            ("//elsewhere.example/w/x/settings", "/"),
        ] {
            assert_eq!(Kept::new(action, &Typed::default()).page(), page, "{action}");
        }
    }

    #[test]
    fn passwords_are_not_carried_on() {
        let typed = [("current_password", "a"), ("new_password", "b"), ("password", "c")];
        let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert!(Kept::new("/w/x/security/password", &Typed::of(typed.into())).fields().is_empty());
    }
}
