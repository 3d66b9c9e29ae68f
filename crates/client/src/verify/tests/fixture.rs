//! An export as a server would write it, made by hand, so that each part of it can be altered.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fastrand::Rng;
use jiff::Timestamp;
use jiff::civil::date;
use ledger::event::facts::{self, Change, Value};
use ledger::event::{Event, Leaf};
use ledger::key::Kind;
use ledger::{Checkpoint, Frontier, Hash, Note, Signer, Sum};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::verify::sheets::SHEETS;

/// When the first event was.
const BEGIN: i64 = 1_795_176_000_000_000;
pub(super) const SECOND: i64 = 1_000_000;

/// An event with the words of its texts.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub(super) event: Event,
    pub(super) changes: Vec<Change>,
    pub(super) words: Vec<Words>,
}

#[derive(Debug, Clone)]
pub(super) struct Words {
    pub(super) field: String,
    pub(super) is_after: bool,
    pub(super) salt: [u8; 32],
    pub(super) text: String,
}

/// What a field becomes.
#[derive(Debug, Clone)]
pub(super) enum To {
    Int(i64),
    Id(Uuid),
    Word(String),
    Text(String),
    Nothing,
}

/// An export before it is written.
pub(super) struct Fixture {
    pub(super) rng: Rng,
    pub(super) origin: String,
    pub(super) workspace: Uuid,
    pub(super) member: Uuid,
    pub(super) leaves: Vec<Recorded>,
    /// So many at the end are no leaves yet.
    pub(super) pending: usize,
    pub(super) tables: BTreeMap<&'static str, Vec<Json>>,
    /// Written instead of a head of the leaves.
    pub(super) head: Option<String>,
    /// The receipt of a head in the instance's log, if it brings one.
    pub(super) receipt: Option<String>,
    pub(super) keys: Vec<String>,
}

pub(super) fn log_key(origin: &str) -> Signer {
    Signer::new(origin, Kind::Log, &[7; 32]).unwrap()
}

pub(super) fn instant(us: i64) -> String {
    Timestamp::from_microsecond(us).unwrap().to_string()
}

/// Entries are made at whole seconds.
pub(super) fn second(us: i64) -> String {
    instant(us - us.rem_euclid(SECOND))
}

impl Fixture {
    /// A workspace with an owner, a guest who has left, a project with two tasks, tags, a team, an own
    /// role, an invitation, a token and some entries, changed and deleted.
    pub(super) fn new(rng: Rng) -> Self {
        let mut rng = rng;
        let (workspace, member) = (uuid(&mut rng), uuid(&mut rng));
        let origin = format!("time.example/ledger/{workspace}");
        let keys = vec![log_key(&origin).verifier().to_string()];
        let tables = SHEETS.iter().map(|sheet| sheet.table).chain(["entry_tags"]);
        let tables = tables.map(|table| (table, Vec::new())).collect();
        let (leaves, head, receipt) = (Vec::new(), None, None);
        let mut all = Self {
            rng,
            origin,
            workspace,
            member,
            leaves,
            pending: 0,
            tables,
            head,
            receipt,
            keys,
        };
        all.furnish();
        all
    }

    pub(super) fn id(&mut self) -> Uuid {
        uuid(&mut self.rng)
    }

    pub(super) fn now(&self) -> i64 {
        self.leaves.last().map_or(BEGIN, |last| last.event.at + 10 * SECOND + 7)
    }

