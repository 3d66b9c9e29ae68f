//! What somebody can write without a signature: events that wait for a head, and keys under the names of
//! witnesses.

use ledger::Signer;
use ledger::key::Kind;
use serde_json::json;
use uuid::Uuid;

use super::fixture::To;
use super::*;

/// What the only thing that was found is, by both verifiers.
fn found(fixture: &Fixture, ask: impl FnOnce(&mut Request)) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    fixture.write(folder.path());
    let mut request = Request { folder: folder.path().to_owned(), ..Request::default() };
    ask(&mut request);
    found_in(&request)
}

fn id_of(row: &serde_json::Value, name: &str) -> Uuid {
    row[name].as_str().unwrap().parse().unwrap()
}

#[test]
fn an_event_that_waits_takes_no_tags_away() {
    let mut fixture = fixture(0);
    let entry = id_of(&fixture.tables["entry_tags"][0], "entry_id");
    fixture.record("time_entry.changed", "time_entry", entry, &[("tags", To::Nothing)]);
    let is_of_it = |row: &serde_json::Value| id_of(row, "entry_id") == entry;
    fixture.tables.get_mut("entry_tags").unwrap().retain(|row| !is_of_it(row));
    assert_eq!(found(&fixture, |_| {}), Vec::<String>::new(), "under a head it does");
    fixture.pending = 1;
    assert_eq!(found(&fixture, |_| {}), ["row.pending"]);
}

#[test]
fn an_event_that_waits_puts_nobody_anywhere() {
    for (table, kind, object) in [
        ("project_members", "project.member_put", "project"),
        ("team_members", "team.member_put", "team"),
    ] {
        let mut fixture = fixture(0);
        let whole =
            id_of(&fixture.tables[if object == "team" { "teams" } else { "projects" }][0], "id");
        let member = fixture.id();
        fixture.record(kind, object, whole, &[("member", To::Id(member))]);
        let row = json!({ format!("{object}_id"): whole, "member_id": member, "manager": null });
        fixture.tables.get_mut(table).unwrap().push(row);
        fixture.pending = 1;
        assert_eq!(found(&fixture, |_| {}), ["row.pending"], "{table}");
    }
}

#[test]
fn an_export_brings_no_witnesses_of_its_own() {
    let witness = |seed| Signer::new("one.example", Kind::Witness, &[seed; 32]).unwrap();
    let (true_one, false_one) = (witness(1), witness(2));
    let mut fixture = fixture(0);
    let note = fixture.note();
    let forged = false_one.sign(note.text(), 1_795_176_100);
    fixture.head = Some(note.with(forged).unwrap().to_string());
    fixture.keys.push(false_one.verifier().to_string());
    let wanted = true_one.verifier().to_string();
    let ask = |request: &mut Request| request.witnesses.push(wanted.clone());
    assert_eq!(found(&fixture, ask), ["witness.missing"]);
    // Also where its list of keys is given as if it were one's own.
    let keys = fixture.keys.clone();
    let asked = found(&fixture, |request| {
        request.keys.extend(keys);
        request.witnesses.push(wanted.clone());
    });
    assert_eq!(asked, ["witness.missing"]);
}
