//! Stories: what a person types, what they see, and what the server has afterwards.

use serde_json::{Value, json};

use super::*;
use crate::testing::{FakeServer, Mode, TestMachine, server};

/// A person at a machine.
struct Person {
    server: FakeServer,
    machine: TestMachine,
    environment: Environment,
    _folder: tempfile::TempDir,
}

/// What came of a command.
struct Said {
    out: String,
    notes: String,
    failure: Option<Failure>,
}

impl Said {
    fn code(&self) -> u8 {
        self.failure.as_ref().map_or(0, Failure::exit_code)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

impl Person {
    /// Friday noon in Berlin.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            server: server(),
            machine: TestMachine::at("2026-11-20T11:00:00Z"),
            environment: Environment {
                config_folder: folder.path().join("config"),
                state_folder: folder.path().join("state"),
                machine_name: "kitchen".to_owned(),
                ..Environment::default()
            },
            _folder: folder,
        }
    }

    /// Who has been in contact before.
    fn known() -> Self {
        let person = Self::new();
        assert_eq!(person.types(&["status"]).code(), 0);
        person
    }

    #[expect(clippy::unused_self, reason = "whose they are")]
    fn credentials(&self) -> Credentials {
        Credentials {
            url: "https://time.example.org".to_owned(),
            token: "tp1_a".to_owned(),
            workspace_id: None,
            ca_file: None,
        }
    }

    fn types(&self, words: &[&str]) -> Said {
        let all = ["tp"].iter().chain(words);
        let arguments = <Arguments as clap::Parser>::try_parse_from(all).unwrap();
        let (mut out, mut notes) = (Vec::new(), Vec::new());
        let mut output = Output {
            is_json: arguments.json,
            has_colours: false,
            out: &mut out,
            notes: &mut notes,
        };
        let done = run_with(
            arguments.command,
            &self.environment,
            &self.machine,
            self.credentials(),
            &self.server,
            &mut output,
        );
        Said {
            out: String::from_utf8(out).unwrap(),
            notes: String::from_utf8(notes).unwrap(),
            failure: done.err(),
        }
    }
}

#[test]
fn a_line_becomes_an_entry() {
    let person = Person::new();
    let line = "1:30 standup @northwind/planning #meeting $";
    let said = person.types(&["add", line]);
    assert_eq!(said.code(), 0, "{:?}", said.failure);
    assert!(said.out.starts_with("Added  1:30  Northwind Ltd ▸ Planning"), "{}", said.out);
    let entry = &person.server.entries()[0];
    assert_eq!(entry["day"], "2026-11-20");
    assert_eq!(entry["duration_s"], 5400);
    let said = person.types(&["--json", "add", "9-10:30", "talk", "yesterday"]);
    assert_eq!(said.json()["started_at"], "2026-11-19T08:00:00Z");
    assert_eq!(person.types(&["add", "standup"]).code(), 2);
    assert_eq!(person.types(&["add", "1h @nowhere"]).failure.unwrap().code(), "unknown_project");
    assert_eq!(person.types(&["add", "1h #new"]).failure.unwrap().code(), "unknown_tag");
    assert_eq!(person.types(&["add", "-c", "1h #new"]).code(), 0);
    assert_eq!(person.types(&["add", "1h @design"]).failure.unwrap().code(), "ambiguous_project");
    assert_eq!(person.server.entries().len(), 3);
}