    /// Records an event of the owner; when it was.
    pub(super) fn record(
        &mut self,
        kind: &str,
        object_kind: &str,
        object: Uuid,
        facts: &[(&str, To)],
    ) -> i64 {
        let at = self.now();
        let (mut changes, mut words) = (Vec::new(), Vec::new());
        for (field, to) in facts {
            let after = match to {
                To::Int(number) => Value::Int(*number),
                To::Id(id) => Value::Id(id.into_bytes()),
                To::Word(word) => Value::Word(word.clone()),
                To::Nothing => Value::None,
                To::Text(text) => {
                    let salt: [u8; 32] = std::array::from_fn(|_| self.rng.u8(..));
                    let (field, text) = ((*field).to_owned(), text.clone());
                    let commitment = ledger::commit(&salt, text.as_bytes());
                    words.push(Words { field, is_after: true, salt, text });
                    Value::Commitment(commitment)
                }
            };
            let before = if matches!(to, To::Nothing) { Value::Int(1) } else { Value::None };
            changes.push(Change { field: (*field).to_owned(), before, after });
        }
        let event = Event {
            id: self.id().into_bytes(),
            at,
            actor_kind: "member".to_owned(),
            actor: Some(self.member.into_bytes()),
            kind: kind.to_owned(),
            object_kind: object_kind.to_owned(),
            object: object.into_bytes(),
            subject: Some(self.member.into_bytes()),
            request: self.id().into_bytes(),
            facts: Vec::new(),
        };
        self.leaves.push(Recorded { event, changes, words });
        at
    }

    pub(super) fn row(&mut self, table: &'static str, row: Json) {
        self.tables.get_mut(table).unwrap().push(row);
    }

    fn furnish(&mut self) {
        let (workspace, member) = (self.workspace, self.member);
        let facts = [
            ("name", To::Text("Lantern".to_owned())),
            ("currency", To::Word("CHF".to_owned())),
            ("zone", To::Word("Europe/Zurich".to_owned())),
            ("week_start", To::Word("monday".to_owned())),
        ];
        let at = self.record("workspace.created", "workspace", workspace, &facts);
        self.row(
            "workspace",
            json!({"id": workspace, "name": "Lantern", "currency": "CHF", "bare_number": "minutes",
                   "second_timer": "stops_running", "overlaps": "allowed", "week_start": "monday",
                   "zone": "Europe/Zurich", "created_at": instant(at), "version": 1}),
        );
        self.add_member(member, "owner");
        self.add_team();
        self.add_others();
        let (project, tasks) = self.add_project();
        let tags: Vec<Uuid> = ["Meeting", "Travel"].iter().map(|name| self.add_tag(name)).collect();
        for _ in 0..self.rng.usize(10..20) {
            self.add_entry(project, &tasks, &tags);
        }
        self.record("workspace.exported", "workspace", workspace, &[]);
    }

    fn add_member(&mut self, id: Uuid, role: &str) {
        let facts = [
            ("role", To::Word(role.to_owned())),
            ("name", To::Text("Anna \"A.\" Čech".to_owned())),
            ("address", To::Text("anna@example.org".to_owned())),
            ("zone", To::Word("Europe/Prague".to_owned())),
        ];
        let joined = self.record("member.joined", "member", id, &facts);
        let left = (role != "owner").then(|| {
            let at = self.now();
            self.record("member.removed", "member", id, &[("removed_at", To::Int(at))])
        });
        let user = self.id();
        self.row(
            "members",
            json!({"id": id, "user_id": user, "name": "Anna \"A.\" Čech",
                   "email": "anna@example.org", "role": role, "zone": "Europe/Prague",
                   "week_start": "monday", "locale": "en", "clock_format": "24h",
                   "joined_at": instant(joined), "removed_at": left.map(instant), "version": 1,
                   "role_id": null, "client_id": null}),
        );
    }

    fn add_team(&mut self) {
        let (team, gone, member) = (self.id(), self.id(), self.member);
        let name = ("name", To::Text("Design".to_owned()));
        let at = self.record("team.added", "team", team, std::slice::from_ref(&name));
        self.row(
            "teams",
            json!({"id": team, "name": "Design", "created_at": instant(at), "archived_at": null,
                   "version": 1}),
        );
        self.record("team.added", "team", gone, &[name]);
        for team in [team, gone] {
            let facts = [("member", To::Id(member)), ("manager", To::Int(1))];
            self.record("team.member_put", "team", team, &facts);
        }
        self.record("team.deleted", "team", gone, &[("name", To::Nothing)]);
        self.row("team_members", json!({"team_id": team, "member_id": member, "manager": true}));
    }

