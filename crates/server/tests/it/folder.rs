//! The data folder: who may serve on it, and what happens where a part of it is missing.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    browser::Browser,
    operator::{both, complained, said},
    process::{Place, Running, path_of},
};

/// Everything below a folder, by name.
pub(crate) fn names(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(names(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

#[test]
fn the_demo_does_not_move_in_with_real_people() {
    let demo = ["demo", "--port", "0"];
    both(|place| {
        place.furnish();
        complained(&place.run(&demo), "workspaces that are not the demo's");
        // Nobody of the demo has come.
        let somebody = place.run(&["link", "mara@lantern.example"]);
        complained(&somebody, "Nobody has the address");
    });
    let place = Place::sqlite();
    said(&place.run(&["seed", "--workspaces", "1"]), "1 workspace");
    let by_environment = place.program().args(demo).env("TIMEPROOF_DATA", "data").output().unwrap();
    assert_eq!(by_environment.status.code(), Some(1));
    let log = String::from_utf8(by_environment.stderr).unwrap();
    assert!(log.contains("leave --data and TIMEPROOF_DATA out"), "{log}");
}

/// Whose workspaces are beside the demo's decides, and the folder's history does not: an earlier
/// version let the demo move in, and real people can move into a demo's folder.
#[test]
fn the_demo_goes_on_beside_workspaces_of_its_own_people_only() {
    both(|place| {
        let demo = || {
            let mut command = place.program();
            command.arg("demo");
            let mut server = place.start_by(command, &[]);
            let token = server.hear("API token: ").expect("a token");
            (server, token)
        };
        let set_up = |server: &Running, workspace: &str, email: &str| {
            let link = said(&place.run(&["link", "--new-workspace"]), "Set up: ");
            Browser::new(server).set_up_by(&link, [workspace, "Somebody", email]);
        };
        let (mut server, _) = demo();
        set_up(&server, "Mara plays", "mara@lantern.example");
        assert!(server.terminate());
        let (mut server, token) = demo();
        set_up(&server, "Real work", "owner@example.com");
        assert!(server.terminate());
        complained(&place.run(&["demo", "--port", "0"]), "workspaces that are not the demo's");
        // Nothing was taken or given, and the rest can be served.
        let mut server = place.start(&[]);
        let answer = server.line().api(&token, "GET", "/workspaces", None).unwrap();
        assert_eq!(answer.status, 200, "the token of the demo that ran");
        assert!(server.terminate());
    });
}

#[test]
fn a_start_of_the_demo_that_fails_takes_nothing_from_the_one_that_runs() {
    both(|place| {
        let mut command = place.program();
        command.arg("demo");
        let mut server = place.start_by(command, &[]);
        let link = path_of(&server.hear("Sign in: ").expect("a link"));
        let token = server.hear("API token: ").expect("a token");
        let port = server.port.to_string();
        complained(&place.run(&["demo", "--port", &port]), "Choose another --port");
        let answer = server.line().api(&token, "GET", "/workspaces", None).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(Browser::new(&server).get(&link).status, 200);
    });
}

#[test]
fn a_start_that_fails_leaves_the_set_up_link_and_makes_nothing() {
    both(|place| {
        let mut server = place.start(&[]);
        let link = path_of(&server.hear("Set up: ").expect("a link"));
        let port = server.port.to_string();
        complained(&place.run(&["--port", &port]), "Choose another --port");
        assert_eq!(Browser::new(&server).get(&link).status, 303);
        complained(&place.run_with("elsewhere", &["--port", &port]), "Choose another --port");
        assert!(!place.home().join("elsewhere").exists());
    });
    let place = Place::sqlite();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    for missing in ["--tls-cert c.pem", "--tls-key k.pem"] {
        for command in ["serve", "demo"] {
            let arguments = ["--tls-cert", "c.pem", "--tls-key", "k.pem", "--port", "0"];
            let ended = place.run(&[&[command], &arguments[..]].concat());
            complained(&ended, missing);
            complained(&ended, "No such file");
        }
        assert!(!place.data().exists());
        fs::write(place.home().join("c.pem"), made.cert.pem()).unwrap();
    }
}

#[test]
fn one_server_serves_on_sqlite_files_and_commands_work_beside_it() {
    let place = Place::sqlite();
    place.furnish();
    let mut server = place.start(&[]);
    complained(&place.run(&["--port", "0"]), "Another server runs on the folder data");
    complained(&place.run(&["demo", "--port", "0"]), "Another server runs on the folder data");
    said(&place.run(&["link", "owner@example.com"]), "Sign in: ");
    said(&place.run(&["copy", "copy"]), "Copied 1 workspace, ");
    said(&place.run(&["export", "A workspace", "--to", "out"]), "Exported ");
    said(&place.run(&["disable", "owner@example.com"]), "Disabled: ");
    said(&place.run(&["enable", "owner@example.com"]), "Enabled: ");
    // The copy is another folder, and a stopped server leaves its own to the next one.
    let copy = Place::at(&place.home().join("copy"));
    copy.start(&[]).kill();
    copy.start(&[]).kill();
    assert!(server.terminate());
    assert!(place.start(&[]).terminate());
}

#[test]
fn servers_on_postgresql_share_it() {
    let place = Place::postgres(testkit::postgres::cluster().url());
    place.furnish();
    let servers = [place.start(&[]), place.start(&[])];
    for server in &servers {
        assert_eq!(server.line().ask("GET", "/healthz", &[], b"").unwrap().status, 200);
    }
}

#[test]
fn what_is_missing_is_named_and_nothing_is_made_in_its_place() {
    let place = Place::sqlite();
    place.furnish();
    let data = place.data();
    let aside = |name: &str| fs::rename(data.join(name), place.home().join(name)).unwrap();
    let back = |name: &str| fs::rename(place.home().join(name), data.join(name)).unwrap();
    let commands: [&[&str]; 8] = [
        &["--port", "0"],
        &["demo", "--port", "0"],
        &["seed", "--workspaces", "1"],
        &["link"],
        &["link", "owner@example.com"],
        &["disable", "owner@example.com"],
        &["copy", "copy"],
        &["export", "A workspace"],
    ];
    let refused = |words: &str| {
        let before = names(place.home());
        for command in commands {
            complained(&place.run(command), words);
        }
        assert_eq!(names(place.home()), before);
    };
    aside("root.key");
    refused("root.key is missing in data: put it back");
    aside("directory.db");
    refused("root.key is missing in data: put it back");
    back("directory.db");
    aside("keyring-a");
    aside("keyring-b");
    refused("root.key is missing in data: put it back");
    back("root.key");
    refused("The keyring is missing: put back data/keyring-a or data/keyring-b");
    // One copy is enough, and fills the other.
    back("keyring-b");
    said(&place.run(&["link", "owner@example.com"]), "Sign in: ");
    assert!(data.join("keyring-a").exists());
    aside("directory.db");
    refused("directory.db is missing in data");
}

/// The databases are elsewhere, so the folder alone does not show that something is missing.
#[test]
fn keys_that_are_missing_beside_postgresql_are_named_too() {
    let place = Place::postgres(testkit::postgres::cluster().url());
    place.furnish();
    let data = place.data();
    let aside = |name: &str| fs::rename(data.join(name), place.home().join(name)).unwrap();
    let back = |name: &str| fs::rename(place.home().join(name), data.join(name)).unwrap();
    let starts: [&[&str]; 3] =
        [&["--port", "0"], &["demo", "--port", "0"], &["seed", "--workspaces", "1"]];
    let commands: [&[&str]; 4] = [
        &["link", "owner@example.com"],
        &["disable", "owner@example.com"],
        &["copy", "copy"],
        &["export", "A workspace"],
    ];
    let refused = |commands: &[&[&str]], words: &str| {
        let before = names(place.home());
        for command in commands {
            complained(&place.run(command), words);
        }
        assert_eq!(names(place.home()), before);
    };
    aside("keyring-a");
    said(&place.run(&["link", "owner@example.com"]), "Sign in: ");
    fs::remove_dir_all(data.join("keyring-a")).unwrap();
    aside("keyring-b");
    let words = "The keyring is missing: put back data/keyring-a or data/keyring-b";
    refused(&[&starts[..], &commands[..]].concat(), words);
    aside("root.key");
    refused(&starts, "data holds neither its root.key nor its keyring");
    refused(&commands, "There is no Timeproof in data");
    // Another folder has them.
    for name in ["root.key", "keyring-a", "keyring-b"] {
        back(name);
    }
    complained(&place.run_with("other", &["--port", "0"]), "other holds neither its root.key");
    assert!(!place.home().join("other").exists());
    said(&place.run(&["link", "owner@example.com"]), "Sign in: ");
}

#[test]
fn a_copy_does_not_lie_in_what_it_copies() {
    let place = Place::sqlite();
    place.furnish();
    // But for the log, which tells of each command.
    let here = || {
        let mut names = names(&place.data());
        names.retain(|name| !Path::new(name).starts_with(place.data().join("logs")));
        names
    };
    let before = here();
    let absolute = place.data().join("backup").display().to_string();
    std::os::unix::fs::symlink("data", place.home().join("link")).unwrap();
    for dir in [
        "data",
        "data/backup",
        "data/workspaces/new/one",
        "data/../data/x",
        // Past a folder that does not exist yet.
        "data/new/../inside",
        "new/../data/inside",
        "new/newer/../../data/inside",
        "new/../link/inside",
        "link/../data/inside",
        &absolute,
    ] {
        complained(&place.run(&["copy", dir]), "lies inside the data folder data");
    }
    assert_eq!(here(), before);
    assert!(!place.home().join("new").exists());
    said(&place.run(&["copy", "data-copy"]), "Copied 1 workspace, ");
    // Out of it again, and nothing is made on the way.
    said(&place.run(&["copy", "data/new/../../other/../copy"]), "Copied 1 workspace, ");
    assert!(place.home().join("copy/root.key").exists());
    assert!(!place.home().join("other").exists());
    assert_eq!(here(), before);
}

#[test]
fn an_operator_is_answered_in_sentences() {
    let place = Place::sqlite();
    let owner = place.furnish();
    fs::write(place.home().join("afile"), "").unwrap();
    for command in [&["serve"][..], &["demo"], &["link"]] {
        complained(&place.run_with("afile", command), "afile is a file, not a folder");
    }
    complained(&place.run(&["copy", "afile"]), "afile is a file");
    said(&place.run(&["export", " a WORKSPACE ", "--to", "out"]), "Exported ");
    let shouted = owner.workspace.to_string().to_uppercase();
    said(&place.run(&["export", &shouted, "--to", "out-by-id"]), "Exported ");
    for inner in ["data/out", "data/nowhere/../out"] {
        complained(&place.run(&["export", &shouted, "--to", inner]), "lies inside the data folder");
    }
    for prefix in ["", "Time", "time-proof", "pg_time", "abcdefghijklmnopqrstuvwxy"] {
        let database = ["--database-url", "postgres://localhost/x", "--database-prefix", prefix];
        let ended = place.run(&[&["serve"], &database[..]].concat());
        complained(&ended, &format!("--database-prefix {prefix:?} cannot begin the names"));
    }
}

#[test]
fn the_help_of_a_command_begins_with_its_own_options() {
    let place = Place::sqlite();
    for (command, own) in [("copy", "<DIR>"), ("export", "--to"), ("link", "--new-workspace")] {
        let help = place.run(&[command, "--help"]).said;
        let at = |part: &str| help.find(part).unwrap_or_else(|| panic!("{part:?} in {help}"));
        assert!(at(own) < at("\nData:") && at("\nData:") < at("--data <DIR>"), "{help}");
        assert!(at("\nData:") < at("\nServing:") && at("\nMail:") < at("--smtp"), "{help}");
    }
}

/// The new keys of a start that PostgreSQL refused would be in the way of a restore.
#[test]
fn a_start_that_postgresql_refuses_makes_no_keys() {
    let own = testkit::postgres::OwnCluster::start();
    let cluster = own.cluster();
    cluster.execute("CREATE ROLE plain LOGIN");
    let refused = |url: &str, words: &str| {
        let place = Place::postgres(url);
        complained(&place.run(&["--port", "0"]), words);
        let left = if place.data().exists() { names(&place.data()) } else { Vec::new() };
        assert_eq!(left, Vec::<PathBuf>::new());
    };
    let plain = cluster.url().replace("postgres@", "plain@");
    refused(&plain, "may not create roles, and each workspace needs its own");
    cluster.execute("ALTER ROLE plain CREATEROLE");
    refused(&plain, "may not create schemas, and each workspace needs its own");
    refused(&cluster.url().replace("postgres@", "nobody@"), "role \"nobody\" does not exist");
    refused(&format!("{}_none", cluster.url()), "does not exist");
    own.stop("fast");
    refused(&plain, "the databases");
}

/// No file can grow: as on a disk that is full, a name can still be made.
#[test]
fn a_start_that_cannot_write_its_key_leaves_none_by_another_name() {
    let place = Place::sqlite();
    let mut command = std::process::Command::new("sh");
    let program = place.program().get_program().to_owned();
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" --data data --port 0";
    command.args(["-c", script]).arg(program).current_dir(place.home());
    let ended = command.output().unwrap();
    let log = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.code() == Some(1) && log.contains("root.key"), "{log}");
    let left = names(&place.data());
    assert!(left.iter().all(|path| !path.to_string_lossy().contains("root.key")), "{left:?}");
}

/// A workspace whose database a newer release has written is named, and is in a copy all the same.
#[test]
fn a_workspace_of_a_newer_release_is_named() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let name = format!("{}.db", owner.workspace);
    let file = names(&place.data()).into_iter().find(|path| path.ends_with(&name)).unwrap();
    // The file format of SQLite: the version of the schema lies at byte 60.
    let mut bytes = fs::read(&file).unwrap();
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&file, bytes).unwrap();
    said(&place.run(&["copy", "copy"]), "Copied 1 workspace, ");
    let server = place.start(&[]);
    let path = format!("/workspaces/{}/me", owner.workspace);
    let answer = server.line().api(&owner.token, "GET", &path, None).unwrap();
    assert_eq!(answer.status, 503, "{}", answer.text());
    let log = fs::read_to_string(place.log()).unwrap();
    let words = format!("the database of the workspace {}: schema version 99", owner.workspace);
    assert!(log.contains(&words), "{log}");
}

