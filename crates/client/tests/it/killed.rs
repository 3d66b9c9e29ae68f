//! The program itself, as a process, killed at any moment under a line that fails in every way.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Instant;

use crate::fake_server::{FakeServer, Mode};

/// Gives the fake server a socket; the threads end with the test.
pub(crate) fn serve(server: Arc<FakeServer>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let server = Arc::clone(&server);
            // A killed program leaves half a request: that is no failure of the test.
            std::thread::spawn(move || answer(&server, stream));
        }
    });
    format!("http://{address}")
}

fn answer(server: &FakeServer, stream: TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut if_match) = (0, None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else {
            break;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "if-match" => if_match = value.trim_matches('"').parse().ok(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    // Without an answer the line is simply cut.
    let (status, kind, text) = server.answer(&method, &path, &body, if_match).ok()?;
    let head = format!(
        "HTTP/1.1 {status} Status\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        text.len()
    );
    let mut stream = stream;
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(text.as_bytes()).ok()
}

pub(crate) fn tp(url: &str, folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tp"));
    command
        .args(words)
        .env_clear()
        .env("TP_URL", url)
        .env("TP_TOKEN", "tp1_test")
        .env("TP_CONFIG_DIR", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(url: &str, folder: &Path, words: &[&str]) -> Output {
    tp(url, folder, words).output().unwrap()
}

fn notes(server: &FakeServer) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for entry in server.entries() {
        let note = entry["note"].as_str().unwrap().to_owned();
        *counts.entry(note).or_default() += 1;
    }
    counts
}

#[test]
fn killed_at_any_moment_nothing_acknowledged_is_lost_and_nothing_is_doubled() {
    let folder = tempfile::tempdir().unwrap();
    let server = Arc::new(FakeServer::new(Vec::new(), Vec::new(), Vec::new()));
    let url = serve(Arc::clone(&server));
    assert!(run(&url, folder.path(), &["status"]).status.success());
    // The kills fall into one and a half times as long as a whole run takes on this machine.
    let begun = Instant::now();
    assert!(run(&url, folder.path(), &["add", "0:10 first"]).status.success());
    let window = begun.elapsed() * 3 / 2;
    let modes =
        [Mode::Up, Mode::LosesAnswers, Mode::Up, Mode::Busy, Mode::LosesRequests, Mode::Down];
    let mut acknowledged = Vec::new();
    let mut killed = 0;
    let mut random: u32 = 20_261_120;
    for round in 0..60_usize {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        server.set(modes[round % modes.len()]);
        let note = format!("note-{round}");
        let line = format!("0:10 {note}");
        let mut child = tp(&url, folder.path(), &["add", &line]).spawn().unwrap();
        // Two at once, now and then.
        let other = (round % 5 == 0).then(|| tp(&url, folder.path(), &["sync"]).spawn().unwrap());
        std::thread::sleep(window * (random >> 24) / 256);
        let _ = child.kill();
        let ended = child.wait().unwrap();
        if ended.success() {
            acknowledged.push(note);
        } else {
            killed += 1;
        }
        if let Some(mut other) = other {
            other.wait().unwrap();
        }
    }
    server.set(Mode::Up);
    let last = run(&url, folder.path(), &["sync"]);
    assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stderr));
    let counts = notes(&server);
    assert!(counts.values().all(|count| *count == 1), "doubled: {counts:?}");
    for note in &acknowledged {
        assert!(counts.contains_key(note), "lost: {note}");
    }
    assert!(killed > 0 && !acknowledged.is_empty(), "{killed} {}", acknowledged.len());
}

#[test]
fn exit_codes_and_where_things_lie() {
    let folder = tempfile::tempdir().unwrap();
    let server = Arc::new(FakeServer::new(Vec::new(), Vec::new(), Vec::new()));
    let url = serve(Arc::clone(&server));
    let code = |words: &[&str]| run(&url, folder.path(), words).status.code();
    assert_eq!(code(&["add", "0:10 one"]), Some(0));
    assert_eq!(code(&["stop"]), Some(1));
    assert_eq!(code(&["add", "one"]), Some(2));
    assert_eq!(code(&["no-such-command"]), Some(2));
    assert_eq!(code(&["--version"]), Some(0));
    server.set(Mode::Down);
    assert_eq!(code(&["add", "0:10 two"]), Some(0));
    assert_eq!(code(&["log"]), Some(3));
    assert_eq!(code(&["sync"]), Some(3));
    server.set(Mode::SignedOut);
    assert_eq!(code(&["sync"]), Some(4));
    let spool = folder.path().join("spool");
    let count = std::fs::read_dir(&spool).unwrap().count();
    assert_eq!(count, 3, "the act and two locks");
    server.set(Mode::Up);
    let listed = run(&url, folder.path(), &["--json", "log"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["total_s"], 1200);
    // Nobody is signed in, and a token is never sent over plain HTTP to another machine.
    let other = |url: &str, token: &str| {
        tp(url, folder.path(), &["status"]).env("TP_TOKEN", token).output().unwrap().status.code()
    };
    assert_eq!(other(&url, ""), Some(4));
    assert_eq!(other("http://time.example.org", "tp1_a"), Some(2));
}

#[test]
fn a_token_from_the_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let server = Arc::new(FakeServer::new(Vec::new(), Vec::new(), Vec::new()));
    let url = serve(server);
    let mut command = tp(&url, folder.path(), &["login", "--token"]);
    let mut child = command.env_remove("TP_TOKEN").stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"tp1_typed\n").unwrap();
    let said = child.wait_with_output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let config = std::fs::read_to_string(folder.path().join("config.toml")).unwrap();
    assert!(config.contains("tp1_typed"));
    let status = tp(&url, folder.path(), &["status"])
        .env_remove("TP_TOKEN")
        .env_remove("TP_URL")
        .output()
        .unwrap();
    assert!(status.status.success());
    assert!(run(&url, folder.path(), &["logout"]).status.success());
    assert!(!folder.path().join("config.toml").exists());
}