    fn add_others(&mut self) {
        let (guest, role, client) = (self.id(), self.id(), self.id());
        self.add_member(guest, "member");
        let facts = [
            ("name", To::Text("Bookkeeper".to_owned())),
            ("rights", To::Word("track_time create_tags".to_owned())),
        ];
        let made = self.record("role.added", "role", role, &facts);
        let facts = [("name", To::Nothing), ("deleted", To::Int(1))];
        let deleted = self.record("role.deleted", "role", role, &facts);
        self.row(
            "roles",
            json!({"id": role, "name": "Bookkeeper", "rights": 5, "created_at": instant(made),
                   "deleted_at": instant(deleted), "version": 2}),
        );
        let name = [("name", To::Text("Northwind".to_owned()))];
        let made = self.record("client.added", "client", client, &name);
        let facts = [("archived", To::Int(1))];
        let archived = self.record("client.changed", "client", client, &facts);
        self.row(
            "clients",
            json!({"id": client, "name": "Northwind", "created_at": instant(made),
                   "archived_at": instant(archived), "deleted_at": null, "version": 2}),
        );
        self.add_doors();
        self.add_support();
    }

    fn add_doors(&mut self) {
        let (invitation, token, member) = (self.id(), self.id(), self.member);
        let facts = [
            ("role", To::Word("member".to_owned())),
            ("address", To::Text("b@example.org".to_owned())),
        ];
        let sent = self.record("invitation.sent", "invitation", invitation, &facts);
        let revoked =
            self.record("invitation.revoked", "invitation", invitation, &[("open", To::Int(0))]);
        self.row(
            "invitations",
            json!({"id": invitation, "email": "b@example.org", "role": "member",
                   "invited_by": member, "created_at": instant(sent),
                   "expires_at": instant(sent + 3600 * SECOND), "accepted_at": null,
                   "accepted_by": null, "revoked_at": instant(revoked), "version": 2,
                   "role_id": null, "client_id": null}),
        );
        let facts = [
            ("name", To::Text("laptop".to_owned())),
            ("scope", To::Word("full".to_owned())),
            ("expires_at", To::Int(sent + 86_400 * SECOND)),
        ];
        let made = self.record("token.created", "token", token, &facts);
        self.row(
            "api_tokens",
            json!({"id": token, "member_id": member, "name": "laptop", "scope": "full",
                   "created_at": instant(made), "expires_at": instant(sent + 86_400 * SECOND),
                   "last_used_at": null, "revoked_at": null}),
        );
    }

    fn add_project(&mut self) -> (Uuid, Vec<Uuid>) {
        let (project, member) = (self.id(), self.member);
        let facts = [
            ("name", To::Text("Website".to_owned())),
            ("hue", To::Int(3)),
            ("billable", To::Int(1)),
            ("open", To::Int(1)),
        ];
        let at = self.record("project.added", "project", project, &facts);
        self.record("project.changed", "project", project, &[("open", To::Int(0))]);
        self.row(
            "projects",
            json!({"id": project, "client_id": null, "name": "Website", "hue": 3,
                   "billable": true, "open": false, "created_at": instant(at),
                   "archived_at": null, "deleted_at": null, "version": 2}),
        );
        let facts = [("member", To::Id(member)), ("manager", To::Int(0))];
        self.record("project.member_put", "project", project, &facts);
        self.row(
            "project_members",
            json!({"project_id": project, "member_id": member, "manager": false}),
        );
        let tasks = ["Design", "Build"].map(|name| self.add_task(project, name));
        let gone = self.add_task(project, "Gone");
        self.record("task.deleted", "task", gone, &[("deleted", To::Int(1))]);
        self.record("task.purged", "task", gone, &[]);
        self.tables.get_mut("tasks").unwrap().pop();
        (project, tasks.to_vec())
    }

