//! `timeproof restore`: a copy brought back into PostgreSQL.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    folder::names,
    operator::{complained, said},
    process::{Owner, Place, Running},
};

fn postgres() -> Place {
    Place::postgres(testkit::postgres::cluster().url())
}

/// Something of every kind.
fn work(server: &Running, owner: &Owner) {
    let mut line = server.line();
    let mut make = |path: &str, body: Value| -> Value {
        let path = format!("/workspaces/{}{path}", owner.workspace);
        let made = line.api(&owner.token, "POST", &path, Some(&body)).unwrap();
        assert!(made.status < 300, "{}", made.text());
        made.json()
    };
    let client = make("/clients", json!({ "name": "Northwind" }));
    let project = make("/projects", json!({ "name": "Planning", "client_id": client["id"] }));
    let task = make("/tasks", json!({ "name": "Review", "project_id": project["id"] }));
    let tag = make("/tags", json!({ "name": "on site" }));
    for number in 0..20 {
        make(
            "/time-entries",
            json!({ "day": "2026-11-02", "duration_s": 60 + number, "note": format!("Ünique {number}"),
                "project_id": project["id"], "task_id": task["id"], "tag_ids": [tag["id"]] }),
        );
    }
    make("/timer", json!({ "note": "running" }));
    make("/invitations", json!({ "email": "guest@example.com", "role": "member" }));
    // What refers to tables that were made later: a restore fills those first.
    let client = client["id"].clone();
    make(
        "/invitations",
        json!({ "email": "buyer@example.com", "role": "client", "client_id": client }),
    );
    let role = make("/roles", json!({ "name": "Bookkeeper", "rights": ["read_all_time"] }));
    let role = role["id"].clone();
    make("/invitations", json!({ "email": "books@example.com", "role": "own", "role_id": role }));
}

/// What the directory has to tell is told within a second or so, by whoever has it then.
const PASSING: [&str; 3] = ["workspace.exported", "operator.command", "directory.act"];

/// Whether a line is of something that one of two exports may have alone: a row, or the leaf of one.
fn is_passing(line: &str) -> bool {
    let row: Value = serde_json::from_str(line).unwrap();
    let leaf = row["leaf"].as_str().map(|leaf| BASE64_STANDARD.decode(leaf).unwrap());
    let bytes = leaf.as_deref().unwrap_or(line.as_bytes());
    PASSING.iter().any(|kind| bytes.windows(kind.len()).any(|found| found == kind.as_bytes()))
}

/// Every row that an export has, but what exporting itself leaves.
fn exported(place: &Place, name: &str) -> BTreeMap<String, Vec<String>> {
    let dir = place.home().join(name);
    let to = dir.display().to_string();
    let ended = place.run(&["export", "A workspace", "--to", &to]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in std::fs::read_dir(&dir).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "jsonl") {
            let text = std::fs::read_to_string(&path).unwrap();
            let rows = text.lines().filter(|line| !is_passing(line));
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            tables.insert(name, rows.map(str::to_owned).collect());
        }
    }
    assert!(tables["time_entries"].len() == 21 && tables["events"].len() > 20);
    tables
}

#[test]
fn a_copy_is_restored_into_an_empty_postgresql_and_served() {
    for source in [postgres(), Place::sqlite()] {
        let owner = source.furnish();
        let server = source.start(&[]);
        work(&server, &owner);
        let copy = source.home().join("copy").display().to_string();
        assert_eq!(source.run(&["copy", &copy]).code, Some(0));
        drop(server);

        let target = postgres();
        let ended = target.run(&["restore", &copy]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.said.starts_with("Restored 1 workspace, "), "{ended:?}");
        assert_eq!(exported(&source, "before"), exported(&target, "after"));
        let server = target.start(&[]);
        let mut line = server.line();
        let entries = owner.entries(&mut line, "");
        assert_eq!(entries.len(), 21);
        assert!(entries.values().any(|entry| entry["note"] == "Ünique 7"), "the words open");
        let body = json!({ "day": "2026-11-03", "duration_s": 60, "note": "and it goes on" });
        let path = format!("/workspaces/{}/time-entries", owner.workspace);
        let made = line.api(&owner.token, "POST", &path, Some(&body)).unwrap();
        assert_eq!(made.status, 201, "{}", made.text());
        drop(server);

        // Nothing is overwritten: neither keys nor schemas.
        let again = target.run(&["restore", &copy]);
        assert!(again.code == Some(1) && again.log.contains("already"), "{again:?}");
        let other = target.home().join("other").display().to_string();
        let again = target.run_with(&other, &["restore", &copy]);
        assert!(again.code == Some(1) && again.log.contains("schemas already"), "{again:?}");
    }
}

