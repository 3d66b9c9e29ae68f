//! Witnesses as processes: a server that was put back to an older state is found, and goes on in an epoch; a
//! witness that is slow, down or lies holds up no other.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use domain::ids::WorkspaceId;
use serde_json::{Value, json};
use testkit::log::ledger::{Checkpoint, Note, Signer, Verifier, key::Kind};

use crate::{
    operator::{complained, said},
    process::{Owner, Place, Running},
    slow::certify,
    verify::verify,
};

/// Longer than the jobs and their waits take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Looks until something is there.
fn await_some<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn get(server: &Running, path: &str) -> Option<String> {
    let answer = server.line().ask("GET", path, &[], b"").ok()?;
    (answer.status == 200).then(|| answer.text())
}

/// The key of a server's log, once it has begun.
pub(crate) fn key_of(server: &Running) -> Verifier {
    let keys = await_some("the log begins", || get(server, "/ledger/keys"));
    Verifier::parse(keys.trim_end()).unwrap()
}

/// A witness of logs, in a place of its own; and how a server names it.
pub(crate) fn start_witness(place: &Place, logs: &[&Verifier]) -> (Running, Verifier, String) {
    let logs: Vec<String> = logs.iter().map(ToString::to_string).collect();
    let mut arguments = vec!["witness", "--name", "witness.example"];
    arguments.extend(logs.iter().map(String::as_str));
    let running = place.start(&arguments);
    let key = running.heard("Key: ").unwrap();
    let named = format!("{key} http://127.0.0.1:{}", running.port);
    (running, Verifier::parse(&key).unwrap(), named)
}

/// The head that a server tells, once this witness has cosigned it and it has so many leaves.
pub(crate) fn await_cosigned(server: &Running, witness: &Verifier, at_least: u64) -> Checkpoint {
    await_some("a cosignature", || {
        let note = Note::parse(&get(server, "/ledger/checkpoint")?).unwrap();
        let head = Checkpoint::parse(note.text()).unwrap();
        let is_cosigned = note.check(std::slice::from_ref(witness)).is_ok();
        (is_cosigned && head.size() >= at_least).then_some(head)
    })
}

fn witnesses(server: &Running) -> Value {
    serde_json::from_str(&get(server, "/ledger/witnesses").unwrap()).unwrap()
}

fn add_tag(server: &Running, owner: &Owner, name: &str) {
    let path = format!("/workspaces/{}/tags", owner.workspace);
    let body = json!({ "name": name });
    let added = server.line().api(&owner.token, "POST", &path, Some(&body)).unwrap();
    assert_eq!(added.status, 201, "{}", added.text());
}