#[test]
fn the_timer() {
    let person = Person::new();
    assert_eq!(person.types(&["stop"]).failure.unwrap().code(), "timer.not_running");
    let said = person.types(&["start", "planning", "@internal", "--at", "-15m"]);
    assert!(said.out.starts_with("Started  11:45–  0:15  Internal"), "{}", said.out);
    let status = person.types(&["status"]);
    assert!(status.out.starts_with("0:15:00  since 11:45  Internal"), "{}", status.out);
    assert!(status.out.contains("Today  0:15"), "{}", status.out);
    // A second one ends the first, as the workspace says.
    person.types(&["start", "next"]);
    assert_eq!(person.server.entries()[0]["duration_s"], 900);
    assert_eq!(person.types(&["stop", "--at", "11:00"]).code(), 2, "before it began");
    person.machine.set("2026-11-20T11:30:00Z");
    let said = person.types(&["stop"]);
    assert!(said.out.starts_with("Stopped  12:00–12:30  0:30  next"), "{}", said.out);
    // Continue the last; then one by its digits.
    let said = person.types(&["continue"]);
    assert!(said.out.starts_with("Started  12:30–  0:00  next"), "{}", said.out);
    assert_eq!(person.types(&["continue"]).failure.unwrap().code(), "timer.already_running");
    let first = person.server.entries()[0]["id"].as_str().unwrap().to_owned();
    let said = person.types(&["continue", &first[28..]]);
    assert!(said.out.contains("Internal  planning"), "{}", said.out);
    for line in [
        &["start", "1h", "x"][..],
        &["start", "9:00-", "--at", "8:00"],
        &["start", "--at", "23:00"],
    ] {
        assert_eq!(person.types(line).code(), 2, "{line:?}");
    }
}

#[test]
fn without_a_connection_the_day_is_the_one_of_typing() {
    let person = Person::known();
    person.server.set(Mode::Down);
    // Half past midnight on Saturday in Berlin, Friday in UTC.
    person.machine.set("2026-11-20T23:30:00Z");
    let said = person.types(&["add", "1:30 standup @planning #meeting"]);
    assert_eq!(said.code(), 0);
    assert!(
        said.out.starts_with("Kept here  Sat 21 Nov 2026  1:30  Northwind Ltd ▸ Planning"),
        "{}",
        said.out
    );
    assert!(said.notes.contains("the line is cut. 1 act waits for"), "{}", said.notes);
    person.types(&["add", "2h report yesterday"]);
    person.types(&["add", "9:00-10:00 call"]);
    // Sent three days later.
    person.machine.set("2026-11-23T09:00:00Z");
    person.server.set(Mode::Up);
    let said = person.types(&["status"]);
    assert!(said.notes.contains("sent 3 waiting entries"), "{}", said.notes);
    let entries = person.server.entries();
    let days: Vec<&Value> = entries.iter().map(|entry| &entry["day"]).collect();
    assert_eq!(days, ["2026-11-21", "2026-11-20", "2026-11-21"]);
    assert_eq!(entries[2]["started_at"], "2026-11-21T08:00:00Z");
    assert_eq!(entries[0]["tag_ids"].as_array().unwrap().len(), 1);
}

#[test]
fn without_a_connection_start_and_stop_make_one_finished_entry() {
    let person = Person::known();
    person.server.set(Mode::Down);
    assert_eq!(person.types(&["start", "planning @internal"]).code(), 0);
    person.machine.set("2026-11-20T11:20:00Z");
    let status = person.types(&["status"]);
    assert!(
        status.out.contains("0:20:00  since 12:00  Internal  planning  (not sent yet)"),
        "{}",
        status.out
    );
    person.machine.set("2026-11-20T11:45:00Z");
    let said = person.types(&["stop"]);
    assert!(said.out.starts_with("Kept here  12:00–12:45  Internal  planning"), "{}", said.out);
    let status = person.types(&["--json", "status"]).json();
    assert_eq!((&status["timer"], &status["waiting"]), (&Value::Null, &json!(1)));
    // Another timer is started elsewhere: a finished entry is not in its way.
    let body = json!({ "id": uuid::Uuid::from_u128(99), "started_at": "2026-11-20T11:50:00Z" });
    person.server.elsewhere("POST", "/api/v1/workspaces/w/timer", &body);
    person.server.set(Mode::Up);
    assert_eq!(person.types(&["sync"]).code(), 0);
    let entries = person.server.entries();
    assert_eq!((&entries[1]["duration_s"], &entries[0]["running"]), (&json!(2700), &json!(true)));
}

