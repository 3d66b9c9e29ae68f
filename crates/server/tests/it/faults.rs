//! A full disk, a disk that cannot flush, a database that goes away: told with 503 and a reason,
//! nothing half done, and all well by itself afterwards.
//!
//! Every answer is held to its word: what was acknowledged is there, what was answered "nothing was
//! saved" is not, and only `outcome_unknown` may be either.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use testkit::{postgres::OwnCluster, seed};
use uuid::Uuid;

use crate::{
    line::{Answer, Line},
    process::{Owner, Place, Running, rounds},
};

/// What became of each entry: the answer's status and code.
#[derive(Default)]
struct Journal(Mutex<BTreeMap<Uuid, String>>);

impl Journal {
    fn note(&self, id: Uuid, outcome: &str) {
        self.0.lock().unwrap().insert(id, outcome.to_owned());
    }

    fn count(&self, outcome: &str) -> usize {
        self.0.lock().unwrap().values().filter(|found| *found == outcome).count()
    }

    /// Compares the answers with what is there.
    fn check(&self, line: &mut Line, owner: &Owner) {
        let there: BTreeSet<Uuid> = owner.entries(line, "").into_keys().collect();
        let said = self.0.lock().unwrap();
        for (id, outcome) in said.iter() {
            let is_there = there.contains(id);
            match outcome.as_str() {
                "201" | "200" => assert!(is_there, "{id} was acknowledged"),
                "503 outcome_unknown" => {}
                other => assert!(!is_there, "{id} is there, and the answer was {other}"),
            }
        }
        assert!(there.iter().all(|id| said.contains_key(id)));
    }

    /// How many answers of each kind.
    fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for outcome in self.0.lock().unwrap().values() {
            *counts.entry(outcome.clone()).or_default() += 1;
        }
        counts
    }
}

fn new_id(random: &mut fastrand::Rng) -> Uuid {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    uuid::Builder::from_unix_timestamp_millis(1_790_000_000_000, &bytes).into_uuid()
}

/// Adds an entry and notes the answer.
fn add(line: &mut Line, owner: &Owner, id: Uuid, journal: &Journal) -> String {
    let body = json!({ "id": id, "day": "2026-03-02", "duration_s": 60, "note": "x".repeat(500) });
    let path = format!("/workspaces/{}/time-entries", owner.workspace);
    let answer = line.api(&owner.token, "POST", &path, Some(&body)).unwrap();
    let outcome = answer.outcome();
    if answer.status == 503 {
        assert!(!answer.header("retry-after").is_empty());
    }
    journal.note(id, &outcome);
    outcome
}

/// A disk that fails on request.
struct Disk {
    flag: PathBuf,
}

impl Disk {
    /// Starts a server whose disk can fail.
    fn start(place: &Place) -> (Running, Self) {
        let library = place.home().join("faults.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/faults.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl");
        assert!(compiler.status().expect("the C compiler that Rust links with").success());
        let flag = place.home().join("fault");
        let mut command = place.program();
        command.env("LD_PRELOAD", &library).env("FAULT_DIR", place.data()).env("FAULT_FLAG", &flag);
        (place.start_by(command, &[]), Self { flag })
    }

    fn fail(&self, how: &str) {
        let draft = self.flag.with_extension("new");
        std::fs::write(&draft, how).unwrap();
        std::fs::rename(draft, &self.flag).unwrap();
    }

    fn work(&self) {
        std::fs::remove_file(&self.flag).unwrap();
    }
}

