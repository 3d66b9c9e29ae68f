//! The API as this program uses it: which answers are final, and which only mean "later".
//!
//! A final answer is the server's own: JSON of the expected shape, or a problem with a code. What a
//! proxy, a hotel's sign-in page or a server that is being started says is not, whatever its status:
//! an entry is never given up because of it.

use std::cell::Cell;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use ureq::http::Method;
use uuid::Uuid;
use wire::client::Client;
use wire::device::{
    CollectDeviceGrant, CollectedDeviceGrant, DeviceGrant, NewDeviceGrant, PendingDeviceGrant,
};
use wire::member::Me;
use wire::page::Page;
use wire::problem::Problem;
use wire::project::Project;
use wire::tag::{NewTag, Tag};
use wire::task::Task;
use wire::time_entry::{ChangeTimeEntry, TimeEntry};
use wire::timer::{StopTimer, Timer};
use wire::workspace::Workspace;

use crate::failure::{Failure, sentence};
use crate::http::{Answer, Ask, Transport};

/// Why a call brought nothing.
#[derive(Debug)]
pub(crate) enum CallError {
    /// No final answer: no connection, a timeout, a server that is busy, or somebody else's answer.
    Later {
        /// Whether the request may have been carried out all the same.
        is_maybe_done: bool,
        /// In a few words.
        why: String,
    },
    /// The server stumbled over this very request: others may do better.
    Broken(String),
    /// The token is not valid, or no longer.
    SignedOut,
    /// The server's no.
    Refused(Box<Problem>),
}

impl CallError {
    /// For commands that need the answer now.
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Later { why, .. } => {
                Failure::Offline(format!("This cannot be done now: {}.", bare(&why)))
            }
            Self::Broken(why) => Failure::refused("internal", why),
            Self::SignedOut => signed_out(),
            Self::Refused(problem) => (*problem).into(),
        }
    }
}

/// A reason without its full stop, to be followed by one.
pub(crate) fn bare(why: &str) -> &str {
    why.trim_end_matches('.')
}

/// What to say when the token does not work.
pub(crate) fn signed_out() -> Failure {
    Failure::SignedOut("The server does not accept your token. Run `tp login` again.".to_owned())
}

/// What became of a grant so far.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Collected {
    Token(CollectedDeviceGrant),
    Pending(PendingDeviceGrant),
}

/// The most pages of one collection that are read.
const MOST_PAGES: usize = 200;

/// The API of one server.
pub(crate) struct Api<'a> {
    transport: &'a dyn Transport,
    /// The server's clock in its last answer.
    date: Cell<Option<Timestamp>>,
}

impl<'a> Api<'a> {
    pub(crate) fn new(transport: &'a dyn Transport) -> Self {
        let date = Cell::new(None);
        Self { transport, date }
    }

    /// The server's clock in its last answer, cut to the second.
    pub(crate) fn date(&self) -> Option<Timestamp> {
        self.date.get()
    }

    pub(crate) fn workspaces(&self) -> Result<Vec<Workspace>, CallError> {
        self.list("/api/v1/workspaces")
    }

    pub(crate) fn new_device_grant(&self, name: &str) -> Result<DeviceGrant, CallError> {
        let name = name.to_owned();
        self.write(Method::POST, "/api/v1/device-grants", &NewDeviceGrant { name }, None)
    }

    pub(crate) fn collect_device_grant(&self, device_code: &str) -> Result<Collected, CallError> {
        let device_code = device_code.to_owned();
        let body = CollectDeviceGrant { device_code };
        self.write(Method::POST, "/api/v1/device-grants/collect", &body, None)
    }

    pub(crate) fn me(&self, workspace: Uuid) -> Result<Me, CallError> {
        self.get(&at(workspace, "me"))
    }

    pub(crate) fn clients(&self, workspace: Uuid) -> Result<Vec<Client>, CallError> {
        self.list(&at(workspace, "clients"))
    }

    pub(crate) fn projects(&self, workspace: Uuid) -> Result<Vec<Project>, CallError> {
        self.list(&at(workspace, "projects"))
    }

    pub(crate) fn tasks(&self, workspace: Uuid) -> Result<Vec<Task>, CallError> {
        self.list(&at(workspace, "tasks"))
    }

    pub(crate) fn tags(&self, workspace: Uuid) -> Result<Vec<Tag>, CallError> {
        self.list(&at(workspace, "tags"))
    }

    pub(crate) fn add_tag(&self, workspace: Uuid, name: &str) -> Result<Tag, CallError> {
        let tag = NewTag { id: None, name: name.to_owned() };
        self.write(Method::POST, &at(workspace, "tags"), &tag, None)
    }

    pub(crate) fn timer(&self, workspace: Uuid) -> Result<Option<TimeEntry>, CallError> {
        let timer: Timer = self.get(&at(workspace, "timer"))?;
        Ok(timer.running)
    }

    pub(crate) fn stop_timer(
        &self,
        workspace: Uuid,
        stop: &StopTimer,
    ) -> Result<TimeEntry, CallError> {
        self.write(Method::POST, &at(workspace, "timer/stop"), stop, None)
    }

    pub(crate) fn time_entry(&self, workspace: Uuid, id: Uuid) -> Result<TimeEntry, CallError> {
        self.get(&at(workspace, &format!("time-entries/{id}")))
    }