    fn add_task(&mut self, project: Uuid, name: &str) -> Uuid {
        let task = self.id();
        let facts = [("name", To::Text(name.to_owned())), ("project", To::Id(project))];
        let at = self.record("task.added", "task", task, &facts);
        self.row(
            "tasks",
            json!({"id": task, "project_id": project, "name": name, "created_at": instant(at),
                   "archived_at": null, "deleted_at": null, "version": 1}),
        );
        task
    }

    pub(super) fn add_tag(&mut self, name: &str) -> Uuid {
        let tag = self.id();
        let at = self.record("tag.added", "tag", tag, &[("name", To::Text(name.to_owned()))]);
        self.row(
            "tags",
            json!({"id": tag, "name": name, "created_at": instant(at), "archived_at": null,
                   "deleted_at": null, "version": 1}),
        );
        tag
    }

    fn add_entry(&mut self, project: Uuid, tasks: &[Uuid], tags: &[Uuid]) {
        let (entry, member) = (self.id(), self.member);
        let task = tasks[self.rng.usize(..tasks.len())];
        let mut tags: Vec<Uuid> = tags.iter().copied().filter(|_| self.rng.bool()).collect();
        tags.sort_unstable();
        let words = tags.iter().map(Uuid::to_string).collect::<Vec<_>>().join(" ");
        let start = self.now() - 3600 * SECOND;
        let mut note = format!("note {} ü", self.rng.u32(..));
        let mut facts = vec![
            ("member", To::Id(member)),
            ("project", To::Id(project)),
            ("task", To::Id(task)),
            ("billable", To::Int(1)),
            ("started_at", To::Int(start)),
            ("stopped_at", To::Int(start + 1800 * SECOND)),
            ("day", To::Int(20_777)),
            ("zone", To::Word("Europe/Zurich".to_owned())),
            ("note", To::Text(note.clone())),
        ];
        if !tags.is_empty() {
            facts.push(("tags", To::Word(words)));
        }
        let made = self.record("time_entry.added", "time_entry", entry, &facts);
        if self.rng.bool() {
            note = String::new();
            let facts = [("note", To::Text(note.clone()))];
            self.record("time_entry.changed", "time_entry", entry, &facts);
        }
        let deleted = self.rng.u8(..4) == 0;
        let deleted = deleted.then(|| {
            let facts = [("deleted", To::Int(1))];
            self.record("time_entry.deleted", "time_entry", entry, &facts)
        });
        let day = date(1970, 1, 1) + jiff::ToSpan::days(20_777);
        self.row(
            "time_entries",
            json!({"id": entry, "member_id": member, "project_id": project, "task_id": task,
                   "note": note, "billable": true, "started_at": instant(start),
                   "stopped_at": instant(start + 1800 * SECOND), "duration_s": null,
                   "day": day.to_string(), "zone": "Europe/Zurich", "created_at": second(made),
                   "deleted_at": deleted.map(instant), "version": 1}),
        );
        for tag in tags {
            self.row("entry_tags", json!({"entry_id": entry, "tag_id": tag}));
        }
    }

    /// The head of the first leaves.
    pub(super) fn head_of(&self, size: usize) -> Checkpoint {
        let mut edge = Frontier::default();
        for leaf in self.leaves.iter().take(size) {
            edge.append(Hash::leaf(&leaf.bytes()));
        }
        assert_eq!(usize::try_from(edge.size()), Ok(size));
        Checkpoint::new(&self.origin, edge.size(), edge.root()).unwrap()
    }

    /// How many leaves the log has.
    pub(super) fn size(&self) -> usize {
        self.leaves.len() - self.pending
    }

    /// The newest head, by the log alone.
    pub(super) fn note(&self) -> Note {
        self.head_of(self.size()).sign(&log_key(&self.origin)).unwrap()
    }