#[test]
fn a_full_disk_is_told_and_harms_nothing() {
    let mut random = fastrand::Rng::with_seed(seed().0);
    let place = Place::sqlite();
    let owner = place.furnish();
    let (mut server, disk) = Disk::start(&place);
    let journal = Journal::default();
    let mut line = server.line();
    assert_eq!(add(&mut line, &owner, new_id(&mut random), &journal), "201");
    let read = |server: &Running| {
        let path = format!(
            "/workspaces/{}/reports/summary?first=2026-03-02&last=2026-03-02",
            owner.workspace
        );
        server.line().api(&owner.token, "GET", &path, None).unwrap().status
    };

    // Not a byte more, for many at once.
    disk.fail("0");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let (mut random, journal, owner, server) =
                (random.fork(), &journal, &owner, server.port);
            scope.spawn(move || {
                let mut line = Line::open(server).unwrap();
                for _ in 0..5 {
                    assert_eq!(
                        add(&mut line, owner, new_id(&mut random), journal),
                        "503 disk_full"
                    );
                }
            });
        }
    });
    assert_eq!(read(&server), 200, "reading works");
    let form = server.line().ask("GET", "/sign-in", &[], b"").unwrap();
    assert_eq!(form.status, 200);
    disk.work();
    assert_eq!(
        add(&mut line, &owner, new_id(&mut random), &journal),
        "201",
        "it recovers by itself"
    );

    // Full in the middle of a write, at any byte of it.
    for round in 0..rounds(40, 1_000) {
        disk.fail(&random.u64(0..40_000).to_string());
        let mut outcome = String::new();
        for _ in 0..100 {
            outcome = add(&mut line, &owner, new_id(&mut random), &journal);
            if outcome != "201" {
                break;
            }
        }
        assert_eq!(outcome, "503 disk_full", "round {round}");
        assert_eq!(read(&server), 200, "round {round}");
        disk.work();
        assert_eq!(add(&mut line, &owner, new_id(&mut random), &journal), "201", "round {round}");
    }
    journal.check(&mut line, &owner);
    assert!(server.is_up());
    server.kill();
    intact(&place);
    let server = place.start(&[]);
    journal.check(&mut server.line(), &owner);
    println!("{:?}", journal.counts());
}

/// Sends a form as a browser without scripts does.
fn send_form(line: &mut Line, path: &str, cookie: &str, form: &str) -> Answer {
    let headers = [
        ("Cookie", cookie),
        ("Sec-Fetch-Site", "same-origin"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    line.ask("POST", path, &headers, form.as_bytes()).unwrap()
}

/// The page says why, shows what was typed, and sends it again.
fn keeps_the_form(answer: &Answer, reason: &str, action: &str, typed: &str) {
    let page = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, 503, "{page}");
    for part in [reason, &format!("action=\"{action}\""), &format!("<dd>{typed}</dd>")] {
        assert!(page.contains(part), "no {part}: {page}");
    }
    assert!(page.contains(&format!("value=\"{typed}\"")), "{page}");
}

#[test]
fn a_form_on_a_full_disk_keeps_what_was_typed() {
    let place = Place::sqlite();
    place.furnish();
    let (server, disk) = Disk::start(&place);
    let mut line = server.line();
    let page = line.ask("GET", "/sign-in", &[], b"").unwrap();
    let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
    let page = String::from_utf8(page.body).unwrap();
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("csrf={csrf}&email=ann%40example.org&remember=1");
    disk.fail("0");
    let refused = send_form(&mut line, "/sign-in", &cookie, &form);
    keeps_the_form(&refused, "The server’s disk is full.", "/sign-in", "ann@example.org");
    disk.work();
    let sent = send_form(&mut line, "/sign-in", &cookie, &form);
    assert_eq!(sent.status, 200, "{}", String::from_utf8_lossy(&sent.body));
}

#[test]
fn a_disk_that_cannot_flush_acknowledges_nothing() {
    let mut random = fastrand::Rng::with_seed(seed().0);
    let place = Place::sqlite();
    let owner = place.furnish();
    let (server, disk) = Disk::start(&place);
    let journal = Journal::default();
    let mut line = server.line();
    for round in 0..rounds(10, 200) {
        assert_eq!(add(&mut line, &owner, new_id(&mut random), &journal), "201", "round {round}");
        disk.fail("sync");
        for _ in 0..3 {
            let outcome = add(&mut line, &owner, new_id(&mut random), &journal);
            assert!(outcome.starts_with("503 "), "round {round}: {outcome}");
        }
        disk.work();
        assert_eq!(add(&mut line, &owner, new_id(&mut random), &journal), "201", "round {round}");
        journal.check(&mut line, &owner);
    }
    // Also when it never recovers: what was answered stays true after the next start.
    disk.fail("sync");
    add(&mut line, &owner, new_id(&mut random), &journal);
    server.kill();
    intact(&place);
    let server = place.start(&[]);
    journal.check(&mut server.line(), &owner);
    println!("{:?}", journal.counts());
}

fn intact(place: &Place) {
    let mut folders = vec![place.data()];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "db") {
                assert_eq!(testkit::check_file(&path), "ok", "{}", path.display());
                count += 1;
            }
        }
    }
    assert!(count >= 2, "{count} files");
}

