//! Who is not known to the server, or no longer.

use super::*;

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

/// What a command says without `config.toml`, as `tp` would.
fn unsigned(person: &Person, words: &[&str]) -> Said {
    let arguments =
        <Arguments as clap::Parser>::try_parse_from(["tp"].iter().chain(words)).unwrap();
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let mut output =
        Output { is_json: false, has_colours: false, out: &mut out, notes: &mut notes };
    let done = run(arguments.command, &person.environment, &person.machine, &mut output);
    Said {
        out: String::from_utf8(out).unwrap(),
        notes: String::from_utf8(notes).unwrap(),
        failure: done.err(),
    }
}

#[test]
fn what_waits_is_shown_and_given_up_also_after_signing_out() {
    let person = Person::known();
    person.server.set(Mode::Down);
    person.types(&["add", "1h first @internal"]);
    person.types(&["add", "2h second"]);
    let out = unsigned(&person, &["logout"]);
    assert!(out.notes.contains("2 actions are waiting"), "{}", out.notes);
    let status = unsigned(&person, &["status"]);
    assert_eq!(status.code(), 4);
    assert!(status.notes.contains("2 actions are waiting to be sent"), "{}", status.notes);
    let spool = unsigned(&person, &["spool"]);
    assert_eq!(spool.code(), 0);
    for words in ["1h first @internal  (typed Fri 20 Nov 2026 11:00 UTC)", "time.example.org"] {
        assert!(spool.out.contains(words), "{words} in {}", spool.out);
    }
    assert!(spool.notes.contains("You are not signed in"), "{}", spool.notes);
    let id = spool.out.split_whitespace().next().unwrap();
    let keep = unsigned(&person, &["spool", "resolve", id, "--keep"]);
    assert_eq!(keep.failure.unwrap().code(), "other_account");
    let given_up = unsigned(&person, &["spool", "resolve", id, "--discard"]);
    assert_eq!(given_up.out, "Given up: 1h first @internal\n", "{:?}", given_up.failure);
    person.server.set(Mode::Up);
    assert_eq!(person.types(&["sync"]).code(), 0);
    assert_eq!(person.server.entries().len(), 1);
}

#[test]
fn a_server_that_answers_is_not_called_no_connection() {
    let person = Person::known();
    person.server.set(Mode::Busy);
    for command in ["log", "status"] {
        let said = person.types(&[command]);
        let words = format!("{}{:?}", said.notes, said.failure);
        assert!(words.contains("the server says: "), "{words}");
        assert!(!words.contains("connection") && !words.contains(".."), "{words}");
    }
}