#[test]
fn without_a_connection_the_known_timer_is_stopped() {
    let person = Person::known();
    person.types(&["start", "planning"]);
    person.server.set(Mode::Down);
    person.machine.set("2026-11-20T12:00:00Z");
    assert_eq!(person.types(&["stop"]).code(), 0);
    assert!(person.types(&["status"]).out.contains("No timer is running."));
    person.types(&["continue"]);
    person.machine.set("2026-11-20T12:10:00Z");
    person.server.set(Mode::Up);
    let status = person.types(&["status"]);
    assert!(status.out.contains("0:10:00  since 13:00  planning"), "{}", status.out);
    let entries = person.server.entries();
    assert_eq!((&entries[0]["duration_s"], &entries[1]["running"]), (&json!(3600), &json!(true)));
}

#[test]
fn what_meets_another_timer_is_shown_and_decided() {
    let decide = |words: &[&str]| {
        let person = Person::known();
        person.server.set(Mode::Down);
        person.types(&["start", "here @internal"]);
        let body = json!({ "id": uuid::Uuid::from_u128(99), "started_at": "2026-11-20T11:10:00Z", "note": "there" });
        person.server.elsewhere("POST", "/api/v1/workspaces/w/timer", &body);
        person.server.set(Mode::Up);
        person.machine.set("2026-11-20T11:30:00Z");
        let status = person.types(&["status"]);
        assert!(status.notes.contains("needs a decision"), "{}", status.notes);
        assert!(status.out.contains("there"), "{}", status.out);
        let shown = person.types(&["spool"]).out;
        assert!(shown.contains("start at 12:00  Internal  here"), "{shown}");
        assert!(shown.contains("running since 12:10: there"), "{shown}");
        assert_eq!(person.types(&["sync"]).code(), 1);
        let id = shown.split_whitespace().next().unwrap().to_owned();
        let all: Vec<&str> = ["spool", "resolve", &id].iter().chain(words).copied().collect();
        let said = person.types(&all);
        assert_eq!(said.code(), 0, "{:?}", said.failure);
        assert!(person.types(&["spool"]).out.contains("Nothing waits"));
        person
    };
    let until = decide(&["--until", "12:10"]).server.entries();
    assert_eq!((&until[0]["running"], &until[1]["duration_s"]), (&json!(true), &json!(600)));
    let kept = decide(&["--keep"]).server.entries();
    assert_eq!((&kept[0]["running"], &kept[1]["running"]), (&json!(false), &json!(true)));
    assert_eq!(decide(&["--discard"]).server.entries().len(), 1);
}

