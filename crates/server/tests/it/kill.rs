//! Acknowledged means on disk: SIGKILL at random moments under load loses nothing that was
//! acknowledged and doubles nothing.
//!
//! Eight writers make time entries with ids of their own over connections that are kept alive, and
//! note each id once its answer has come. Then the server is killed, started again on the same
//! data, and compared with the notes. What was sent and not answered may be there or not; sending
//! it again makes it once. The ledger agrees with its tables whenever it is looked at, its cosignatures with
//! its heads, and in the end every event has its place in it and the witness has seen no other history.

use std::{
    collections::HashMap,
    path::Path,
    sync::mpsc::{RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use app::{
    Actor, Credential,
    ledger::{Anchored, checkpoint, find_halt, list_witnesses, tile, verifier_keys},
};
use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};
use store::{Statement, StoreError};
use testkit::{
    log::{
        LogCopy,
        ledger::{Checkpoint, Note, Sum, Verifier},
    },
    seed,
};
use uuid::Uuid;

use crate::{
    line::Line,
    process::{Owner, Place, Running, rounds},
    witness::{await_cosigned, key_of, start_witness},
};

const WRITERS: usize = 8;

/// What a writer did: entries that were acknowledged, and the one that was under way.
#[derive(Default)]
struct Journal {
    acknowledged: Vec<(Uuid, i64)>,
    under_way: Option<(Uuid, i64)>,
}

#[test]
fn a_killed_server_keeps_what_it_acknowledged_on_sqlite() {
    story(&Place::sqlite(), || {});
}

#[test]
fn a_killed_server_keeps_what_it_acknowledged_on_postgres() {
    let cluster = testkit::postgres::durable_cluster();
    let place = Place::postgres(cluster.url());
    // What was being committed is there or not before anybody looks.
    story(&place, || {
        let began = Instant::now();
        cluster.wait_for_quiet(place.prefix().unwrap());
        println!("quiet after {:?}", began.elapsed());
    });
}

fn story(place: &Place, settle: impl Fn()) {
    let mut random = fastrand::Rng::with_seed(seed().0);
    let owner = place.furnish();
    let mut day: Date = "2026-01-05".parse().unwrap();
    let (mut total_s, mut total, mut unanswered) = (0, 0, 0);
    let began = Instant::now();
    let rounds = rounds(10, 200);
    let server = place.start(&[]);
    let log = key_of(&server);
    server.kill();
    let elsewhere = Place::sqlite();
    let (witness, key, named) = start_witness(&elsewhere, &[&log]);
    let witnessed = ["--witness", named.as_str()];
    for _ in 0..rounds {
        day += 1.day();
        let server = place.start(&witnessed);
        let life = Duration::from_millis(random.u64(0..=3_000));
        let journals = load(server, &place.log(), &owner, day, life, &mut random);
        settle();
        ledger_agrees(place, &owner);
        cosignatures_agree(place, &log, &key);
        let server = place.start(&witnessed);
        let mut line = server.line();
        let before = entries(&mut line, &owner, day);
        let mut expected = HashMap::new();
        for journal in &journals {
            for (id, seconds) in &journal.acknowledged {
                assert_eq!(before.get(id), Some(seconds), "{id} was acknowledged after {life:?}");
                assert_eq!(expected.insert(*id, *seconds), None);
            }
            // A program that got no answer sends again.
            if let Some((id, seconds)) = journal.under_way {
                let answer = add(&mut line, &owner, day, id, seconds).unwrap();
                let is_there = before.contains_key(&id);
                assert_eq!(answer, if is_there { 200 } else { 201 }, "{id} sent again");
                expected.insert(id, seconds);
                unanswered += 1;
            }
        }
        assert_eq!(entries(&mut line, &owner, day), expected, "nothing else, nothing doubled");
        let sum: i64 = expected.values().sum();
        assert_eq!(report(&mut line, &owner, day, day), sum);
        total_s += sum;
        total += expected.len();
        server.kill();
    }
    let server = place.start(&witnessed);
    await_cosigned(&server, &key, 1);
    let first: Date = "2026-01-05".parse().unwrap();
    assert_eq!(report(&mut server.line(), &owner, first, day), total_s);
    println!(
        "{rounds} kills, {total} entries, {unanswered} under way when killed, {:?}",
        began.elapsed()
    );
    server.kill();
    every_event_is_proven(place, &owner);
    witness_agrees(place, &witness, &log, &key);
    assert!(total > rounds, "the writers wrote too little to prove anything");
}

/// Writes with all hands until the server is killed.
fn load(
    server: Running,
    log: &Path,
    owner: &Owner,
    day: Date,
    life: Duration,
    random: &mut fastrand::Rng,
) -> Vec<Journal> {
    let port = server.port;
    std::thread::scope(|scope| {
        let (stopped, stop) = channel::<()>();
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let (mut random, stopped) = (random.fork(), stopped.clone());
                scope.spawn(move || {
                    let journal = write(port, owner, day, &mut random);
                    let _gone = stopped.send(());
                    journal
                })
            })
            .collect();
        // Writers only end once the server is gone, or refuses one of them.
        let ended = stop.recv_timeout(life);
        if ended != Err(RecvTimeoutError::Timeout) {
            let log = std::fs::read_to_string(log).unwrap();
            panic!("the server went away by itself, or refused: {}", last_lines(&log, 5));
        }
        server.kill();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    })
}

