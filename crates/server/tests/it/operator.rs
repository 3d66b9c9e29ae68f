//! The operator's commands, as processes, on both engines.

use std::{
    collections::HashMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    browser::Browser,
    line::Line,
    process::{Ended, Owner, Place, path_of},
};

fn both(test: impl Fn(Place)) {
    test(Place::sqlite());
    test(Place::postgres(testkit::postgres::cluster().url()));
}

/// Ended well; what follows `begin` on its line.
fn said(ended: &Ended, begin: &str) -> String {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let found = ended.said.lines().find_map(|line| line.strip_prefix(begin));
    found.unwrap_or_else(|| panic!("{begin:?} in {ended:?}")).to_owned()
}

/// Ended badly, with a sentence that holds `part`.
fn complained(ended: &Ended, part: &str) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.said.is_empty(), "{ended:?}");
    let complaint = ended.log.lines().find(|line| line.starts_with("timeproof: "));
    assert!(complaint.is_some() && ended.log.contains(part), "{part:?} in {ended:?}");
}

#[test]
fn an_empty_server_prints_a_set_up_link_until_there_is_a_workspace() {
    both(|place| {
        complained(&place.run(&["link"]), "There is no Timeproof in");
        let mut server = place.start(&[]);
        let first = path_of(&server.hear("Set up: ").expect("a link"));
        let mut browser = Browser::new(&server);
        assert_eq!(browser.get(&first).status, 303, "it leads to the form");
        // While the server runs; older links stop working.
        let second = path_of(&said(&place.run(&["link"]), "Set up: "));
        assert_eq!(browser.get(&second).status, 303);
        assert_ne!(browser.get(&first).status, 303);
        complained(&place.run(&["link", "ann@example.org"]), "Nobody has the address");
        assert!(server.terminate());

        place.furnish();
        let mut server = place.start(&[]);
        complained(&place.run(&["link"]), "There is a workspace already");
        assert!(server.terminate());
        assert_eq!(server.hear("Set up: "), None);
    });
}

#[test]
fn a_fresh_link_signs_in_while_the_server_runs() {
    both(|place| {
        let owner = place.furnish();
        let server = place.start(&[]);
        let public = ["link", " Owner@Example.com ", "--public-url", "https://time.example/"];
        let link = said(&place.run(&public), "Sign in: ");
        assert!(link.starts_with("https://time.example/enter/"), "{link}");
        let path = path_of(&link);
        let mut browser = Browser::new(&server);
        assert_eq!(browser.get(&path).status, 200);
        let answer = browser.post(&path, &[]);
        assert_eq!(answer.status, 303, "{}", answer.text());
        let today = format!("/w/{}/today", owner.workspace);
        assert_eq!(browser.get(&today).status, 200);
        complained(&place.run(&["link", "owner"]), "not an e-mail address");
        complained(&place.run(&["link", "nobody@example.com"]), "Nobody has the address");
    });
}

/// Adds an entry with a note of its own.
fn add(line: &mut Line, owner: &Owner, number: usize) -> Option<Uuid> {
    let id =
        Uuid::from_u128((0x0193_0000_0000_7000_8000 << 48) + u128::try_from(number).unwrap() + 1);
    let body = json!({
        "id": id, "day": "2026-11-02", "duration_s": 60, "note": format!("note {number}"),
    });
    let path = format!("/workspaces/{}/time-entries", owner.workspace);
    let answer = line.api(&owner.token, "POST", &path, Some(&body)).ok()?;
    assert_eq!(answer.status, 201, "{}", answer.text());
    Some(id)
}

/// Exports the workspace, checks every file against the manifest, and gives the rows of a table.
fn export(place: &Place, name: &str) -> HashMap<String, Vec<Value>> {
    let dir = place.home().join(name);
    let to = dir.display().to_string();
    let ended = place.run(&["export", "A workspace", "--to", &to]);
    assert!(ended.code == Some(0) && ended.said.starts_with("Exported "), "{ended:?}");
    let manifest: Value =
        serde_json::from_slice(&fs::read(dir.join("manifest.json")).unwrap()).unwrap();
    let mut tables = HashMap::new();
    for file in manifest["files"].as_array().unwrap() {
        let name = file["name"].as_str().unwrap();
        let bytes = fs::read(dir.join(name)).unwrap();
        let mut checksum = app::export::Checksum::new();
        checksum.update(&bytes);
        let hex = checksum.hex();
        assert_eq!(
            (file["sha256"].as_str(), file["size_bytes"].as_u64()),
            (Some(hex.as_str()), u64::try_from(bytes.len()).ok()),
            "{name}"
        );
        let rows = usize::try_from(file["rows"].as_u64().unwrap()).unwrap();
        if let Some(table) = name.strip_suffix(".jsonl") {
            let lines = std::str::from_utf8(&bytes).unwrap().lines();
            let objects: Vec<Value> =
                lines.map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(objects.len(), rows, "{name}");
            tables.insert(table.to_owned(), objects);
        } else {
            let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).expect("a byte order mark");
            let mut reader = csv::Reader::from_reader(bytes);
            let columns: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
            assert_eq!(json!(columns), file["columns"], "{name}");
            assert_eq!(reader.records().map(Result::unwrap).count(), rows, "{name}");
        }
    }
    private(&dir);
    tables
}

