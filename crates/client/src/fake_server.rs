//! As much of the server as the tests of this crate need, in memory: entries with ids of the
//! client's, one running entry, versions. The tests in `tests/it` give it a socket.
//!
//! It counts and keeps the order of what it did, so that tests can say "once" and "in order".

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// Answers of an in-memory server.
pub(crate) struct FakeServer {
    state: Mutex<State>,
    mode: AtomicU8,
    /// How many POSTs of entries arrived.
    pub(crate) posts: AtomicUsize,
}

struct State {
    /// By id: the entry, and the body it was made from.
    entries: BTreeMap<Uuid, (Value, String)>,
    /// Ids in the order in which they were made.
    made: Vec<Uuid>,
    deleted: Vec<Uuid>,
    clients: Vec<Value>,
    projects: Vec<Value>,
    tags: Vec<Value>,
    is_second_refused: bool,
    /// Whether the member may make projects.
    may_make: bool,
    now: Timestamp,
    /// What it tells of its clock; it refuses starts and stops after it.
    clock: Option<Timestamp>,
}

/// What happens to requests that write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Up,
    /// No connection, for anything.
    Down,
    /// Writes are carried out, and the answer is lost; reads work.
    LosesAnswers,
    /// 503 for anything.
    Busy,
    /// A hotel's sign-in page for anything.
    Portal,
    /// The token is not accepted.
    SignedOut,
    /// Writes are not carried out, and there is no answer; reads work.
    LosesRequests,
}

const MODES: [Mode; 7] = [
    Mode::Up,
    Mode::Down,
    Mode::LosesAnswers,
    Mode::Busy,
    Mode::Portal,
    Mode::SignedOut,
    Mode::LosesRequests,
];