/// Leaves, heads and what waits are those of one moment, whenever the server was killed.
fn ledger_agrees(place: &Place, owner: &Owner) {
    const COUNT: Statement = Statement::new(
        "test.count",
        "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM ledger_leaves),
                (SELECT count(*) FROM ledger_pending),
                (SELECT COALESCE(max(size), 0) FROM ledger_heads)",
    );
    place.with_app(async |app| {
        let database = app.store().workspace(owner.workspace).await.unwrap();
        let read = database.read(|tx| {
            let row = tx.one(&COUNT, &[])?;
            Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
        });
        let counted: Result<[i64; 4], StoreError> = read.await;
        let [events, leaves, pending, size] = counted.unwrap();
        assert_eq!(events, leaves + pending, "every event has a place or waits for one");
        assert_eq!(leaves, size, "every leaf is below a head");
    });
}

/// Every cosignature that is kept is by the witness, over a head that is kept.
fn cosignatures_agree(place: &Place, log: &Verifier, witness: &Verifier) {
    const LIST: Statement = Statement::new(
        "test.list",
        "SELECT h.note, c.line FROM ledger_cosignatures c LEFT JOIN ledger_heads h ON h.size = c.size",
    );
    let keys = [log.clone(), witness.clone()];
    place.with_app(async |app| {
        let read = app.store().directory().read(|tx| {
            let rows = tx.query(&LIST, &[])?;
            rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
        });
        let lines: Result<Vec<(String, String)>, StoreError> = read.await;
        for (note, line) in lines.unwrap() {
            let signed = Note::parse(&format!("{note}{line}\n")).unwrap().check(&keys).unwrap();
            assert_eq!((signed.logs.len(), signed.witnesses.len()), (1, 1));
        }
        assert_eq!(app.read_directory(app.new_request(), find_halt).await.unwrap(), None);
    });
}

/// What the witness has seen last is a head of the log, and what the log has of it no more than that.
fn witness_agrees(place: &Place, witness: &Running, log: &Verifier, key: &Verifier) {
    let mut sum = Sum::new();
    sum.update(log.name().as_bytes());
    let path = format!("/checkpoint/{}", sum.hex());
    let seen = witness.line().ask("GET", &path, &[], b"").unwrap();
    assert_eq!(seen.status, 200, "it has cosigned something");
    let seen = Note::parse(&seen.text()).unwrap();
    let size = Checkpoint::parse(seen.text()).unwrap().size();
    place.with_app(async |app| {
        assert_eq!(app.compare_anchored(seen.to_string()).await.unwrap(), Anchored::GoesOn);
        let listed = app.read_directory(app.new_request(), list_witnesses).await.unwrap();
        assert_eq!(listed[0].key, key.to_string());
        let known = listed[0].cosigned.unwrap().0;
        println!("the witness has seen {size} leaves, and {known} are known to be cosigned");
        assert!(known <= size);
    });
}

/// The ledger goes on from what the kills have left, and its tree is that of all events.
fn every_event_is_proven(place: &Place, owner: &Owner) {
    place.with_app(async |app| {
        let workspace = owner.workspace;
        // Both check the signature and the tree of what is there.
        app.sequence_ledger(workspace, "localhost").await.unwrap();
        app.sequence_instance_log("localhost").await.unwrap();
        let member = app.find_first_owner(workspace).await.unwrap().unwrap();
        let actor = Actor::new(Credential::System(member), app.new_request());
        let note = app.read(actor, workspace, checkpoint).await.unwrap();
        let keys = app.read_directory(app.new_request(), verifier_keys).await.unwrap();
        let origin = note.split('\n').next().unwrap();
        let key = Verifier::parse(&keys[0]).unwrap().renamed(origin).unwrap();
        let mut copy = LogCopy::new(&note, &key);
        let get = async |path: String| {
            app.read(actor, workspace, move |op| tile(op, &path)).await.unwrap()
        };
        copy.fetch(true, get).await;
        let leaves = copy.check();
        println!("{} leaves", leaves.len());
    });
    ledger_agrees(place, owner);
}

fn write(port: u16, owner: &Owner, day: Date, random: &mut fastrand::Rng) -> Journal {
    let mut journal = Journal::default();
    let Ok(mut line) = Line::open(port) else { return journal };
    loop {
        let (id, seconds) = (new_id(random), random.i64(1..=86_400));
        journal.under_way = Some((id, seconds));
        match add(&mut line, owner, day, id, seconds) {
            Ok(201) => {
                journal.acknowledged.push((id, seconds));
                journal.under_way = None;
            }
            Ok(status) => {
                println!("{status} under load");
                return journal;
            }
            Err(_) => return journal,
        }
    }
}

/// A UUIDv7 of no particular time.
fn new_id(random: &mut fastrand::Rng) -> Uuid {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    uuid::Builder::from_unix_timestamp_millis(1_790_000_000_000, &bytes).into_uuid()
}

/// Adds an entry; the status of the answer.
fn add(line: &mut Line, owner: &Owner, day: Date, id: Uuid, seconds: i64) -> std::io::Result<u16> {
    let body = json!({ "id": id, "day": day, "duration_s": seconds, "note": format!("work {id}") });
    let path = format!("/workspaces/{}/time-entries", owner.workspace);
    Ok(line.api(&owner.token, "POST", &path, Some(&body))?.status)
}

/// All entries of a day.
fn entries(line: &mut Line, owner: &Owner, day: Date) -> HashMap<Uuid, i64> {
    let found = owner.entries(line, &format!("first={day}&last={day}&"));
    let seconds = |(id, entry): (Uuid, Value)| {
        assert_eq!(entry["note"], format!("work {id}"));
        (id, entry["duration_s"].as_i64().unwrap())
    };
    found.into_iter().map(seconds).collect()
}

fn report(line: &mut Line, owner: &Owner, first: Date, last: Date) -> i64 {
    let path = format!("/workspaces/{}/reports/summary?first={first}&last={last}", owner.workspace);
    let report = line.api(&owner.token, "GET", &path, None).unwrap();
    report.json()["total_s"].as_i64().unwrap()
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
