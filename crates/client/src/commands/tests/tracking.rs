//! With a connection: entries, the timer, lists, names.

use super::*;

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
    // Made later, though it was done before, and one that is still to come was made before both.
    person.types(&["stop"]);
    person.server.set_clock("2026-11-23T09:10:00Z");
    person.types(&["add", "2026-12-24 8h a day off"]);
    person.server.set_clock("2026-11-23T09:20:00Z");
    person.types(&["add", "yesterday 5m made last"]);
    assert!(person.types(&["continue"]).out.contains("made last"));
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
            create_project: false,
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
