//! What was kept for a decision, and what comes of it.

use super::*;

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
        assert!(status.notes.contains("needs your decision"), "{}", status.notes);
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

#[test]
fn what_needs_nothing_sent_does_not_wait_for_another_tp_that_sends() {
    let person = Person::known();
    person.types(&["add", "1h x"]);
    let spool = crate::spool::Spool::open(person.environment.state_folder.join("spool")).unwrap();
    let held = spool.lock_sending(&person.machine).unwrap();
    let said = person.types(&["log"]);
    assert_eq!((said.code(), said.notes.as_str()), (0, ""), "{:?}", said.failure);
    // With something to send too: what is asked for is there, and the other one sends it.
    person.server.set(Mode::Down);
    person.types(&["add", "1h y"]);
    person.server.set(Mode::Up);
    let said = person.types(&["log"]);
    assert_eq!(said.code(), 0, "{:?}", said.failure);
    let kept = person.types(&["add", "1h z"]);
    assert_eq!(kept.code(), 0, "{:?}", kept.failure);
    assert!(format!("{}{}", kept.out, kept.notes).contains("another tp is sending"));
    assert_eq!(person.types(&["sync"]).code(), 1);
    drop(held);
    assert_eq!(person.types(&["sync"]).code(), 0);
    assert_eq!(person.server.entries().len(), 3);
}

/// The ids in front of the acts, as they are shown.
fn shown_ids(shown: &str) -> Vec<String> {
    let acts = shown.lines().filter(|line| !line.starts_with(' '));
    acts.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

/// A timer that ran, a start that ended it and cannot be sent, and its stop elsewhere.
fn two_to_decide() -> (Person, String) {
    let person = Person::known();
    let first = person.types(&["--json", "start", "first"]).json()["id"].clone();
    person.server.set(Mode::Down);
    person.machine.set("2026-11-20T11:17:00Z");
    person.types(&["start", "second @nowhere"]);
    person.machine.set("2026-11-20T11:30:00Z");
    person.types(&["stop"]);
    person.server.set(Mode::Up);
    let stop = json!({ "id": first, "stopped_at": "2026-11-20T11:40:00Z" });
    person.server.elsewhere("POST", "/api/v1/workspaces/w/timer/stop", &stop);
    person.machine.set("2026-11-20T11:50:00Z");
    person.types(&["sync"]);
    let shown = person.types(&["spool"]).out;
    (person, shown)
}

#[test]
fn each_act_has_an_id_of_its_own_and_says_what_it_is_about() {
    let (person, shown) = two_to_decide();
    let ids = shown_ids(&shown);
    assert_eq!(ids.len(), 2, "{shown}");
    assert!(shown.contains("stop at 12:17  first"), "{shown}");
    let said = person.types(&["spool", "resolve", &ids[0], "--discard"]);
    assert_eq!(said.out, "Given up: stop at 12:17  first\n", "{:?}", said.failure);
    let said = person.types(&["spool", "resolve", &ids[1], "--project", "none"]);
    assert_eq!(said.code(), 0, "{:?}", said.failure);
    let lengths: Vec<_> =
        person.server.entries().iter().map(|entry| entry["duration_s"].clone()).collect();
    assert_eq!(lengths, [2400, 780]);
}

#[test]
fn nothing_ends_in_a_time_to_come() {
    let person = Person::known();
    person.server.set(Mode::Down);
    person.types(&["start", "here @nowhere"]);
    person.server.set(Mode::Up);
    person.machine.set("2026-11-20T11:30:00Z");
    person.types(&["sync"]);
    let id = shown_ids(&person.types(&["spool"]).out).remove(0);
    let said = person.types(&["spool", "resolve", &id, "--until", "23:00"]);
    assert_eq!(said.failure.unwrap().to_string(), "23:00 has not come yet.");
    assert!(person.types(&["spool"]).out.contains("start at 12:00"));
}

#[test]
fn an_end_that_was_decided_is_told_and_can_be_decided_anew() {
    let person = Person::known();
    person.server.set(Mode::Down);
    person.types(&["start", "here @nowhere"]);
    person.server.set(Mode::Up);
    person.machine.set("2026-11-20T12:30:00Z");
    person.types(&["sync"]);
    let id = shown_ids(&person.types(&["spool"]).out).remove(0);
    for (until, shown) in [("13:00", "12:00–13:00"), ("12:15", "12:00–12:15")] {
        let said = person.types(&["spool", "resolve", &id, "--until", until]);
        assert!(said.notes.contains(&format!("decided: {shown}")), "{}", said.notes);
        assert_eq!(said.failure.unwrap().code(), "unknown_project");
        assert!(person.types(&["spool"]).out.contains(shown));
    }
    let said = person.types(&["spool", "resolve", &id, "--project", "none"]);
    assert_eq!(said.code(), 0, "{:?}", said.failure);
    assert_eq!(person.server.entries()[0]["duration_s"], 900);
}