    /// Writes all files, with a manifest that fits them.
    pub(super) fn write(&self, folder: &Path) {
        let size = self.size();
        let ledger = self.leaves.iter().enumerate().map(|(at, leaf)| leaf.line(at >= size));
        put(folder, "ledger.jsonl", &ledger.collect::<Vec<_>>());
        let head = self.head.clone().unwrap_or_else(|| self.note().to_string());
        fs::write(folder.join("checkpoint.txt"), head).unwrap();
        fs::write(folder.join("ledger-keys.txt"), self.keys.join("\n") + "\n").unwrap();
        if let Some(receipt) = &self.receipt {
            fs::write(folder.join("instance-receipt.txt"), receipt).unwrap();
        }
        for (table, rows) in &self.tables {
            put(folder, &format!("{table}.jsonl"), rows);
        }
        let mut events: Vec<Json> = self.leaves.iter().map(Recorded::row).collect();
        events.sort_by_key(|row| row["id"].as_str().unwrap().to_owned());
        put(folder, "events.jsonl", &events);
        fs::write(folder.join("tags.csv"), "\u{feff}id,name\r\n").unwrap();
        write_manifest(folder, self.workspace);
    }
}

/// A manifest that fits the files, as whoever alters them would write it.
pub(super) fn write_manifest(folder: &Path, workspace: Uuid) {
    let mut files = Vec::new();
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| !path.ends_with("manifest.json")) {
        let mut sum = Sum::new();
        let (mut size, mut rows) = (0, 0);
        let mut reader = BufReader::new(File::open(path).unwrap());
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).unwrap() > 0 {
            sum.update(&line);
            size += line.len();
            rows += usize::from(line.ends_with(b"\n"));
            line.clear();
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let rows = path.extension().is_some_and(|kind| kind == "jsonl").then_some(rows);
        files.push(json!({"name": name, "table": null, "columns": [], "rows": rows,
                          "size_bytes": size, "sha256": sum.hex()}));
    }
    let manifest = json!({"format": "timeproof-export", "version": 1, "workspace_id": workspace,
                          "exported_at": "2026-11-22T12:00:00Z", "files": files});
    fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
}

impl Recorded {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let facts = facts::write(&self.changes).unwrap();
        Leaf::Event(Event { facts, ..self.event.clone() }).to_bytes().unwrap()
    }

    pub(super) fn line(&self, is_pending: bool) -> Json {
        let mut line = json!({"leaf": STANDARD.encode(self.bytes())});
        if !self.words.is_empty() {
            line["words"] = self.words.iter().map(Words::json).collect();
        }
        if is_pending {
            line["pending"] = json!(true);
        }
        line
    }

    pub(super) fn row(&self) -> Json {
        let event = &self.event;
        let id = |id: [u8; 16]| Uuid::from_bytes(id).to_string();
        let changes: Vec<Json> = self
            .changes
            .iter()
            .map(|change| {
                json!({"field": change.field,
                       "before": self.shown(&change.field, &change.before),
                       "after": self.shown(&change.field, &change.after)})
            })
            .collect();
        json!({"id": id(event.id), "at": instant(event.at), "actor_kind": event.actor_kind,
               "actor_id": event.actor.map(id), "kind": event.kind,
               "object_kind": event.object_kind, "object_id": id(event.object),
               "subject_id": event.subject.map(id), "request_id": id(event.request),
               "changes": changes})
    }

    fn shown(&self, field: &str, value: &Value) -> Json {
        match value {
            Value::None => Json::Null,
            Value::Int(number) => json!(number),
            Value::Id(id) => json!(Uuid::from_bytes(*id)),
            Value::Word(word) => json!(word),
            Value::Commitment(_) => {
                let words = self.words.iter().find(|words| words.field == field);
                words.map_or(json!({"erased": true}), |words| json!(words.text))
            }
        }
    }
}

impl Words {
    fn json(&self) -> Json {
        json!({"field": self.field, "side": if self.is_after { "after" } else { "before" },
               "salt": STANDARD.encode(self.salt), "text": self.text})
    }
}

fn put(folder: &Path, name: &str, rows: &[Json]) {
    let text = rows.iter().fold(String::new(), |text, row| text + &row.to_string() + "\n");
    fs::write(folder.join(name), text).unwrap();
}

fn uuid(rng: &mut Rng) -> Uuid {
    Uuid::from_u128(rng.u128(1..))
}
