//! Without a connection: entries and timers as they were typed.

use super::*;

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
    assert!(said.notes.contains("the line is cut. 1 action is waiting for"), "{}", said.notes);
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
