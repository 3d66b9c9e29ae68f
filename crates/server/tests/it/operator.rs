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
    process::{Ended, Owner, Place, Running, path_of},
};

pub(crate) fn both(test: impl Fn(Place)) {
    test(Place::sqlite());
    test(Place::postgres(testkit::postgres::cluster().url()));
}

/// Ended well; what follows `begin` on its line.
pub(crate) fn said(ended: &Ended, begin: &str) -> String {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let found = ended.said.lines().find_map(|line| line.strip_prefix(begin));
    found.unwrap_or_else(|| panic!("{begin:?} in {ended:?}")).to_owned()
}

/// Ended badly, with a sentence that holds `part`.
pub(crate) fn complained(ended: &Ended, part: &str) {
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
        // A head and keys have no rows.
        let Some(rows) = file["rows"].as_u64() else { continue };
        let rows = usize::try_from(rows).unwrap();
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
                format!("1 workspace, the directory and all keys to {to}")
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
    complained(&ended, "root.key is missing in data: put it back");
    let missing = place.home().join("nowhere");
    let elsewhere = Place::at(&missing);
    complained(&elsewhere.run(&["copy", "/nowhere/at-all"]), "There is no Timeproof in");
}

/// The two workspaces of a folder, each with its file.
fn seeded(place: &Place) -> Vec<(String, std::path::PathBuf)> {
    said(&place.run(&["seed", "--workspaces", "2"]), "2 workspaces");
    let shards = fs::read_dir(place.data().join("workspaces")).unwrap();
    let files = shards.flat_map(|shard| fs::read_dir(shard.unwrap().path()).unwrap());
    let files = files.map(|file| file.unwrap().path());
    let databases = files.filter(|path| path.extension().is_some_and(|kind| kind == "db"));
    let named =
        databases.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path));
    let mut named: Vec<_> = named.collect();
    named.sort();
    named
}

#[test]
fn a_damaged_workspace_keeps_no_other_from_being_copied_and_the_copy_says_what_it_lacks() {
    let place = Place::sqlite();
    let found = seeded(&place);
    let [(damaged, file), (whole, _)] = found.as_slice() else { panic!("{found:?}") };
    fs::write(file, "no database").unwrap();
    let dir = place.home().join("copy");
    let ended = place.run(&["copy", &dir.display().to_string()]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.said.starts_with("Copied 1 workspace, "), "{ended:?}");
    let shown = file.display().to_string();
    for words in ["The copy lacks 1 workspace", damaged, shown.trim_start_matches("/tmp")] {
        assert!(ended.log.contains(words), "{words} in {ended:?}");
    }
    assert!(!ended.log.contains(whole.as_str()), "{ended:?}");
    // Who starts on it is told, and served with the rest.
    let copy = Place::at(&dir);
    copy.open_run_book("Somebody");
    assert_eq!(copy.run(&["export", whole, "--to", "out"]).code, Some(0));
    let target = Place::postgres(testkit::postgres::cluster().url());
    let restored = target.run(&["restore", &dir.display().to_string()]);
    assert_eq!(restored.code, Some(0), "{restored:?}");
    assert!(restored.said.contains("Warning: This is an incomplete copy"), "{restored:?}");
    for place in [&copy, &target] {
        let mut server = place.start(&[]);
        let [warning] = server.warnings()[..] else { panic!("{:?}", server.warnings()) };
        assert!(warning.starts_with("This is an incomplete copy: it lacks"), "{warning}");
        assert!(warning.contains(damaged) && !warning.contains(whole.as_str()), "{warning}");
        assert!(server.terminate());
        fs::remove_file(place.data().join("incomplete-copy.txt")).unwrap();
        assert_eq!(place.start(&[]).warnings(), Vec::<&str>::new());
    }
}