#[test]
fn what_is_no_copy_is_not_restored() {
    let place = Place::sqlite();
    let refused = |place: &Place, dir: &str, words: &str| {
        let ended = place.run(&["restore", dir]);
        assert!(ended.code == Some(1) && ended.log.contains(words), "{words:?} in {ended:?}");
        assert!(!place.data().join("root.key").exists(), "nothing starts on half of it");
    };
    refused(&place, "copy", "give --database-url");
    let target = postgres();
    refused(&target, "/nowhere", "root.key is not there");
    // A copy that lacks its databases, or whose file is damaged.
    place.furnish();
    let copy = place.home().join("copy");
    let dir = copy.display().to_string();
    assert_eq!(place.run(&["copy", &dir]).code, Some(0));
    let database = workspaces_file(&copy);
    let whole = std::fs::read(&database).unwrap();
    std::fs::write(&database, &whole[..whole.len() / 2]).unwrap();
    refused(&target, &dir, "malformed");
    refused(&target, &dir, database.file_name().unwrap().to_str().unwrap());
    assert!(!names(&target.data()).iter().any(|path| path.ends_with("restore.db")));
    std::fs::write(&database, &whole).unwrap();
    // What was made of it is gone, so that the whole copy can be restored.
    let ended = target.run(&["restore", &dir]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

/// Keys are kept apart, and copies on media that nothing can be written to.
#[test]
fn a_copy_is_restored_with_its_own_keyring_alone_and_stays_as_it_is() {
    let place = Place::sqlite();
    place.furnish();
    let copy = place.home().join("copy");
    let dir = copy.display().to_string();
    said(&place.run(&["copy", &dir]), "Copied 1 workspace, ");
    let keyrings = ["keyring-a", "keyring-b"];
    for name in keyrings {
        std::fs::remove_file(copy.join(name).join("keyring.lock")).unwrap();
        std::fs::rename(copy.join(name), place.home().join(name)).unwrap();
    }
    let target = postgres();
    let refused = |words: &str| {
        let before = names(&copy);
        complained(&target.run(&["restore", &dir]), words);
        assert_eq!(names(&copy), before);
        assert!(!target.data().join("root.key").exists());
    };
    refused("The keyring of the copy is missing: put back ");
    // A folder of that name is not yet a keyring.
    std::fs::create_dir(copy.join("keyring-a")).unwrap();
    refused("The keyring of the copy is missing: put back ");
    std::fs::remove_dir(copy.join("keyring-a")).unwrap();

    // The keys of another instance open nothing of it.
    let other = Place::sqlite();
    other.furnish();
    let foreign = other.data();
    let own = copy.join("root.key");
    std::fs::rename(&own, place.home().join("root.key")).unwrap();
    std::fs::rename(foreign.join("root.key"), &own).unwrap();
    std::fs::rename(foreign.join("keyring-a"), copy.join("keyring-a")).unwrap();
    refused("keyring");
    std::fs::remove_dir_all(copy.join("keyring-a")).unwrap();
    std::fs::rename(place.home().join("root.key"), &own).unwrap();

    // One of its two keyrings is enough, and nothing of what was refused is in the way.
    std::fs::rename(place.home().join("keyring-b"), copy.join("keyring-b")).unwrap();
    let before = names(&copy);
    said(&target.run(&["restore", &dir]), "Restored 1 workspace, ");
    assert_eq!(names(&copy), before);
    assert!(target.start(&[]).terminate());
}

fn workspaces_file(copy: &std::path::Path) -> std::path::PathBuf {
    let shard = std::fs::read_dir(copy.join("workspaces")).unwrap().next().unwrap().unwrap();
    std::fs::read_dir(shard.path()).unwrap().next().unwrap().unwrap().path()
}
