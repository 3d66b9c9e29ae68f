use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use app::clock::Clock;
use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use jiff::Timestamp;
use ledger::{
    Note,
    note::Signed,
    witness::{AddCheckpoint, Declined, read_answer},
};
use proptest::prelude::*;
use tempfile::TempDir;
use testkit::log::OwnLog;
use tower::ServiceExt;

use super::*;

const LOG: &str = "time.example/ledger";

/// What becomes of a file; without, it is removed.
type Alter<'a> = Option<&'a dyn Fn(&str) -> String>;

/// A clock that a test sets, in seconds since 1970.
#[derive(Debug, Default)]
struct Set(AtomicI64);

impl Clock for Set {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

fn clock(at: i64) -> Arc<Set> {
    Arc::new(Set(AtomicI64::new(at)))
}

fn open_at(folder: &Path, keys: &[&Verifier], clock: &Arc<Set>) -> anyhow::Result<Witness> {
    let logs: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let clock: Arc<dyn Clock> = Arc::<Set>::clone(clock);
    open(folder, Some("witness.example"), &logs, || [5; 32], clock)
}

fn open_in(folder: &Path, log: &OwnLog) -> Witness {
    open_at(folder, &[log.key()], &clock(1_000)).unwrap()
}

/// What the cosignature of an answer says.
fn said(witness: &Witness, asked: &AddCheckpoint) -> Result<Signed, NotAdded> {
    let keys = [witness.verifier().clone()];
    let line = witness.add(&asked.to_string())?;
    let read = read_answer(&line, &asked.head, &keys).unwrap();
    Ok(Note::new(asked.head.text().to_owned(), read).unwrap().check(&keys).unwrap())
}

fn declined(told: Result<Signed, NotAdded>) -> Declined {
    match told {
        Err(NotAdded::Declined(declined)) => declined,
        other => panic!("{other:?}"),
    }
}

#[test]
fn heads_are_kept_over_a_start_and_one_that_was_rolled_back_is_not_cosigned() {
    let folder = TempDir::new().unwrap();
    let mut log = OwnLog::new(LOG, 1);
    log.grow("leaf", 20);
    let witness = open_in(folder.path(), &log);
    assert_eq!(said(&witness, &log.ask(0, 7)).unwrap().witnesses.len(), 1);
    assert_eq!(said(&witness, &log.ask(7, 9)).unwrap().witnesses.len(), 1);
    drop(witness);
    let witness = open_in(folder.path(), &log);
    assert_eq!(witness.logs(), [(LOG.to_owned(), 9)]);
    // Put back to seven leaves, also when it has gone on to more than before.
    assert_eq!(declined(said(&witness, &log.ask(0, 7))), Declined::Conflict(9));
    let mut other = OwnLog::new(LOG, 1);
    other.grow("leaf", 7);
    other.grow("other", 20);
    for size in [8, 9, 12] {
        assert_eq!(declined(said(&witness, &other.ask(7, size))), Declined::Conflict(9), "{size}");
    }
    assert_eq!(declined(said(&witness, &other.ask(9, 9))), Declined::Conflict(9), "two views");
    assert_eq!(declined(said(&witness, &other.ask(9, 20))), Declined::Inconsistent);
    // The same head once more is the same head.
    assert!(said(&witness, &log.ask(9, 9)).is_ok());
    assert!(said(&witness, &log.ask(9, 20)).is_ok());
}

#[test]
fn two_logs_do_not_meet_and_others_are_not_known() {
    let folder = TempDir::new().unwrap();
    let (mut one, mut two) = (OwnLog::new(LOG, 1), OwnLog::new("other.example/ledger", 2));
    let mut stranger = OwnLog::new("third.example/ledger", 3);
    let mut forger = OwnLog::new(LOG, 9);
    for log in [&mut one, &mut two, &mut stranger, &mut forger] {
        log.grow("leaf", 5);
    }
    let witness = open_at(folder.path(), &[one.key(), two.key()], &clock(1)).unwrap();
    assert!(said(&witness, &one.ask(0, 5)).is_ok());
    assert!(said(&witness, &two.ask(0, 3)).is_ok());
    assert_eq!(declined(said(&witness, &stranger.ask(0, 5))), Declined::UnknownLog);
    assert_eq!(declined(said(&witness, &forger.ask(5, 5))), Declined::Unsigned);
    assert_eq!(witness.logs().iter().map(|(_, size)| *size).collect::<Vec<_>>(), [5, 3]);
    // A head that the right key has signed for the wrong log.
    let mut moved = two.ask(0, 3);
    moved.head =
        Note::new(one.head(5).text().to_owned(), two.head(5).signatures().to_vec()).unwrap();
    moved.old = 5;
    moved.proof.clear();
    assert_eq!(declined(said(&witness, &moved)), Declined::Unsigned);
}

#[test]
fn what_was_said_of_a_time_is_not_taken_back() {
    let folder = TempDir::new().unwrap();
    let mut log = OwnLog::new(LOG, 1);
    log.grow("leaf", 9);
    let clock = clock(10_000);
    let witness = open_at(folder.path(), &[log.key()], &clock).unwrap();
    let time = |told: Signed| told.witnesses[0].1;
    assert_eq!(time(said(&witness, &log.ask(0, 3)).unwrap()), 10_000);
    clock.0.store(9_800, Ordering::Relaxed);
    assert_eq!(time(said(&witness, &log.ask(3, 4)).unwrap()), 10_000, "it waits");
    clock.0.store(9_000, Ordering::Relaxed);
    assert!(matches!(said(&witness, &log.ask(4, 5)), Err(NotAdded::ClockBack(1_000))));
    clock.0.store(-5, Ordering::Relaxed);
    assert!(matches!(said(&witness, &log.ask(4, 5)), Err(NotAdded::ClockBack(10_000))));
    clock.0.store(10_001, Ordering::Relaxed);
    assert_eq!(time(said(&witness, &log.ask(4, 5)).unwrap()), 10_001);
}

#[test]
fn a_witness_does_not_begin_anew() {
    let mut log = OwnLog::new(LOG, 1);
    log.grow("leaf", 9);
    let head = format!("{}.head", log_word(LOG));
    let altered = |text: &str| text.replacen("\n9\n", "\n3\n", 1);
    let short = |text: &str| text[..text.len() / 2].to_owned();
    let cases: [(&str, Alter<'_>); 6] = [
        (&head, None),
        (&head, Some(&altered)),
        (&head, Some(&short)),
        (&head, Some(&|_| String::new())),
        ("witness.key", None),
        ("witness.key", Some(&short)),
    ];
    for (name, alter) in cases {
        let folder = TempDir::new().unwrap();
        let witness = open_in(folder.path(), &log);
        said(&witness, &log.ask(0, 9)).unwrap();
        drop(witness);
        let path = folder.path().join(name);
        match alter {
            None => fs::remove_file(&path).unwrap(),
            Some(alter) => {
                let text = fs::read_to_string(&path).unwrap();
                fs::write(&path, alter(&text)).unwrap();
            }
        }
        let opened = open_at(folder.path(), &[log.key()], &clock(1_000));
        let why = format!("{:#}", opened.err().unwrap());
        assert!(why.contains(name), "{why}");
    }
}

/// With the list and the heads gone nothing says what was seen; the key alone does not begin anew.
#[test]
fn a_witness_that_has_lost_all_it_saw_does_not_begin_anew() {
    let mut log = OwnLog::new(LOG, 1);
    log.grow("leaf", 9);
    for has_seen in [false, true] {
        let folder = TempDir::new().unwrap();
        let witness = open_in(folder.path(), &log);
        if has_seen {
            said(&witness, &log.ask(0, 9)).unwrap();
            fs::remove_file(folder.path().join(format!("{}.head", log_word(LOG)))).unwrap();
        }
        drop(witness);
        fs::remove_file(folder.path().join("logs")).unwrap();
        let opened = open_at(folder.path(), &[log.key()], &clock(1_000));
        let why = format!("{:#}", opened.err().unwrap());
        assert!(why.contains("logs"), "{why}");
    }
}

/// What cannot be kept is not cosigned, and was not seen.
#[test]
fn a_head_that_cannot_be_kept_is_not_cosigned() {
    let folder = TempDir::new().unwrap();
    let mut log = OwnLog::new(LOG, 1);
    log.grow("leaf", 9);
    let witness = open_in(folder.path(), &log);
    let in_the_way = folder.path().join(format!("{}.head.new", log_word(LOG)));
    fs::create_dir(&in_the_way).unwrap();
    let told = said(&witness, &log.ask(0, 9));
    assert!(matches!(told, Err(NotAdded::NotKept(_))), "{told:?}");
    assert_eq!(witness.logs(), [(LOG.to_owned(), 0)]);
    assert_eq!(witness.last(&log_word(LOG)), None);
    fs::remove_dir(&in_the_way).unwrap();
    said(&witness, &log.ask(0, 9)).unwrap();
}

#[test]
fn a_folder_is_one_witness() {
    let home = TempDir::new().unwrap();
    let folder = home.path().join("witness");
    let log = OwnLog::new(LOG, 1);
    let witness = open_in(&folder, &log);
    let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode();
    assert_eq!(mode("witness.key") & 0o777, 0o600);
    assert_eq!(mode("") & 0o777, 0o700);
    let second = open_at(&folder, &[log.key()], &clock(1));
    assert!(second.err().unwrap().to_string().contains("Another witness"));
    let key = witness.verifier().clone();
    drop(witness);
    // The key is drawn once, and a name given once.
    let again = open(&folder, None, &[], || [6; 32], clock(1)).unwrap();
    assert_eq!(*again.verifier(), key);
    drop(again);
    let renamed = open(&folder, Some("else.example"), &[], || [6; 32], clock(1));
    assert!(renamed.err().unwrap().to_string().contains("witness.example"));
    let elsewhere = TempDir::new().unwrap();
    let nameless = open(elsewhere.path(), None, &[], || [6; 32], clock(1));
    assert!(nameless.err().unwrap().to_string().contains("--name"));
    fs::write(elsewhere.path().join("root.key"), "x").unwrap();
    let of_a_server = open(elsewhere.path(), Some("w"), &[], || [6; 32], clock(1));
    assert!(of_a_server.err().unwrap().to_string().contains("server"));
    let wrong = open(elsewhere.path(), None, &["no key".to_owned()], || [6; 32], clock(1));
    assert!(wrong.is_err());
}

/// Status, kind and body of an answer.
async fn post(witness: &Arc<Witness>, body: impl Into<Body>) -> (StatusCode, String, String) {
    let request = Request::post("/add-checkpoint").body(body.into()).unwrap();
    let answer = http::router(Arc::clone(witness)).oneshot(request).await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1_000_000).await.unwrap();
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn it_answers_as_tlog_witness_says() {
    let folder = TempDir::new().unwrap();
    let mut log = OwnLog::new(LOG, 1);
    log.grow("leaf", 9);
    let witness = Arc::new(open_in(folder.path(), &log));
    let (status, _, body) = post(&witness, log.ask(0, 5).to_string()).await;
    assert_eq!(status, 200);
    assert!(body.starts_with("— witness.example ") && body.ends_with('\n'), "{body}");
    let (status, kind, body) = post(&witness, log.ask(3, 5).to_string()).await;
    assert_eq!((status.as_u16(), kind.as_str(), body.as_str()), (409, "text/x.tlog.size", "5\n"));
    let mut stranger = OwnLog::new("third.example/ledger", 3);
    assert_eq!(post(&witness, stranger.ask(0, 0).to_string()).await.0, 404);
    let mut forger = OwnLog::new(LOG, 3);
    assert_eq!(post(&witness, forger.ask(0, 0).to_string()).await.0, 403);
    let mut short = log.ask(5, 9);
    short.proof.pop();
    assert_eq!(post(&witness, short.to_string()).await.0, 422);
    for wrong in [vec![], b"old 5\n".to_vec(), vec![0xff; 9], vec![b'a'; 100_000]] {
        assert_eq!(post(&witness, wrong).await.0, 400);
    }
    let get = async |path: String| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = http::router(Arc::clone(&witness)).oneshot(request).await.unwrap();
        (answer.status(), to_bytes(answer.into_body(), 10_000).await.unwrap())
    };
    let (status, note) = get(format!("/checkpoint/{}", log_word(LOG))).await;
    assert_eq!(status, 200);
    let note = Note::parse(std::str::from_utf8(&note).unwrap()).unwrap();
    let signed = note.check(&[log.key().clone(), witness.verifier().clone()]).unwrap();
    assert_eq!((signed.logs.len(), signed.witnesses.len()), (1, 1));
    assert_eq!(get("/checkpoint/x".to_owned()).await.0, 404);
}

/// Of two requests from the same size, whatever they bring, one comes first.
#[test]
fn requests_at_once_do_not_cross() {
    let folder = TempDir::new().unwrap();
    let (mut log, mut other) = (OwnLog::new(LOG, 1), OwnLog::new(LOG, 1));
    log.grow("leaf", 8);
    other.grow("leaf", 4);
    other.grow("other", 8);
    let witness = open_in(folder.path(), &log);
    said(&witness, &log.ask(0, 4)).unwrap();
    let asked = [log.ask(4, 8).to_string(), other.ask(4, 8).to_string()];
    let told = std::thread::scope(|scope| {
        let ask = |body: &String| {
            let (witness, body) = (&witness, body.clone());
            scope.spawn(move || witness.add(&body).is_ok())
        };
        asked
            .iter()
            .map(ask)
            .collect::<Vec<_>>()
            .into_iter()
            .map(|one| one.join().unwrap())
            .filter(|is_cosigned| *is_cosigned)
            .count()
    });
    assert_eq!(told, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever comes is answered, and what is not of the log's hand moves nothing.
    #[test]
    fn random_bytes_are_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        at in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let folder = TempDir::new().unwrap();
        let mut log = OwnLog::new(LOG, 1);
        log.grow("leaf", 9);
        let witness = open_in(folder.path(), &log);
        let whole = log.ask(0, 9).to_string();
        let noise = String::from_utf8_lossy(&bytes).into_owned();
        let place = |index: prop::sample::Index| {
            (0..=index.index(whole.len())).rev().find(|at| whole.is_char_boundary(*at)).unwrap()
        };
        let (first, last) = (place(at), place(cut));
        let mixed = format!("{}{noise}{}", &whole[..first], &whole[last..]);
        for body in [noise, mixed, whole[..last].to_owned()] {
            if body != whole && let Ok(asked) = AddCheckpoint::parse(&body) {
                prop_assert_eq!(asked.to_string(), body.clone());
            }
            if let Ok(line) = witness.add(&body) {
                let asked = AddCheckpoint::parse(&body).unwrap();
                let head = log.head(9);
                prop_assert_eq!(asked.head.text(), head.text());
                prop_assert!(read_answer(&line, &asked.head, &[witness.verifier().clone()]).is_ok());
            }
        }
    }
}