/// Writers who go on whatever they are told, until told to stop.
fn keep_writing(port: u16, owner: &Owner, journal: &Journal, is_over: &AtomicBool, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut line = Line::open(port).unwrap();
    while !is_over.load(Ordering::Relaxed) {
        let outcome = add(&mut line, owner, new_id(&mut random), journal);
        if outcome != "201" {
            // As programs do: not at once.
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
}

/// Tries until a write works; how long that took.
fn until_it_works(
    line: &mut Line,
    owner: &Owner,
    journal: &Journal,
    random: &mut fastrand::Rng,
) -> Duration {
    let began = Instant::now();
    while add(line, owner, new_id(random), journal) != "201" {
        assert!(began.elapsed() < Duration::from_secs(20), "it does not recover");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    began.elapsed()
}

const TERMINATE: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                         WHERE application_name = 'timeproof'";

#[test]
fn a_lost_database_is_told_and_found_again() {
    let mut random = fastrand::Rng::with_seed(seed().0);
    let own = OwnCluster::start();
    let place = Place::postgres(own.cluster().url());
    let owner = place.furnish();
    let mut server = place.start(&[]);
    let (journal, is_over) = (Journal::default(), AtomicBool::new(false));
    let mut line = server.line();
    assert_eq!(add(&mut line, &owner, new_id(&mut random), &journal), "201");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let (seed, port) = (random.u64(..), server.port);
            let (owner, journal, is_over) = (&owner, &journal, &is_over);
            scope.spawn(move || keep_writing(port, owner, journal, is_over, seed));
        }
        // Lines that break in the middle of anything, commits among it.
        let mut cut = 0;
        for _ in 0..rounds(15, 500) {
            std::thread::park_timeout(Duration::from_millis(random.u64(0..200)));
            cut += own.cluster().execute(TERMINATE);
        }
        println!("{cut} lines cut");
        // Stopped politely, then as by a crash.
        for mode in ["fast", "immediate"] {
            own.stop(mode);
            let refused = add(&mut line, &owner, new_id(&mut random), &journal);
            assert_eq!(refused, "503 unavailable", "{mode}");
            let path = format!("/workspaces/{}/tags", owner.workspace);
            let read = line.api(&owner.token, "GET", &path, None).unwrap();
            assert_eq!(read.outcome(), "503 unavailable", "{mode}");
            assert_eq!(line.ask("GET", "/healthz", &[], b"").unwrap().status, 200);
            // Nobody can be looked up; the form is there all the same, with its own token.
            let (quick, cookie) =
                ("/w/x/quick-entry", format!("sid-{}={}", server.port, "A".repeat(43)));
            let sent = send_form(&mut line, quick, &cookie, "csrf=mine&text=1%3A30+Plan");
            keeps_the_form(&sent, "The database cannot be reached.", quick, "1:30 Plan");
            assert!(String::from_utf8_lossy(&sent.body).contains("name=\"csrf\" value=\"mine\""));
            // On its way to the sign-in too, and it still says where it goes.
            let kept = "/sign-in/first?action=%2Fw%2Fx%2Fquick-entry";
            let sent = send_form(&mut line, kept, &cookie, "csrf=mine&text=1%3A30+Plan");
            keeps_the_form(&sent, "The database cannot be reached.", kept, "1:30 Plan");
            own.start_again();
            println!("back after {:?}", until_it_works(&mut line, &owner, &journal, &mut random));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    println!("{:?}", journal.counts());
    assert!(server.is_up());
    assert!(journal.count("201") > 20);
    journal.check(&mut line, &owner);

    // Idle lines that a new start of the database closed cost nobody an error.
    own.stop("fast");
    own.start_again();
    for _ in 0..10 {
        assert_eq!(add(&mut line, &owner, new_id(&mut random), &journal), "201");
    }
    journal.check(&mut line, &owner);
}