#[test]
fn an_export_holds_a_workspace_named_by_id_or_name() {
    both(|place| {
        let owner = place.furnish();
        let mut server = place.start(&[]);
        add(&mut server.line(), &owner, 1).unwrap();
        let tables = export(&place, "by-name");
        told_of_export(&mut server);
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

/// Waits for the letter that tells the owner.
fn told_of_export(server: &mut Running) {
    let told = loop {
        let letter = server.any_letter();
        if letter.subject == "A workspace of yours was exported" {
            break letter;
        }
    };
    assert_eq!(told.to, "owner@example.com");
    assert!(told.body.contains("A workspace"), "{}", told.body);
}

/// N25: the letter waits in the outbox for the server.
#[test]
fn an_export_beside_a_stopped_server_is_told_when_it_next_runs() {
    both(|place| {
        place.furnish();
        export(&place, "out");
        let mut server = place.start(&[]);
        told_of_export(&mut server);
    });
}

#[test]
fn a_workspace_that_cannot_be_opened_keeps_no_other_from_being_exported() {
    let place = Place::sqlite();
    said(&place.run(&["seed", "--workspaces", "2"]), "2 workspaces");
    place.open_run_book("Somebody");
    let listed = place.run(&["export", "no such name"]);
    let lines: Vec<_> = listed.log.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    let named: Vec<(&str, &str)> = lines.iter().filter_map(|line| line.split_once("  ")).collect();
    let [(broken, lost), (_, name)] = named.as_slice() else { panic!("{listed:?}") };
    let shard = place.data().join("workspaces");
    let file = format!("{broken}.db");
    let mut shards = fs::read_dir(shard).unwrap().map(|entry| entry.unwrap().path().join(&file));
    fs::write(shards.find(|path| path.exists()).unwrap(), "no database").unwrap();
    let to = place.home().join("out").display().to_string();
    let ended = place.run(&["export", name, "--to", &to]);
    assert!(said(&ended, "Exported ").ends_with(&to), "{ended:?}");
    assert!(ended.log.contains(broken), "it is told: {ended:?}");
    let ended = place.run(&["export", lost]);
    complained(&ended, "No workspace is called");
    complained(&ended, &format!("{broken}  (its name cannot be read)"));
}

#[test]
fn the_demo_starts_in_an_empty_folder_and_goes_on_in_it() {
    let place = Place::sqlite();
    let mut tokens: Vec<String> = Vec::new();
    for start in ["first", "second", "without its first owner"] {
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
        if start == "second" {
            make_another_owner_and_leave(&mut server.line(), &token);
        }
        tokens.push(token);
        assert!(server.terminate());
    }
}

/// Whoever tries everything out does this too.
fn make_another_owner_and_leave(line: &mut Line, token: &str) {
    let workspaces = line.api(token, "GET", "/workspaces", None).unwrap().json();
    let members = format!("/workspaces/{}/members", workspaces["items"][0]["id"].as_str().unwrap());
    let all = line.api(token, "GET", &members, None).unwrap().json();
    let other = all["items"].as_array().unwrap().iter().find(|one| one["role"] == "admin").unwrap();
    let path = format!("{members}/{}", other["id"].as_str().unwrap());
    let made = line.api(token, "PATCH", &path, Some(&json!({ "role": "owner" }))).unwrap();
    assert_eq!(made.status, 200, "{}", made.text());
    let left = line.api(token, "DELETE", &format!("{members}/me"), None).unwrap();
    assert_eq!(left.status, 204, "{}", left.text());
}

/// Starts that are refused, each with a sentence that says what to do.
#[test]
fn a_start_that_would_not_be_safe_is_refused_with_a_sentence() {
    let certificate = ["--tls-cert", "c.pem", "--tls-key", "k.pem"];
    let public = ["--public-url", "https://time.example"];
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (vec!["--listen", "0.0.0.0"], "nothing encrypts the way there"),
        (vec!["--listen", "192.0.2.1"], "Give --tls-cert and --tls-key"),
        (vec!["--listen", "::"], "nothing encrypts the way there"),
        (
            [&["--listen", "0.0.0.0"], &certificate[..]].concat(),
            "Give the address that people type",
        ),
        ([&["--listen", "::"], &certificate[..]].concat(), "Give the address that people type"),
        (vec!["--behind-proxy", "10.0.0.0/8"], "Give --public-url https://"),
        (
            vec!["--behind-proxy", "10.0.0.0/8", "--public-url", "http://time.example"],
            "Give --public-url https://",
        ),
        (vec!["--public-url", "time.example"], "is not an address such as"),
        (vec!["--public-url", "https://time.example/here"], "is not an address such as"),
        (vec!["--public-url", "https://time.example?here"], "is not an address such as"),
        (vec!["--public-url", "https://me@time.example"], "is not an address such as"),
        (vec!["--public-url", "https:///"], "is not an address such as"),
        (vec!["--public-url", "ftp://time.example"], "is not an address such as"),
        (vec!["--public-url", "http://time.example"], "in the clear. Give https://"),
        (vec!["--public-url", "http://localhost.example"], "in the clear. Give https://"),
        ([&["--public-url", "http://127.0.0.1:80/"], &certificate[..]].concat(), "No such file"),
        (vec!["--smtp", "http://mail.example"], "--smtp"),
        (vec!["--public-url", "https://time.example:99999"], "is not an address such as"),
        (vec!["--public-url", "https://time.example:0"], "is not an address such as"),
        ([&["--behind-proxy", "0.0.0.0/0"], &public[..]].concat(), "is everybody"),
        ([&["--behind-proxy", "10.0.0.1/32,::/0"], &public[..]].concat(), "is everybody"),
        (vec!["--keyring-copy", "data/keyring-a"], "is the folder of the first copy"),
        (vec!["--keyring-copy", "./data/../data/keyring-a"], "is the folder of the first copy"),
        (vec!["--log", "nosuch"], "--log nosuch is not a level"),
        (vec!["--log", "info,server"], "is not a level"),
        (vec!["--database-url", "mysql://localhost/x"], "begins with \"mysql\""),
        (vec!["--database-url", ""], "--database-url (TIMEPROOF_DATABASE_URL) is empty"),
        // Past these rules, and refused for what is not there.
        ([&["--listen", "127.0.0.1"], &certificate[..]].concat(), "No such file"),
        (
            [&["--listen", "192.0.2.1", "--behind-proxy", "10.0.0.0/8"], &public[..]].concat(),
            "Cannot listen on 192.0.2.1",
        ),
        (
            vec![
                "--listen",
                "192.0.2.1",
                "--behind-proxy",
                "10.0.0.0/8",
                "--public-url",
                "HTTPS://time.example",
            ],
            "Cannot listen on 192.0.2.1",
        ),
    ];
    for (arguments, part) in cases {
        let place = Place::sqlite();
        let ended = place.run(&[&arguments[..], &["--port", "18420"]].concat());
        assert_eq!(ended.code, Some(1), "{arguments:?}: {ended:?}");
        assert!(ended.log.contains(part), "{arguments:?}: {part:?} in {ended:?}");
    }
    // Both halves of a certificate or none; a network, not a name.
    for arguments in [vec!["--tls-cert", "c.pem"], vec!["--behind-proxy", "proxy.example"]] {
        let ended = Place::sqlite().run(&arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
    }
}

#[test]
fn the_server_answers_on_both_loopback_addresses_and_takes_no_port_of_another() {
    let place = Place::sqlite();
    let server = place.start(&[]);
    let port = server.port.to_string();
    for address in ["127.0.0.1", "::1"] {
        let ip: std::net::IpAddr = address.parse().unwrap();
        let opened = std::net::TcpStream::connect((ip, server.port));
        if address == "::1" && std::net::TcpListener::bind(("::1", 0)).is_err() {
            println!("this machine has no IPv6");
            continue;
        }
        opened.unwrap_or_else(|error| panic!("{address}: {error}"));
    }
    let other = Place::sqlite();
    let ended = other.run(&["--port", &port]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.log.contains("Is another server running? Choose another --port."), "{ended:?}");
}

#[test]
fn a_root_key_that_others_can_read_is_refused_and_the_second_keyring_lies_where_it_is_told() {
    let place = Place::sqlite();
    let copy = place.home().join("elsewhere");
    let keyring = ["--keyring-copy", copy.to_str().unwrap()];
    assert!(place.start(&keyring).terminate());
    assert!(fs::read_dir(&copy).unwrap().next().is_some(), "the keyring's second copy");
    assert!(!place.data().join("keyring-b").exists());
    let key = place.data().join("root.key");
    fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ended = place.run(&["link"]);
    complained(&ended, "root key");
    fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(place.start(&keyring).terminate());
}

/// What README and the issue promise of the demo.
#[test]
fn the_demo_is_the_same_everywhere_ends_today_and_goes_on() {
    let page = |line: &mut Line, token: &str, path: &str| {
        let answer = line.api(token, "GET", path, None).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    };
    let items = |line: &mut Line, token: &str, path: &str| -> Vec<Value> {
        page(line, token, path)["items"].as_array().unwrap().clone()
    };
    let ids = |items: &[Value]| {
        let mut ids: Vec<_> =
            items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let mut seen = Vec::new();
    for round in 0..2 {
        let place = Place::sqlite();
        let mut command = place.program();
        command.arg("demo");
        let mut server = place.start_by(command, &[]);
        let link = path_of(&server.hear("Sign in: ").expect("a link"));
        let token = server.hear("API token: ").expect("a token");
        let mut line = server.line();
        let workspace = &items(&mut line, &token, "/workspaces")[0];
        let root = format!("/workspaces/{}", workspace["id"].as_str().unwrap());
        let mut all = Vec::new();
        for (what, count) in [("members", 10), ("clients", 5)] {
            let found = items(&mut line, &token, &format!("{root}/{what}"));
            assert!(found.len() >= count, "{} {what}", found.len());
            assert!(what != "members" || found.len() == count, "{} {what}", found.len());
            all.push(ids(&found));
        }
        for what in ["projects", "tasks", "tags"] {
            all.push(ids(&items(&mut line, &token, &format!("{root}/{what}"))));
        }
        // Every entry of everybody, with its day.
        let mut entries = Vec::new();
        let mut path = format!("{root}/time-entries?limit=200");
        loop {
            let page = page(&mut line, &token, &path);
            entries.extend(page["items"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(cursor) => {
                    path = format!("{root}/time-entries?limit=200&cursor={cursor}");
                }
                None => break,
            }
        }
        assert!((3_500..4_500).contains(&entries.len()), "{} entries", entries.len());
        let day = |entry: &Value| {
            let text = entry["started_at"].as_str().or(entry["day"].as_str()).unwrap();
            text[..10].parse::<jiff::civil::Date>().unwrap()
        };
        let (first, last) =
            (entries.iter().map(day).min().unwrap(), entries.iter().map(day).max().unwrap());
        let days = first.until(last).unwrap().get_days();
        assert!((77..=84).contains(&days), "twelve weeks: {first} to {last}");
        let today = jiff::Timestamp::from_second(
            std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().try_into().unwrap(),
        )
        .unwrap();
        let today = today.to_zoned(jiff::tz::TimeZone::UTC).date();
        assert!(last.until(today).unwrap().get_days().abs() <= 1, "{last} is not {today}");
        all.push(ids(&entries));
        seen.push(all);
        if round == 1 {
            assert_eq!(seen[0], seen[1], "the same ids in another folder");
            break;
        }
        // Started again: what was written stays, the old link and the old token do not.
        let body = json!({ "day": last, "duration_s": 60, "note": "kept" });
        let path = format!("{root}/time-entries");
        let made = line.api(&token, "POST", &path, Some(&body)).unwrap();
        assert_eq!(made.status, 201, "{}", made.text());
        let path = format!("{path}/{}", made.json()["id"].as_str().unwrap());
        assert!(server.terminate());
        let mut command = place.program();
        command.arg("demo");
        let mut server = place.start_by(command, &[]);
        server.hear("Sign in: ").expect("a link");
        let fresh = server.hear("API token: ").expect("a token");
        assert_ne!(fresh, token);
        let mut line = server.line();
        assert_eq!(page(&mut line, &fresh, &path)["note"], "kept");
        assert_eq!(line.api(&token, "GET", &path, None).unwrap().status, 401);
        let mut browser = Browser::new(&server);
        assert_ne!(browser.get(&link).status, 200, "the old link");
    }
}