/// Nobody else can read anything below a folder.
fn private(dir: &Path) {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(dir), 0o700, "{}", dir.display());
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            private(&path);
        } else {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }
}

/// Notes by entry.
fn notes(tables: &HashMap<String, Vec<Value>>) -> HashMap<Uuid, String> {
    let entry = |row: &Value| {
        let id = row["id"].as_str().unwrap().parse().unwrap();
        (id, row["note"].as_str().unwrap().to_owned())
    };
    tables["time_entries"].iter().map(entry).collect()
}

#[test]
fn a_copy_under_load_can_be_started_on() {
    both(|place| {
        let owner = place.furnish();
        let server = place.start(&[]);
        let dir = place.home().join("copy");
        let to = dir.display().to_string();
        let mut before: Vec<Uuid> = Vec::new();
        let mut line = server.line();
        for number in 0..100 {
            before.extend(add(&mut line, &owner, number));
        }
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for writer in 1..=4 {
                let (mut line, owner, is_over) = (server.line(), &owner, &is_over);
                scope.spawn(move || {
                    let mut number = writer * 100_000;
                    while !is_over.load(Ordering::Relaxed) {
                        add(&mut line, owner, number).unwrap();
                        number += 1;
                    }
                });
            }
            let ended = place.run(&["copy", &to]);
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(
                said(&ended, "Copied "),
                format!("1 workspaces, the directory and all keys to {to}")
            );
        });
        drop(server);
        private(&dir);

        let copy = Place::at(&dir);
        let (all, copied) = (export(&place, "all"), export(&copy, "all"));
        let (all, copied) = (notes(&all), notes(&copied));
        for id in &before {
            assert!(copied.contains_key(id), "{id} was acknowledged before the copy began");
        }
        for (id, note) in &copied {
            assert_eq!(all.get(id), Some(note));
        }
        assert!(copied.len() <= all.len());
        println!("{} of {} entries in the copy", copied.len(), all.len());

        // The copy serves, and the two go their own ways from now on.
        let server = copy.start(&[]);
        add(&mut server.line(), &owner, 7_000_000).unwrap();
        server.kill();
        assert_eq!(notes(&export(&copy, "after")).len(), copied.len() + 1);
        assert_eq!(notes(&export(&place, "after")).len(), all.len());
        complained(&place.run(&["copy", &to]), "is not empty");
    });
}

#[test]
fn what_was_copied_halfway_does_not_start() {
    let place = Place::sqlite();
    place.furnish();
    let dir = place.home().join("copy");
    said(&place.run(&["copy", &dir.display().to_string()]), "Copied ");
    // The root key is what comes last.
    fs::remove_file(dir.join("root.key")).unwrap();
    let ended = Place::at(&dir).run(&[]);
    complained(&ended, "this root key is not the one the keyring was made under");
    let missing = place.home().join("nowhere");
    let elsewhere = Place::at(&missing);
    complained(&elsewhere.run(&["copy", "/nowhere/at-all"]), "There is no Timeproof in");
}

#[test]
fn an_export_holds_a_workspace_named_by_id_or_name() {
    both(|place| {
        let owner = place.furnish();
        let server = place.start(&[]);
        add(&mut server.line(), &owner, 1).unwrap();
        let tables = export(&place, "by-name");
        assert_eq!(tables["time_entries"][0]["note"], "note 1");
        assert_eq!(tables["members"][0]["email"], "owner@example.com");
        assert_eq!(tables["workspace"][0]["name"], "A workspace");
        let kinds: Vec<_> = tables["events"].iter().map(|row| row["kind"].clone()).collect();
        assert!(kinds.contains(&json!("workspace.exported")), "{kinds:?}");
        let id = owner.workspace.to_string();
        let to = place.home().join("by-id").display().to_string();
        let ended = place.run(&["export", &id, "--to", &to]);
        assert!(said(&ended, "Exported ").ends_with(&to), "{ended:?}");
        complained(&place.run(&["export", &id, "--to", &to]), "is not empty");
        let ended = place.run(&["export", "Another workspace"]);
        complained(&ended, "No workspace is called");
        complained(&ended, &format!("{id}  A workspace"));
    });
}

#[test]
fn the_demo_starts_in_an_empty_folder_and_goes_on_in_it() {
    let place = Place::sqlite();
    let mut tokens: Vec<String> = Vec::new();
    for start in ["first", "second"] {
        let mut command = place.program();
        command.arg("demo");
        let mut server = place.start_by(command, &[]);
        let mut browser = Browser::new(&server);
        let link = path_of(&server.hear("Sign in: ").expect("a link"));
        assert_eq!(browser.get(&link).status, 200, "{start}: a page with a button");
        let token = server.hear("API token: ").expect("a token");
        let answer = server.line().api(&token, "GET", "/workspaces", None).unwrap();
        assert_eq!(answer.status, 200, "{start}: {}", answer.text());
        for older in &tokens {
            let answer = server.line().api(older, "GET", "/workspaces", None).unwrap();
            assert_eq!(answer.status, 401, "{start}");
        }
        tokens.push(token);
        assert!(server.terminate());
    }
}