/// Both copies of the keyring were put back from before a workspace was made.
#[test]
fn a_keyring_that_is_older_than_the_databases_is_told_at_the_start() {
    both(|place| {
        let first = place.furnish();
        let data = place.data();
        let keyrings = ["keyring-a", "keyring-b"];
        let older = place.home().join("older");
        for name in keyrings {
            fs::create_dir_all(older.join(name)).unwrap();
            for entry in fs::read_dir(data.join(name)).unwrap() {
                let path = entry.unwrap().path();
                fs::copy(&path, older.join(name).join(path.file_name().unwrap())).unwrap();
            }
        }
        let second = place.set_up();
        for name in keyrings {
            for entry in fs::read_dir(data.join(name)).unwrap() {
                let path = entry.unwrap().path();
                fs::copy(older.join(name).join(path.file_name().unwrap()), &path).unwrap();
            }
        }
        let mut server = place.start(&[]);
        let warning = server.hear("Warning: ").expect("a warning");
        for words in ["The keyring is older than the databases", "keyring-a", "1 workspace"] {
            assert!(warning.contains(words), "{words} in {warning}");
        }
        assert!(warning.contains(&second.workspace.to_string()), "{warning}");
        assert!(!warning.contains(&first.workspace.to_string()), "{warning}");
        let mut line = server.line();
        let note = serde_json::json!({ "day": "2026-11-02", "duration_s": 60, "note": "a" });
        for (path, body) in [("/tags", None), ("/me", None), ("/time-entries", Some(&note))] {
            let method = if body.is_some() { "POST" } else { "GET" };
            let at =
                |owner: &crate::process::Owner| format!("/workspaces/{}{path}", owner.workspace);
            let damaged = line.api(&second.token, method, &at(&second), body).unwrap();
            assert_eq!(
                (damaged.status, &damaged.json()["code"]),
                (500, &"damaged".into()),
                "{path}"
            );
            let whole = line.api(&first.token, method, &at(&first), body).unwrap();
            assert!(whole.status < 300, "{path}: {}", whole.text());
        }
    });
}