fn export(place: &Place, workspace: WorkspaceId, folder: &str) {
    let ended = place.run(&["export", &workspace.to_string(), "--to", folder]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn a_server_that_was_put_back_is_found_and_goes_on_in_an_epoch() {
    let (place, elsewhere) = (Place::sqlite(), Place::sqlite());
    let owner = place.furnish();
    let server = place.start(&[]);
    let log = key_of(&server);
    server.kill();
    let (witness, key, named) = start_witness(&elsewhere, &[&log]);
    let server = place.start(&["--witness", &named]);
    let early = await_cosigned(&server, &key, 1);
    said(&place.run(&["copy", "copy"]), "Copied ");
    add_tag(&server, &owner, "later");
    await_cosigned(&server, &key, early.size() + 1);
    export(&place, owner.workspace, "export");
    let asked = ["--witness", &key.to_string(), "--fresh", "1h"];
    let (code, verdict) = verify(&place, "export", &asked);
    assert_eq!((code, &verdict["findings"]), (Some(0), &json!([])), "{verdict}");
    assert_eq!(verdict["log"]["in_instance"], verdict["log"]["proven"]);
    let late = await_cosigned(&server, &key, early.size() + 1);
    server.kill();

    // The copy is put in its place: whole, and of our own hand.
    let place = Place::at(&place.home().join("copy"));
    let server = place.start(&["--witness", &named]);
    let told = await_some("it is found", || {
        let told = witnesses(&server);
        (told["state"] == "stopped").then_some(told)
    });
    assert_eq!(told["stopped"]["by"], "witness");
    assert_eq!(told["stopped"]["known_size"], late.size());
    assert!(told["stopped"]["head"].is_string(), "the witness has shown it: {told}");
    server.kill();
    let mut server = place.start(&["--witness", &named]);
    assert!(
        server.warnings().iter().any(|line| line.contains("signs nothing")),
        "also after a start"
    );

    // People get what is theirs all the same.
    let ended = place.run(&["export", &owner.workspace.to_string(), "--to", "stopped"]);
    assert!(ended.code == Some(0) && ended.said.contains("does not go on"), "{ended:?}");
    complained(&place.run(&["ledger", "new-epoch", "--reason", " "]), "Say why");
    let opened = place.run(&["ledger", "new-epoch", "--reason", "the disk was lost"]);
    assert_eq!(said(&opened, "Opened the epoch "), format!("2: {}/epoch-2", log.name()));
    assert!(opened.said.contains(&format!("of {} leaves", late.size())), "{opened:?}");
    // The witness was told of no such log, until who runs it is asked.
    let told = await_some("the witness does not know the log", || {
        let told = witnesses(&server);
        (told["witnesses"][0]["failure"] == "unknown_log").then_some(told)
    });
    assert_eq!(told["state"], "going_on");
    let next = key_of(&server);
    assert_eq!(next.name(), format!("{}/epoch-2", log.name()));
    assert!(server.terminate());
    drop(witness);
    let (_witness, key, named) = start_witness(&elsewhere, &[&log, &next]);
    let server = place.start(&["--witness", &named]);
    let head = await_cosigned(&server, &key, 1);
    assert_eq!(head.origin(), next.name());
    add_tag(&server, &owner, "after");
    await_cosigned(&server, &key, head.size() + 1);
    export(&place, owner.workspace, "export");
    let asked = ["--witness", &key.to_string(), "--fresh", "1h"];
    let (code, verdict) = verify(&place, "export", &asked);
    assert_eq!((code, &verdict["findings"]), (Some(0), &json!([])), "{verdict}");
    assert!(verdict["log"]["origin"].as_str().unwrap().ends_with("/epoch-2"));
    assert_eq!(verdict.get("unknown_kinds"), Some(&json!({})), "{verdict}");
}

/// A witness that answers every request with the same bytes; each on a thread of its own.
fn answers(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            std::thread::spawn(move || {
                let mut some = [0; 16_384];
                let _read = stream.read(&mut some);
                if answer.is_empty() {
                    std::thread::park();
                }
                let _written = stream.write_all(answer.as_bytes());
            });
        }
    });
    format!("http://{address}")
}