#[test]
fn unknown_names_are_decided() {
    let person = Person::known();
    person.server.set(Mode::Down);
    person.types(&["add", "1h a @nowhere"]);
    person.types(&["add", "1h b #unheard"]);
    person.types(&["add", "1h c #unheard"]);
    person.server.set(Mode::Up);
    person.types(&["sync"]);
    let shown = person.types(&["--json", "spool"]).json();
    let ids: Vec<&str> = shown["waiting"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| act["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 3);
    let resolve = |id: &str, words: &[&str]| {
        let all: Vec<&str> = ["spool", "resolve", id].iter().chain(words).copied().collect();
        person.types(&all)
    };
    assert_eq!(resolve(ids[0], &["--keep"]).failure.unwrap().code(), "unknown_project");
    assert_eq!(
        resolve(ids[0], &["--project", "elsewhere"]).failure.unwrap().code(),
        "unknown_project"
    );
    assert_eq!(resolve(ids[0], &["--project", "northwind ltd/planning"]).code(), 0);
    assert_eq!(resolve(ids[1], &["--without-tags"]).code(), 0);
    assert_eq!(resolve(ids[2], &["--create-tags"]).code(), 0);
    assert_eq!(resolve(ids[2], &["--keep"]).failure.unwrap().code(), "not_found");
    let entries = person.server.entries();
    assert_eq!(entries[0]["project_id"], json!(uuid::Uuid::from_u128(11)));
    let tags = |place: usize| entries[place]["tag_ids"].as_array().unwrap().len();
    assert_eq!((tags(1), tags(2)), (0, 1));
}

#[test]
fn what_the_server_stumbles_over_can_be_given_up() {
    let person = Person::known();
    let kept = person.types(&["--json", "add", "1h stumble"]).json();
    let id = kept["kept"]["id"].as_str().unwrap().to_owned();
    assert_eq!(person.types(&["sync"]).code(), 1);
    let discard = ["spool", "resolve", &id, "--discard"];
    person.server.set(Mode::Down);
    assert_eq!(person.types(&discard).code(), 3);
    person.server.set(Mode::Up);
    assert_eq!(person.types(&discard).code(), 0);
    assert_eq!(person.types(&["sync"]).code(), 0);
    assert_eq!(person.server.entries().len(), 0);
}

#[test]
fn entries_are_changed_there_and_here() {
    let person = Person::known();
    person.types(&["add", "9-10 call"]);
    let id = person.server.entries()[0]["id"].as_str().unwrap().to_owned();
    let short = &id[28..];
    let said = person.types(&[
        "edit",
        short,
        "--note",
        "long call",
        "--stop",
        "10:30",
        "--project",
        "internal",
        "--billable",
    ]);
    assert!(
        said.out.starts_with("Changed  09:00–10:30  1:30  Internal  long call  $"),
        "{}",
        said.out
    );
    assert_eq!(person.types(&["edit", short]).code(), 2);
    assert_eq!(
        person.types(&["edit", "ffff0000", "--note", "x"]).failure.unwrap().code(),
        "not_found"
    );
    assert_eq!(person.types(&["edit", "zz", "--note", "x"]).code(), 2);
    person.server.set(Mode::Down);
    assert_eq!(person.types(&["edit", short, "--note", "x"]).code(), 3);
    // What waits here can be changed without a connection.
    let kept = person.types(&["--json", "add", "1h b"]).json();
    let waiting = kept["kept"]["id"].as_str().unwrap();
    let said = person.types(&["edit", &waiting[28..], "--duration", "2h", "--note", "better"]);
    assert_eq!(said.code(), 0, "{:?}", said.failure);
    person.server.set(Mode::Up);
    person.types(&["sync"]);
    let entry = &person.server.entries()[1];
    assert_eq!((&entry["note"], &entry["duration_s"]), (&json!("better"), &json!(7200)));
}

#[test]
fn lists() {
    let person = Person::known();
    person.types(&["add", "22:00-1:00 night wed"]);
    person.types(&["add", "1h today"]);
    let said = person.types(&["log", "--week"]);
    assert!(said.out.contains("Wed 18 Nov 2026"), "{}", said.out);
    assert!(said.out.contains("Thu 19 Nov 2026"), "{}", said.out);
    assert!(said.out.trim_end().ends_with("4:00"), "{}", said.out);
    let day = person.types(&["--json", "log", "--day", "thu"]).json();
    assert_eq!((&day["total_s"], &day["first"]), (&json!(3600), &json!("2026-11-19")));
    assert_eq!(person.types(&["log", "--first", "today", "--last", "yesterday"]).code(), 2);
    person.server.set(Mode::Down);
    assert_eq!(person.types(&["log"]).code(), 3);
}

#[test]
fn who_was_never_in_contact_is_told_that_nothing_was_kept() {
    let person = Person::new();
    for (mode, code) in [(Mode::Down, 3), (Mode::Portal, 3), (Mode::SignedOut, 4)] {
        person.server.set(mode);
        let said = person.types(&["add", "1h x"]);
        assert_eq!(said.code(), code, "{mode:?}");
    }
    person.server.set(Mode::Up);
    person.types(&["sync"]);
    assert_eq!(person.server.entries().len(), 0);
}

#[test]
fn a_token_that_has_ended_loses_nothing() {
    let person = Person::known();
    person.server.set(Mode::SignedOut);
    let said = person.types(&["add", "1h x"]);
    assert_eq!(said.code(), 0);
    assert!(said.notes.contains("tp login"), "{}", said.notes);
    assert_eq!(person.types(&["sync"]).code(), 4);
    person.server.set(Mode::Up);
    assert_eq!(person.types(&["sync"]).code(), 0);
    assert_eq!(person.server.entries().len(), 1);
}

#[test]
fn signing_in_sends_what_was_kept() {
    let person = Person::known();
    person.server.set(Mode::Down);
    person.types(&["add", "1h x"]);
    person.server.set(Mode::Up);
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let mut output =
        Output { is_json: false, has_colours: false, out: &mut out, notes: &mut notes };
    let credentials = Credentials {
        url: "https://time.example.org".to_owned(),
        token: "tp1_another".to_owned(),
        workspace_id: None,
        ca_file: None,
    };
    let (environment, machine) = (&person.environment, &person.machine);
    login::finish(&credentials, None, &person.server, environment, machine, &mut output).unwrap();
    assert_eq!(person.server.entries().len(), 1);
    let config = Config::load(&environment.config_folder).unwrap().unwrap();
    assert_eq!((config.member_name.as_str(), config.token.as_str()), ("Ann", "tp1_another"));
    logout::run(environment, &mut output).unwrap();
    assert!(Config::load(&environment.config_folder).unwrap().is_none());
    let out = String::from_utf8(out).unwrap();
    assert!(out.starts_with("Signed in to Studio as Ann."), "{out}");
}

#[test]
fn completions() {
    let person = Person::new();
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let mut output =
        Output { is_json: false, has_colours: false, out: &mut out, notes: &mut notes };
    let command =
        Command::Completions(crate::arguments::Completions { shell: clap_complete::Shell::Bash });
    run(command, &person.environment, &person.machine, &mut output).unwrap();
    assert!(String::from_utf8(out).unwrap().contains("_tp()"));
}

/// Somebody whose timer has run since ten past twelve, who is offline and starts another at half
/// past, and then says that it ended at one.
fn replaced_offline(end: impl Fn(&Person)) -> Vec<(String, i64)> {
    let person = Person::known();
    person.machine.set("2026-11-20T11:10:00Z");
    person.types(&["start", "first"]);
    person.server.set(Mode::Down);
    person.machine.set("2026-11-20T11:30:00Z");
    assert_eq!(person.types(&["start", "second"]).code(), 0);
    person.machine.set("2026-11-20T12:00:00Z");
    end(&person);
    assert!(person.types(&["status"]).out.contains("No timer is running."));
    person.server.set(Mode::Up);
    assert_eq!(person.types(&["sync"]).code(), 0);
    let length = |entry: &Value| {
        (entry["note"].as_str().unwrap().to_owned(), entry["duration_s"].as_i64().unwrap())
    };
    let entries = person.server.entries();
    assert!(entries.iter().all(|entry| entry["running"] == json!(false)), "{entries:?}");
    entries.iter().map(length).collect()
}

#[test]
fn a_start_without_a_connection_ends_the_timer_before_it() {
    let expected = [("first".to_owned(), 1200), ("second".to_owned(), 1800)];
    let stopped = replaced_offline(|person| assert_eq!(person.types(&["stop"]).code(), 0));
    assert_eq!(stopped, expected);
    let edited = replaced_offline(|person| {
        let id = person.types(&["--json", "status"]).json()["timer"]["id"].clone();
        let id = id.as_str().unwrap().to_owned();
        assert_eq!(person.types(&["edit", &id, "--stop", "13:00"]).code(), 0);
    });
    assert_eq!(edited, expected);
}

#[test]
fn a_decision_ends_the_timer_before_a_start_too() {
    let person = Person::known();
    person.machine.set("2026-11-20T11:10:00Z");
    person.types(&["start", "first"]);
    person.server.set(Mode::Down);
    person.machine.set("2026-11-20T11:30:00Z");
    person.types(&["start", "second @nowhere"]);
    person.server.set(Mode::Up);
    person.machine.set("2026-11-20T12:00:00Z");
    person.types(&["status"]);
    let shown = person.types(&["--json", "spool"]).json();
    let id = shown["waiting"][0]["id"].as_str().unwrap().to_owned();
    // The project stays unknown; the first timer ended all the same.
    let said = person.types(&["spool", "resolve", &id, "--until", "13:00"]);
    assert_eq!(said.failure.unwrap().code(), "unknown_project");
    let entries = person.server.entries();
    assert_eq!((entries.len(), &entries[0]["duration_s"]), (1, &json!(1200)));
    assert_eq!(person.types(&["spool", "resolve", &id, "--project", "none"]).code(), 0);
    assert_eq!(person.server.entries()[1]["duration_s"], 1800);
}

#[test]
fn a_clock_that_is_wrong_measures_right_without_a_connection() {
    for (at_start, at_stop) in [("10:50", "11:20"), ("11:10", "11:40")] {
        let person = Person::new();
        person.machine.set(&format!("2026-11-20T{at_start}:00Z"));
        person.server.set_clock("2026-11-20T11:00:00Z");
        let said = person.types(&["start", "planning", "--at", "-2m"]);
        assert_eq!(said.code(), 0, "{:?}", said.failure);
        person.server.set(Mode::Down);
        person.machine.set(&format!("2026-11-20T{at_stop}:00Z"));
        let status = person.types(&["status"]);
        assert!(status.out.starts_with("0:32:00  since 11:58"), "{}", status.out);
        assert_eq!(person.types(&["stop"]).code(), 0);
        person.server.set_clock("2026-11-20T12:00:00Z");
        person.server.set(Mode::Up);
        person.types(&["sync"]);
        assert_eq!(person.server.entries()[0]["duration_s"], 32 * 60, "{at_start}");
    }
}

#[test]
fn continue_takes_what_was_done_last() {
    let person = Person::known();
    person.server.set(Mode::Down);
    person.types(&["add", "1h monday's @nowhere"]);
    person.types(&["add", "1h monday's other"]);
    person.machine.set("2026-11-20T11:05:00Z");
    assert!(person.types(&["continue"]).out.contains("monday's other"));
    person.types(&["stop"]);
    person.server.set(Mode::Up);
    person.server.set_clock("2026-11-23T09:00:00Z");
    person.machine.set("2026-11-23T09:00:00Z");
    assert_eq!(person.types(&["sync"]).code(), 1);
    person.types(&["add", "1h fresh"]);
    assert!(person.types(&["continue"]).out.contains("fresh"));
}

#[test]
fn an_old_start_is_not_ended_now_without_a_word() {
    let person = Person::known();
    person.server.set(Mode::Down);
    person.types(&["start", "here @nowhere"]);
    person.server.set(Mode::Up);
    person.machine.set("2026-11-23T09:00:00Z");
    let said = person.types(&["stop"]);
    assert_eq!((said.code(), said.failure.as_ref().unwrap().code()), (1, "decision_needed"));
    let said = said.failure.unwrap().to_string();
    assert!(said.contains("Fri 20 Nov 2026 at 12:00"), "{said}");
    assert!(said.contains("--until TIME"), "{said}");
    let shown = person.types(&["spool"]).out;
    assert!(shown.contains("start at Fri 20 Nov 2026 12:00"), "{shown}");
    assert_eq!(person.types(&["stop", "--at", "2026-11-20T12:30"]).code(), 0);
    let shown = person.types(&["spool"]).out;
    assert!(shown.contains("12:00–Fri 20 Nov 2026 12:30"), "{shown}");
}

#[test]
fn names_that_were_made_a_minute_ago_are_found() {
    let person = Person::known();
    person.types(&["add", "1h a"]);
    let id = person.server.entries()[0]["id"].as_str().unwrap().to_owned();
    person.server.add_project(50, "Brand New");
    let said = person.types(&["edit", &id, "--project", "brand new"]);
    assert_eq!(said.code(), 0, "{:?}", said.failure);
    let tag = json!({ "name": "brand-new" });
    person.server.elsewhere("POST", "/api/v1/workspaces/w/tags", &tag);
    let said = person.types(&["edit", &id, "--tag", "brand-new"]);
    assert_eq!(said.code(), 0, "{:?}", said.failure);
    let entry = &person.server.entries()[0];
    assert_eq!(entry["project_id"], json!(uuid::Uuid::from_u128(50)));
    assert_eq!(entry["tag_ids"].as_array().unwrap().len(), 1);
}

#[test]
fn what_may_have_arrived_elsewhere_is_not_given_up_here() {
    let person = Person::known();
    person.server.set(Mode::LosesAnswers);
    let kept = person.types(&["--json", "add", "1h x"]).json();
    let id = kept["kept"]["id"].as_str().unwrap().to_owned();
    person.server.set(Mode::Up);
    let spool = crate::spool::Spool::open(person.environment.state_folder.join("spool")).unwrap();
    let name = spool.list().unwrap().remove(0).name;
    let discard = ["spool", "resolve", &id, "--discard"];
    // Sent for another account: this one's workspace knows nothing of it.
    let for_another = |waiting: &mut crate::spool::Waiting| {
        waiting.account.member_id = uuid::Uuid::from_u128(3);
        true
    };
    spool.change(&name, for_another).unwrap();
    person.server.delete(id.parse().unwrap());
    assert_eq!(person.types(&discard).failure.unwrap().code(), "other_account");
    assert_eq!(spool.list().unwrap().len(), 1);
    // Never sent, so it can be given up from anywhere, but not while another tp sends.
    let never_sent = |waiting: &mut crate::spool::Waiting| {
        waiting.request = None;
        true
    };
    spool.change(&name, never_sent).unwrap();
    let held = spool.lock_sending(&person.machine).unwrap();
    assert_eq!(person.types(&discard).failure.unwrap().code(), "being_sent");
    drop(held);
    assert_eq!(person.types(&discard).code(), 0);
    assert_eq!(spool.list().unwrap(), []);
}

/// The disk fails after the server has taken the entry.
#[test]
fn trouble_on_this_machine_after_the_answer_is_no_failure() {
    let person = Person::known();
    for steps in 0..40 {
        let before = person.server.entries().len();
        let state = &person.environment.state_folder;
        let credentials = person.credentials();
        let (mut out, mut notes) = (Vec::new(), Vec::new());
        let mut output =
            Output { is_json: false, has_colours: false, out: &mut out, notes: &mut notes };
        let mut session = Session::open(
            &person.machine,
            &person.environment,
            credentials,
            &person.server,
            &mut output,
        )
        .unwrap();
        let before_sent = person.server.entries().len();
        assert!(before_sent - before <= 1);
        let disk = crate::files::Disk::killed_after(steps);
        session.spool = crate::spool::Spool::on(state.join("spool"), disk);
        let draft = Draft {
            note: format!("act {steps}"),
            target: Target::Nothing,
            tags: Vec::new(),
            create_tags: false,
            billable: None,
            span: Span::Duration { day: jiff::civil::date(2026, 11, 20), duration_s: 60 },
        };
        let id = session.machine.new_id();
        let done = session.submit(id, crate::spool::Act::Entry(draft), "1m x");
        let spool = crate::spool::Spool::open(state.join("spool")).unwrap();
        let is_here = spool.list().unwrap().iter().any(|s| s.waiting.id == id);
        let is_there = person.server.entries().len() > before_sent;
        match done {
            Ok(Submitted::Kept { .. }) => assert!(is_here, "{steps}"),
            Ok(Submitted::Done(entry)) => assert!(is_there && entry.is_some(), "{steps}"),
            Err(failure) => assert!(!is_here && !is_there, "{steps} {failure}"),
        }
    }
}