/// Status, content type, body; or none, and whether the request was carried out.
pub(crate) type Told = Result<(u16, &'static str, String), bool>;

impl FakeServer {
    pub(crate) fn new(clients: Vec<Value>, projects: Vec<Value>, tags: Vec<Value>) -> Self {
        Self {
            state: Mutex::new(State {
                entries: BTreeMap::new(),
                made: Vec::new(),
                deleted: Vec::new(),
                clients,
                projects,
                tags,
                is_second_refused: false,
                may_make: false,
                now: "2026-11-20T10:00:00Z".parse().unwrap(),
                clock: None,
            }),
            mode: AtomicU8::new(0),
            posts: AtomicUsize::new(0),
        }
    }

    pub(crate) fn set(&self, mode: Mode) {
        let place = MODES.iter().position(|m| *m == mode).unwrap();
        self.mode.store(u8::try_from(place).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn mode(&self) -> Mode {
        MODES[usize::from(self.mode.load(Ordering::SeqCst))]
    }

    pub(crate) fn clock(&self) -> Option<Timestamp> {
        self.state.lock().unwrap().clock
    }

    pub(crate) fn set_clock(&self, at: &str) {
        let at: Timestamp = at.parse().unwrap();
        let mut state = self.state.lock().unwrap();
        (state.clock, state.now) = (Some(at), at);
    }

    pub(crate) fn refuse_second_timers(&self) {
        self.state.lock().unwrap().is_second_refused = true;
    }

    pub(crate) fn add_project(&self, id: u128, name: &str) {
        self.state.lock().unwrap().projects.push(project(id, name));
    }

    /// The member may make projects from now on.
    pub(crate) fn let_make_projects(&self) {
        self.state.lock().unwrap().may_make = true;
    }

    /// What projects are called.
    pub(crate) fn project_names(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.projects.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    }

    /// All entries in the order in which they were made.
    pub(crate) fn entries(&self) -> Vec<Value> {
        let state = self.state.lock().unwrap();
        let made = state.made.iter();
        made.filter_map(|id| Some(state.entries.get(id)?.0.clone())).collect()
    }

    /// As another device of the same member.
    pub(crate) fn elsewhere(&self, method: &str, path: &str, body: &Value) -> Value {
        let text = body.to_string();
        let (status, _, answer) =
            self.carry_out(method, path, &text, None).unwrap_or((0, "", String::new()));
        assert!(status < 300, "{status} {answer}");
        serde_json::from_str(&answer).unwrap_or(Value::Null)
    }

    /// Deletes an entry, into the trash.
    pub(crate) fn delete(&self, id: Uuid) {
        let mut state = self.state.lock().unwrap();
        state.entries.remove(&id);
        state.deleted.push(id);
    }

    pub(crate) fn answer(
        &self,
        method: &str,
        path: &str,
        body: &str,
        if_match: Option<i64>,
    ) -> Told {
        let is_write = method != "GET";
        match self.mode() {
            Mode::Down => return Err(false),
            Mode::Portal => {
                return Ok((200, "text/html", "<html>Welcome, guest</html>".to_owned()));
            }
            Mode::Busy => return Ok(problem(503, "unavailable")),
            Mode::SignedOut => return Ok(problem(401, "signed_out")),
            Mode::LosesRequests if is_write => return Err(true),
            _ => {}
        }
        let told = self.carry_out(method, path, body, if_match);
        if is_write && self.mode() == Mode::LosesAnswers {
            return Err(true);
        }
        told.ok_or(true)
    }

    fn carry_out(
        &self,
        method: &str,
        path: &str,
        body: &str,
        if_match: Option<i64>,
    ) -> Option<(u16, &'static str, String)> {
        let mut state = self.state.lock().unwrap();
        let path = path.strip_prefix("/api/v1/")?;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        // As the server: it refuses parameters that it does not know, and shows an admin all entries.
        if !query.is_empty() && !query.contains("member_id=") && !query.starts_with("limit=200") {
            return Some(problem(400, "query.invalid"));
        }
        if path == "workspaces" {
            return Some(page(&[workspace()]));
        }
        let parts: Vec<&str> = path.split('/').skip(2).collect();
        Some(match (method, parts.as_slice()) {
            ("GET", ["me"]) => ok(&me()),
            ("GET", ["tasks"]) => page(&[]),
            ("GET", ["clients"]) => cut(&state.clients, query),
            ("GET", ["projects"]) => cut(&state.projects, query),
            ("GET", ["tags"]) => cut(&state.tags, query),
            ("POST", ["tags"]) => {
                let wanted: Value = serde_json::from_str(body).unwrap();
                let id = Uuid::from_u128(900 + u128::try_from(state.tags.len()).unwrap());
                let tag =
                    json!({"id": id, "name": wanted["name"], "archived": false, "version": 1});
                state.tags.push(tag.clone());
                ok(&tag)
            }
            ("GET", ["timer"]) => ok(&json!({ "running": state.running() })),
            ("POST", ["timer" | "time-entries"]) => {
                self.posts.fetch_add(1, Ordering::SeqCst);
                state.make(body)
            }
            ("POST", ["timer", "stop"]) => state.stop(body),
            ("GET", ["time-entries"]) if !query.contains("member_id=") => {
                problem(400, "query.invalid")
            }
            ("GET", ["time-entries"]) => {
                let mut all: Vec<Value> = state.entries.values().map(|(e, _)| e.clone()).collect();
                all.reverse();
                page(&all)
            }
            ("GET", ["time-entries", id]) => match state.entries.get(&id.parse().unwrap()) {
                Some((entry, _)) => ok(entry),
                None => problem(404, "not_found"),
            },
            ("PATCH", ["time-entries", id]) => state.change(id.parse().unwrap(), body, if_match),
            _ => problem(404, "not_found"),
        })
    }
}

impl State {
    fn running(&self) -> Option<Value> {
        let mut all = self.entries.values().map(|(entry, _)| entry);
        all.find(|entry| entry["running"] == json!(true)).cloned()
    }

    fn is_future(&self, at: &Value) -> bool {
        let at = at.as_str().map(|at| at.parse::<Timestamp>().unwrap());
        at.is_some_and(|at| self.clock.is_some_and(|clock| at > clock))
    }

    fn stop(&mut self, body: &str) -> (u16, &'static str, String) {
        let wanted: Value = serde_json::from_str(body).unwrap();
        let id: Uuid = wanted["id"].as_str().unwrap().parse().unwrap();
        let running = self.running();
        if running.as_ref().is_some_and(|running| running["id"] == wanted["id"]) {
            if self.is_future(&wanted["stopped_at"]) {
                return problem(422, "invalid");
            }
            let stop = json!({ "stopped_at": wanted["stopped_at"] }).to_string();
            return self.change(id, &stop, None);
        }
        match self.entries.get(&id) {
            None => problem(404, "not_found"),
            Some((entry, _)) if entry["stopped_at"] == wanted["stopped_at"] => ok(entry),
            Some(_) if running.is_some() => problem(409, "timer.another_runs"),
            Some(_) => problem(409, "timer.not_running"),
        }
    }

    fn make(&mut self, body: &str) -> (u16, &'static str, String) {
        let wanted: Value = serde_json::from_str(body).unwrap();
        if wanted["note"] == json!("stumble") {
            return problem(500, "internal");
        }
        let id: Uuid = wanted["id"].as_str().unwrap().parse().unwrap();
        if let Some((entry, made_from)) = self.entries.get(&id) {
            return if made_from == body { ok(entry) } else { problem(409, "id.taken") };
        }
        if self.deleted.contains(&id) {
            return problem(409, "id.taken");
        }
        let mut wanted = wanted;
        if let Some(path) = wanted["project_path"].as_array() {
            let name = path.last().unwrap().as_str().unwrap().to_owned();
            match self.find_or_make(&name) {
                Some(project) => wanted["project_id"] = project,
                None => return unknown_project(&name),
            }
        }
        let project = self.projects.iter().find(|project| project["id"] == wanted["project_id"]);
        match project {
            Some(project) if project["archived"] == json!(true) => {
                return problem(409, "project.archived");
            }
            None if !wanted["project_id"].is_null() => return problem(422, "invalid"),
            _ => {}
        }
        if self.is_future(&wanted["started_at"]) {
            return problem(422, "invalid");
        }
        let is_running = wanted["stopped_at"].is_null() && wanted["duration_s"].is_null();
        if is_running && let Some(running) = self.running() {
            if self.is_second_refused {
                return problem(409, "timer.already_running");
            }
            let id = running["id"].as_str().unwrap().parse().unwrap();
            let stop = json!({ "stopped_at": wanted["started_at"] }).to_string();
            self.change(id, &stop, None);
        }
        let instant = |name: &str| wanted[name].as_str().map(|t| t.parse::<Timestamp>().unwrap());
        let start = instant("started_at");
        let seconds = match (start, instant("stopped_at")) {
            (Some(start), Some(stop)) => stop.as_second() - start.as_second(),
            _ => wanted["duration_s"].as_i64().unwrap_or(0),
        };
        let day = match start {
            Some(start) => json!(start.to_string().split_once('T').unwrap().0),
            None => wanted["day"].clone(),
        };
        let entry = json!({
            "id": id, "member_id": me()["id"], "project_id": wanted["project_id"],
            "task_id": wanted["task_id"],
            "tag_ids": wanted.get("tag_ids").cloned().unwrap_or(json!([])),
            "note": wanted["note"].as_str().unwrap_or(""),
            "billable": wanted["billable"].as_bool().unwrap_or(false),
            "started_at": wanted["started_at"], "stopped_at": wanted["stopped_at"],
            "duration_s": seconds, "running": is_running, "day": day, "zone": "Europe/Berlin",
            "created_at": self.now, "version": 1,
        });
        self.entries.insert(id, (entry.clone(), body.to_owned()));
        self.made.push(id);
        let (_, kind, text) = ok(&entry);
        (201, kind, text)
    }

    fn find_or_make(&mut self, name: &str) -> Option<Value> {
        let found = self.projects.iter().find(|project| project["name"] == name);
        if let Some(project) = found {
            return Some(project["id"].clone());
        }
        let id = 700 + u128::try_from(self.projects.len()).unwrap();
        self.projects.extend(self.may_make.then(|| project(id, name)));
        self.may_make.then(|| json!(Uuid::from_u128(id)))
    }

    fn change(
        &mut self,
        id: Uuid,
        body: &str,
        if_match: Option<i64>,
    ) -> (u16, &'static str, String) {
        let wanted: Value = serde_json::from_str(body).unwrap();
        let Some((entry, _)) = self.entries.get_mut(&id) else {
            return problem(404, "not_found");
        };
        if if_match.is_some_and(|version| json!(version) != entry["version"]) {
            return problem(412, "stale");
        }
        for (name, value) in wanted.as_object().unwrap() {
            entry[name] = value.clone();
        }
        entry["version"] = json!(entry["version"].as_i64().unwrap() + 1);
        if !entry["stopped_at"].is_null() {
            entry["running"] = json!(false);
            let at = |name: &str| entry[name].as_str().unwrap().parse::<Timestamp>().unwrap();
            entry["duration_s"] =
                json!(at("stopped_at").as_second() - at("started_at").as_second());
        }
        ok(entry)
    }
}

pub(crate) fn workspace() -> Value {
    json!({
        "id": Uuid::from_u128(1), "name": "Studio", "currency": "EUR", "bare_number": "minutes",
        "second_timer": "stops_running", "overlaps": "allowed", "week_start": "monday",
        "zone": "Europe/Berlin", "member_id": Uuid::from_u128(2), "role": "member", "version": 1,
    })
}

pub(crate) fn me() -> Value {
    json!({
        "id": Uuid::from_u128(2), "name": "Ann", "email": "ann@example.org", "role": "member",
        "zone": "Europe/Berlin", "week_start": "monday", "locale": "en-GB", "clock_format": "24h",
        "version": 1,
    })
}

fn project(id: u128, name: &str) -> Value {
    json!({
        "id": Uuid::from_u128(id), "client_id": null, "name": name, "hue": 1, "billable": false,
        "open": true, "archived": false, "version": 1,
    })
}

fn unknown_project(name: &str) -> (u16, &'static str, String) {
    let (status, kind, text) = problem(422, "invalid");
    let mut problem: Value = serde_json::from_str(&text).unwrap();
    let message = format!("There is no project @{name}. An admin can make it.");
    problem["errors"] =
        json!([{ "field": "project_path", "code": "unknown_project", "message": message }]);
    (status, kind, problem.to_string())
}

fn ok(value: &Value) -> (u16, &'static str, String) {
    (200, "application/json", value.to_string())
}

fn page(items: &[Value]) -> (u16, &'static str, String) {
    ok(&json!({ "items": items }))
}

/// A page of two things, so that whoever lists has to follow the cursor.
fn cut(items: &[Value], query: &str) -> (u16, &'static str, String) {
    let cursor = query.split("cursor=").nth(1).unwrap_or("0");
    let begin: usize = cursor.parse().unwrap();
    let end = items.len().min(begin + 2);
    let next = (end < items.len()).then(|| end.to_string());
    ok(&json!({ "items": items[begin..end], "next_cursor": next }))
}

fn problem(status: u16, code: &str) -> (u16, &'static str, String) {
    let text = json!({
        "type": "about:blank", "title": format!("No: {code}."), "status": status, "code": code,
        "request_id": "r",
    });
    (status, "application/problem+json", text.to_string())
}
