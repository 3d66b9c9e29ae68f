//! What the tests share: a known workspace, entries, a machine whose time is set.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;
use wire::client::Client;
use wire::member::Me;
use wire::project::Project;
use wire::tag::Tag;
use wire::task::Task;
use wire::time_entry::TimeEntry;
use wire::workspace::Workspace;

use crate::cache::{Cache, Names};
pub(crate) use crate::fake_server::{FakeServer, Mode};
use crate::http::{Answer, Ask, NoAnswer, Transport};
use crate::machine::Machine;

pub(crate) const WORKSPACE: Uuid = Uuid::from_u128(1);
pub(crate) const MEMBER: Uuid = Uuid::from_u128(2);

/// A clock that stands until it is set, and ids that count.
pub(crate) struct TestMachine {
    pub(crate) now: Cell<Timestamp>,
    count: Cell<u8>,
}

impl TestMachine {
    pub(crate) fn at(now: &str) -> Self {
        Self { now: Cell::new(now.parse().unwrap()), count: Cell::new(0) }
    }

    pub(crate) fn set(&self, now: &str) {
        self.now.set(now.parse().unwrap());
    }
}

impl Machine for TestMachine {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn random(&self) -> [u8; 10] {
        self.count.set(self.count.get() + 1);
        let mut bytes = [0; 10];
        bytes[9] = self.count.get();
        bytes
    }

    fn sleep(&self, duration: Duration) {
        let seconds = i64::try_from(duration.as_secs()).unwrap();
        self.now.set(self.now.get() + jiff::SignedDuration::from_secs(seconds));
    }
}

pub(crate) fn names() -> Names {
    let client = |id, name: &str| Client {
        id: Uuid::from_u128(id),
        name: name.to_owned(),
        archived: false,
        version: 1,
    };
    let project = |id, client: Option<u128>, name: &str| Project {
        id: Uuid::from_u128(id),
        client_id: client.map(Uuid::from_u128),
        name: name.to_owned(),
        hue: 1,
        billable: true,
        open: true,
        archived: name == "Old",
        version: 1,
    };
    let tag = |id, name: &str| Tag {
        id: Uuid::from_u128(id),
        name: name.to_owned(),
        archived: name == "gone",
        version: 1,
    };
    Names {
        asked_at: None,
        clients: vec![client(5, "Northwind Ltd"), client(6, "Acme")],
        projects: vec![
            project(11, Some(5), "Planning"),
            project(12, Some(5), "Design"),
            project(13, None, "Internal"),
            project(14, Some(6), "Design"),
            project(15, Some(6), "Old"),
        ],
        tasks: vec![Task {
            id: Uuid::from_u128(21),
            project_id: Uuid::from_u128(11),
            name: "Review".to_owned(),
            archived: false,
            version: 1,
        }],
        tags: vec![tag(31, "Meeting"), tag(32, "big tag"), tag(33, "gone")],
    }
}

pub(crate) fn workspace() -> Workspace {
    Workspace {
        id: WORKSPACE,
        name: "Studio".to_owned(),
        currency: "EUR".to_owned(),
        bare_number: "minutes".to_owned(),
        second_timer: "stops_running".to_owned(),
        overlaps: "allowed".to_owned(),
        week_start: "monday".to_owned(),
        zone: "Europe/Berlin".to_owned(),
        member_id: MEMBER,
        role: "member".to_owned(),
        role_id: None,
        client_id: None,
        version: 1,
    }
}

pub(crate) fn me() -> Me {
    Me {
        id: MEMBER,
        name: "Ann".to_owned(),
        email: "ann@example.org".to_owned(),
        role: "member".to_owned(),
        role_id: None,
        client_id: None,
        zone: "Europe/Berlin".to_owned(),
        week_start: "monday".to_owned(),
        locale: "en-GB".to_owned(),
        clock_format: "24h".to_owned(),
        version: 1,
    }
}

pub(crate) fn cache() -> Cache {
    Cache {
        workspace: workspace(),
        me: me(),
        timer: None,
        asked_at: Timestamp::UNIX_EPOCH,
        ahead_ms: 0,
        names: names(),
        recent: Vec::new(),
    }
}

/// An entry on Planning.
pub(crate) fn entry(id: u128, started_at: &str, stopped_at: Option<&str>) -> TimeEntry {
    let started_at: Timestamp = started_at.parse().unwrap();
    let stopped_at: Option<Timestamp> = stopped_at.map(|at| at.parse().unwrap());
    let zone = domain::day::Zone::parse("Europe/Berlin").unwrap();
    TimeEntry {
        id: Uuid::from_u128(id),
        member_id: MEMBER,
        project_id: Some(Uuid::from_u128(11)),
        task_id: None,
        tag_ids: vec![Uuid::from_u128(31)],
        note: "standup".to_owned(),
        billable: true,
        started_at: Some(started_at),
        stopped_at,
        duration_s: stopped_at.map_or(0, |at| at.as_second() - started_at.as_second()),
        running: stopped_at.is_none(),
        day: domain::day::local_day(started_at, &zone),
        zone: "Europe/Berlin".to_owned(),
        created_at: started_at,
        version: 1,
    }
}

/// The fake server with the names of [`names`].
pub(crate) fn server() -> FakeServer {
    let values = |value: serde_json::Value| value.as_array().unwrap().clone();
    let names = names();
    FakeServer::new(
        values(serde_json::to_value(&names.clients).unwrap()),
        values(serde_json::to_value(&names.projects).unwrap()),
        values(serde_json::to_value(&names.tags).unwrap()),
    )
}

impl Transport for FakeServer {
    fn send(&self, ask: &Ask) -> Result<Answer, NoAnswer> {
        let body = ask.body.as_deref().unwrap_or_default();
        match self.answer(ask.method.as_str(), &ask.path, body, ask.if_match) {
            Ok((status, content_type, body)) => {
                let date = self.clock();
                Ok(Answer { status, content_type: content_type.to_owned(), body, date })
            }
            Err(is_maybe_done) => {
                Err(NoAnswer { is_maybe_done, why: "the line is cut".to_owned() })
            }
        }
    }
}
