//! The spool, killed everywhere, with every kind of bad line.

mod decisions;
mod keeping;
mod replaced;
mod sending;

use std::path::Path;
use std::sync::atomic::Ordering;

use jiff::civil::date;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::api::Api;
use crate::files::Disk;
use crate::machine::Machine;
use crate::testing::{FakeServer, MEMBER, Mode, TestMachine, WORKSPACE, cache, server};

const NOON: &str = "2026-11-20T11:00:00Z";
const TIMER: &str = "/api/v1/workspaces/w/timer";

fn account() -> Account {
    Account {
        url: "https://time.example.org".to_owned(),
        workspace_id: WORKSPACE,
        member_id: MEMBER,
    }
}

fn waiting(id: u128, act: Act) -> Waiting {
    Waiting {
        format: FORMAT,
        id: Uuid::from_u128(id),
        account: account(),
        made_at: NOON.parse().unwrap(),
        typed: format!("act {id}"),
        act,
        request: None,
        question: None,
        is_decided: false,
    }
}

fn entry(note: &str, span: Span) -> Act {
    Act::Entry(Draft {
        note: note.to_owned(),
        target: Target::Nothing,
        tags: Vec::new(),
        create_tags: false,
        create_project: false,
        billable: None,
        span,
    })
}

fn half_hour() -> Span {
    Span::Duration { day: date(2026, 11, 20), duration_s: 1800 }
}

fn start(at: &str) -> Act {
    let span = Span::Running { started_at: at.parse().unwrap(), replaces: None };
    entry("started here", span)
}

fn stop(of: Option<u128>, at: &str) -> Act {
    let stopped_at = at.parse().unwrap();
    Act::Stop { entry_id: of.map(Uuid::from_u128), stopped_at, by_start: false }
}

fn send_with(spool: &Spool, server: &FakeServer, direct: Option<Uuid>) -> Option<Report> {
    let machine = TestMachine::at(NOON);
    Sender {
        api: &Api::new(server),
        spool,
        account: &account(),
        cache: &mut cache(),
        machine: &machine,
        refreshed: Refresh::Possible,
    }
    .send_waiting(direct)
    .ok()
}

fn send(spool: &Spool, server: &FakeServer) -> Report {
    send_with(spool, server, None).unwrap()
}

/// A spool with acts in it.
fn spool(folder: &Path, acts: &[Waiting]) -> Spool {
    let spool = Spool::open(folder.join("spool")).unwrap();
    for act in acts {
        spool.push(act).unwrap();
    }
    spool
}

fn questions(spool: &Spool) -> Vec<String> {
    let all = spool.list().unwrap();
    all.into_iter().filter_map(|s| Some(s.waiting.question?.code)).collect()
}

/// A timer that another device started.
fn start_elsewhere(server: &FakeServer, id: u128, at: &str) {
    let body = json!({ "id": Uuid::from_u128(id), "started_at": at, "note": "elsewhere" });
    server.elsewhere("POST", TIMER, &body);
}

fn notes(server: &FakeServer) -> Vec<String> {
    let note = |entry: Value| entry["note"].as_str().unwrap().to_owned();
    server.entries().into_iter().map(note).collect()
}
