//! Projects that are made with the entry, because that was said.

use super::*;

fn kept_id(said: &Said) -> String {
    said.json()["kept"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_project_is_made_with_its_entry_when_that_is_said() {
    let person = Person::known();
    person.server.let_make_projects();
    let refused = person.types(&["add", "1h @hiring"]).failure.unwrap();
    assert_eq!(refused.code(), "unknown_project");
    let said = person.types(&["add", "--create-project", "1h talk @Hiring"]);
    assert!(said.out.starts_with("Added  1:00  Hiring  talk"), "{} {:?}", said.out, said.failure);
    // Known from now on, and what is known is not made anew.
    let said = person.types(&["start", "more @hiring", "--create-project"]);
    assert!(said.out.contains("Hiring  more"), "{} {:?}", said.out, said.failure);
    assert_eq!(person.types(&["add", "1h @hiring"]).code(), 0);
    let names = person.server.project_names();
    assert_eq!(names.iter().filter(|name| *name == "Hiring").count(), 1);
    let refused = person.types(&["add", "--create-project", "1h @design"]).failure.unwrap();
    assert_eq!(refused.code(), "ambiguous_project");
}

#[test]
fn who_may_not_make_projects_is_told_who_can() {
    let person = Person::known();
    let refused = person.types(&["add", "1h @Hiring"]).failure.unwrap();
    assert!(refused.to_string().ends_with("book on. An admin can make it."), "{refused}");
    let refused = person.types(&["add", "--create-project", "1h @Hiring"]).failure.unwrap();
    assert_eq!(refused.code(), "unknown_project");
    assert!(refused.to_string().ends_with("An admin can make it."), "{refused}");
    assert_eq!(person.server.entries().len(), 0);
    assert!(person.types(&["spool"]).out.contains("Nothing waits"), "refused at once, not kept");
}

#[test]
fn what_is_to_be_made_is_kept_with_its_line() {
    let person = Person::known();
    person.server.let_make_projects();
    person.server.set(Mode::Down);
    person.types(&["add", "--create-project", "1h talk @Hiring"]);
    person.types(&["add", "1h other @Hiring"]);
    person.types(&["add", "1h third @Packing"]);
    person.server.set(Mode::Up);
    assert_eq!(person.types(&["sync"]).code(), 1);
    let made: Vec<Value> =
        person.server.entries().into_iter().map(|entry| entry["note"].clone()).collect();
    assert_eq!(made, ["talk", "other"]);
    let shown = person.types(&["spool"]).out;
    assert!(shown.contains("--project PATH | --create-project | --keep | --discard"), "{shown}");
    let id = shown.split_whitespace().next().unwrap().to_owned();
    let said = person.types(&["spool", "resolve", &id, "--create-project"]);
    assert!(said.out.contains("Packing  third"), "{} {:?}", said.out, said.failure);
    assert_eq!(person.server.project_names().iter().filter(|name| *name == "Packing").count(), 1);
}

#[test]
fn a_request_whose_answer_is_lost_makes_its_project_once() {
    let person = Person::known();
    person.server.let_make_projects();
    person.server.set(Mode::LosesAnswers);
    person.types(&["add", "--create-project", "1h talk @Hiring"]);
    person.server.set(Mode::Up);
    assert_eq!(person.types(&["sync"]).code(), 0);
    assert_eq!(person.server.entries().len(), 1);
    assert_eq!(person.server.project_names().iter().filter(|name| *name == "Hiring").count(), 1);
}

#[test]
fn a_decision_that_is_refused_shows_the_newest_reason() {
    let person = Person::known();
    person.server.set(Mode::Down);
    let id = kept_id(&person.types(&["--json", "add", "1h talk @northwind"]));
    person.server.set(Mode::Up);
    person.types(&["status"]);
    // In the words that are said with a connection.
    let shown = person.types(&["spool"]).out;
    let question = person.types(&["add", "1h talk @northwind"]).failure.unwrap().to_string();
    assert!(question.contains("is a client: which project?"), "{question}");
    assert!(shown.contains(&question), "{shown}");

    let resolve = |words: &[&str]| {
        let all: Vec<&str> = ["spool", "resolve", &id].iter().chain(words).copied().collect();
        person.types(&all)
    };
    let refused = resolve(&["--create-project"]).failure.unwrap().to_string();
    let shown = person.types(&["spool"]).out;
    assert!(shown.contains(&refused) && refused.contains("@northwind. An admin"), "{shown}");
    assert!(!shown.contains(&question) && !shown.contains("--create-project"), "{shown}");
    // Booked on something else, what was said of the names before is not said of the new ones.
    person.server.set(Mode::Down);
    assert_eq!(person.types(&["edit", &id, "--project", "Elsewhere"]).code(), 0);
    person.server.let_make_projects();
    person.server.set(Mode::Up);
    person.types(&["sync"]);
    let shown = person.types(&["spool"]).out;
    assert!(shown.contains("There is no project @Elsewhere") && !shown.contains(&refused));
    assert_eq!(resolve(&["--project", "none"]).code(), 0);
}

/// The server is there, and cannot carry it out now.
#[test]
fn a_decision_that_is_postponed_says_why() {
    let person = Person::known();
    person.server.set(Mode::Down);
    let id = kept_id(&person.types(&["--json", "add", "1h stumble @nowhere"]));
    person.server.set(Mode::Up);
    person.types(&["status"]);
    let said = person.types(&["spool", "resolve", &id, "--project", "none"]);
    assert_eq!(said.code(), 0);
    assert!(said.notes.contains("No: internal."), "{}", said.notes);
    assert!(!said.notes.contains("there is no connection"), "{}", said.notes);
}

#[test]
fn only_names_that_are_not_known_can_be_made() {
    let person = Person::known();
    person.server.set(Mode::Down);
    let id = kept_id(&person.types(&["--json", "add", "1h b #unheard"]));
    person.server.set(Mode::Up);
    person.types(&["status"]);
    assert_eq!(person.types(&["spool", "resolve", &id, "--create-project"]).code(), 2);
}