#[test]
fn a_witness_that_is_slow_down_or_lies_holds_up_no_other() {
    let (place, elsewhere) = (Place::sqlite(), Place::sqlite());
    let owner = place.furnish();
    let server = place.start(&[]);
    let log = key_of(&server);
    server.kill();
    let (_witness, key, named) = start_witness(&elsewhere, &[&log]);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let forged = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nwords\n";
    let moved = "HTTP/1.1 307 See\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let noise = "HTTP/1.1 409 Conflict\r\ncontent-length: 4\r\nconnection: close\r\n\r\n999\n";
    let others = [
        ("down", format!("http://{free}"), "not_reached"),
        ("slow", answers(""), "not_reached"),
        ("forger", answers(forged), "forged_signature"),
        ("mover", answers(moved), "unreadable_answer"),
        ("noisy", answers(noise), "unreadable_answer"),
        ("nobody", answers("no HTTP"), "not_reached"),
    ];
    let mut arguments = vec!["--witness".to_owned(), named];
    for (at, (name, url, _)) in (20_u8..).zip(&others) {
        let key = Signer::new(&format!("{name}.example"), Kind::Witness, &[at; 32]).unwrap();
        arguments.extend(["--witness".to_owned(), format!("{} {url}", key.verifier())]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let server = place.start(&arguments);
    let head = await_cosigned(&server, &key, 1);
    add_tag(&server, &owner, "meanwhile");
    await_cosigned(&server, &key, head.size() + 1);
    for (name, _, failure) in &others {
        await_some(name, || {
            let told = witnesses(&server);
            let all = told["witnesses"].as_array().unwrap();
            let is_it = |one: &&Value| {
                one["key"].as_str().unwrap().starts_with(&format!("{name}.example+"))
            };
            let one = all.iter().find(is_it).unwrap();
            assert_eq!(one["cosigned_size"], Value::Null, "{one}");
            (one["failure"] == *failure).then_some(())
        });
    }
    assert_eq!(witnesses(&server)["state"], "going_on");
}

#[test]
fn a_witness_is_asked_over_tls_where_its_certificate_is_vouched_for() {
    let (place, elsewhere, nobody) = (Place::sqlite(), Place::sqlite(), Place::sqlite());
    let mut server = place.start(&[]);
    let log = key_of(&server).to_string();
    assert!(server.terminate());
    let [trusted, key] = certify(&elsewhere);
    let [unrelated, _] = certify(&nobody);
    let tls = ["--tls-cert", &trusted, "--tls-key", &key];
    let witness = elsewhere.start(&[&["witness", "--name", "w.example", &log][..], &tls].concat());
    let key = witness.heard("Key: ").unwrap();
    let named = format!("{key} https://localhost:{}", witness.port);
    let key = Verifier::parse(&key).unwrap();
    for authority in [&[][..], &["--witness-ca", &unrelated]] {
        let mut server = place.start(&[&["--witness", &named], authority].concat());
        let told = await_some("it is not asked", || {
            let told = witnesses(&server)["witnesses"][0].clone();
            (told["failure"] == "not_reached").then_some(told)
        });
        assert_eq!(told["cosigned_size"], Value::Null, "{told}");
        assert!(server.terminate());
    }
    let server = place.start(&["--witness", &named, "--witness-ca", &trusted]);
    await_cosigned(&server, &key, 1);
    // In the clear nothing is said on that port.
    let mut clear = TcpStream::connect(("127.0.0.1", witness.port)).unwrap();
    clear.set_read_timeout(Some(PATIENCE)).unwrap();
    clear.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    drop(clear.read_to_end(&mut answer));
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[test]
fn anchors_find_a_server_that_was_put_back() {
    let place = Place::sqlite();
    let owner = place.furnish();
    let anchor = place.home().join("anchor");
    std::fs::create_dir(&anchor).unwrap();
    let anchor = anchor.display().to_string();
    let server = place.start(&[]);
    key_of(&server);
    said(&place.run(&["copy", "copy"]), "Copied ");
    let size = || {
        let note = Note::parse(&get(&server, "/ledger/checkpoint").unwrap()).unwrap();
        Checkpoint::parse(note.text()).unwrap().size()
    };
    let early = size();
    add_tag(&server, &owner, "later");
    await_some("the log goes on", || (size() > early).then_some(()));
    server.kill();
    // The head of now is kept when it starts, once it was compared.
    let server = place.start(&["--anchor", &anchor]);
    await_some("a head is kept", || {
        let kept = std::fs::read_dir(&anchor).unwrap().map(|file| file.unwrap().file_name());
        kept.into_iter().find(|name| name.to_str().unwrap().ends_with(".checkpoint"))
    });
    server.kill();
    let place = Place::at(&place.home().join("copy"));
    let server = place.start(&["--anchor", &anchor]);
    assert!(server.warnings().iter().any(|line| line.contains("an anchor has shown")));
    let told = witnesses(&server);
    assert_eq!((&told["state"], &told["stopped"]["by"]), (&json!("stopped"), &json!("anchor")));
    let opened = place.run(&["--anchor", &anchor, "ledger", "new-epoch", "--reason", "a copy"]);
    said(&opened, "It names the last known head, of ");
    assert_eq!(witnesses(&server)["state"], "going_on");
}

#[test]
fn a_witness_begins_with_logs_and_a_name_and_alone() {
    let place = Place::sqlite();
    complained(&place.run(&["witness"]), "/ledger/keys");
    complained(&place.run(&["witness", "x"]), "the key \"x\"");
    let key = Signer::new("time.example/ledger", Kind::Log, &[1; 32]).unwrap();
    let key = key.verifier().to_string();
    complained(&place.run(&["witness", &key]), "--name");
    complained(&place.run(&["witness", &key, "--listen", "0.0.0.0"]), "encrypts");
    let wrong = place.run(&["--witness", "w.example"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    let running = place.start(&["witness", &key, "--name", "w.example"]);
    let second = place.run(&["witness", &key, "--port", "0"]);
    complained(&second, "Another witness");
    running.kill();
}