    /// A member's entries that start in a range of days, newest first.
    pub(crate) fn time_entries(
        &self,
        workspace: Uuid,
        member: Uuid,
        first: Date,
        last: Date,
    ) -> Result<Vec<TimeEntry>, CallError> {
        self.list(&at(
            workspace,
            &format!("time-entries?member_id={member}&first={first}&last={last}"),
        ))
    }

    /// A member's newest entries.
    pub(crate) fn newest_entries(
        &self,
        workspace: Uuid,
        member: Uuid,
        limit: usize,
    ) -> Result<Vec<TimeEntry>, CallError> {
        let path = format!("time-entries?member_id={member}&limit={limit}");
        let page: Page<TimeEntry> = self.get(&at(workspace, &path))?;
        Ok(page.items)
    }

    /// Changes an entry that is still at `version`.
    pub(crate) fn change_time_entry(
        &self,
        workspace: Uuid,
        id: Uuid,
        change: &ChangeTimeEntry,
        version: i64,
    ) -> Result<TimeEntry, CallError> {
        let path = at(workspace, &format!("time-entries/{id}"));
        self.write(Method::PATCH, &path, change, Some(version))
    }

    /// Sends what was put down before; the same text each time.
    pub(crate) fn post_text(&self, path: &str, body: &str) -> Result<TimeEntry, CallError> {
        self.call(&Ask {
            method: Method::POST,
            path: path.to_owned(),
            body: Some(body.to_owned()),
            if_match: None,
        })
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        self.call(&Ask { method: Method::GET, path: path.to_owned(), body: None, if_match: None })
    }

    /// All pages of a collection.
    fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, CallError> {
        let join = if path.contains('?') { '&' } else { '?' };
        let mut all = Vec::new();
        let mut cursor = String::new();
        for _ in 0..MOST_PAGES {
            let page: Page<T> = self.get(&format!("{path}{join}limit=200{cursor}"))?;
            all.extend(page.items);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={}", encoded(&next)),
                None => return Ok(all),
            }
        }
        Err(CallError::Later {
            is_maybe_done: false,
            why: format!("the list at {path} does not end"),
        })
    }

    fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        if_match: Option<i64>,
    ) -> Result<T, CallError> {
        let body = serde_json::to_string(body)
            .map_err(|error| CallError::Later { is_maybe_done: false, why: error.to_string() })?;
        self.call(&Ask { method, path: path.to_owned(), body: Some(body), if_match })
    }

    fn call<T: DeserializeOwned>(&self, ask: &Ask) -> Result<T, CallError> {
        match self.transport.send(ask) {
            Ok(answer) => {
                self.date.set(answer.date);
                understand(&answer)
            }
            Err(none) => Err(CallError::Later { is_maybe_done: none.is_maybe_done, why: none.why }),
        }
    }
}

/// A path in a workspace.
pub(crate) fn at(workspace: Uuid, rest: &str) -> String {
    format!("/api/v1/workspaces/{workspace}/{rest}")
}

/// What an answer says.
fn understand<T: DeserializeOwned>(answer: &Answer) -> Result<T, CallError> {
    let later = |why: String| CallError::Later { is_maybe_done: true, why };
    if (200..300).contains(&answer.status) {
        return serde_json::from_str(&answer.body).map_err(|_| {
            later("what answered is not this API (a sign-in page of the network?)".to_owned())
        });
    }
    let problem = match serde_json::from_str::<Problem>(&answer.body) {
        Ok(problem) if answer.content_type == "application/problem+json" => problem,
        _ => {
            let hint = if (300..400).contains(&answer.status) {
                ", a redirect; use the address it leads to"
            } else {
                ""
            };
            return Err(later(format!("status {}{hint}", answer.status)));
        }
    };
    match answer.status {
        401 => Err(CallError::SignedOut),
        500 => Err(CallError::Broken(sentence(&problem))),
        408 | 425 | 429 | 500.. => {
            Err(later(format!("the server says: {}", bare(&sentence(&problem)))))
        }
        _ => Err(CallError::Refused(Box::new(problem))),
    }
}

/// Percent-encoded, all but what RFC 3986 calls unreserved.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, content_type: &str, body: &str) -> Answer {
        Answer { status, content_type: content_type.to_owned(), body: body.to_owned(), date: None }
    }

    #[test]
    fn only_the_servers_own_words_are_final() {
        let problem = r#"{"type":"x","title":"No.","status":409,"code":"timer.already_running","request_id":"r"}"#;
        let read =
            |status, content_type, body| understand::<Timer>(&answer(status, content_type, body));
        assert!(read(200, "application/json", r#"{"running":null}"#).is_ok());
        assert!(matches!(
            read(409, "application/problem+json", problem),
            Err(CallError::Refused(problem)) if problem.code == "timer.already_running"
        ));
        assert!(matches!(
            read(401, "application/problem+json", problem),
            Err(CallError::SignedOut)
        ));
        for (status, content_type, body) in [
            (200, "text/html", "<html>Please buy an hour of network</html>"),
            (302, "text/html", ""),
            (401, "text/html", "proxy"),
            (404, "text/html", "no such site"),
            (409, "application/json", problem),
            (429, "application/problem+json", problem),
            (503, "application/problem+json", problem),
            (500, "text/html", "oh"),
            (502, "text/html", "bad gateway"),
        ] {
            let read = read(status, content_type, body);
            assert!(
                matches!(read, Err(CallError::Later { is_maybe_done: true, .. })),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn cursors_are_encoded() {
        assert_eq!(encoded("a+b/c=&é~"), "a%2Bb%2Fc%3D%26%C3%A9~");
    }
}
