//! The head of a workspace in the log of its instance, and what witnesses have to say of it.

use jiff::{SignedDuration, Timestamp};
use ledger::event::{Head, Leaf};
use ledger::key::Kind;
use ledger::proof::inclusion;
use ledger::receipt::Receipt;
use ledger::{Checkpoint, Frontier, Hash, Note, Signer, tree::root};

use super::receipt::Tree;
use super::*;

/// The seconds of an hour.
const HOUR: i64 = 3_600;

/// What a receipt is made of, to be altered.
struct Made {
    origin: String,
    leaf: Vec<u8>,
    seed: u8,
    /// When witnesses have cosigned, in seconds since 1970.
    cosigned: Vec<(u8, i64)>,
}

fn witness(seed: u8) -> Signer {
    Signer::new(&format!("witness-{seed}.example"), Kind::Witness, &[seed; 32]).unwrap()
}

/// The receipt of the head of so many leaves, that was signed when it was cosigned.
fn made(fixture: &Fixture, size: usize, cosigned: &[(u8, i64)]) -> Made {
    let head = fixture.head_of(size);
    let latest = cosigned.iter().map(|(_, at)| at * fixture::SECOND).max();
    let leaf = Leaf::Head(Head {
        workspace: fixture.workspace.into_bytes(),
        size: head.size(),
        root: head.root(),
        at: latest.unwrap_or_else(|| fixture.now()),
    });
    Made {
        origin: "time.example/ledger".to_owned(),
        leaf: leaf.to_bytes().unwrap(),
        seed: 7,
        cosigned: cosigned.to_vec(),
    }
}

impl Made {
    /// The leaf tells this time, in microseconds.
    fn signed_at(mut self, at: i64) -> Self {
        let place = self.leaf.len() - 8;
        self.leaf[place..].copy_from_slice(&at.to_be_bytes());
        self
    }

    /// As the third of five leaves.
    fn receipt(&self) -> Receipt {
        let mut edge = Frontier::default();
        let leaves: Vec<Vec<u8>> =
            (0..5_u8).map(|at| if at == 2 { self.leaf.clone() } else { vec![at] }).collect();
        let grown = leaves.iter().flat_map(|leaf| edge.append(Hash::leaf(leaf)));
        let mut tree = Tree(grown.collect());
        let head = Checkpoint::new(&self.origin, 5, root(5, &mut tree).unwrap()).unwrap();
        let signer = Signer::new(&self.origin, Kind::Log, &[self.seed; 32]).unwrap();
        let mut note: Note = head.sign(&signer).unwrap();
        for (seed, at) in &self.cosigned {
            let line = witness(*seed).sign(note.text(), u64::try_from(*at).unwrap());
            note = note.with(line).unwrap();
        }
        let proof = inclusion(2, 5, &mut tree).unwrap().unwrap();
        Receipt { extra: Some(self.leaf.clone()), index: 2, proof, head: note }
    }
}

/// That a witness has cosigned the instance's log with all of this one under it.
pub(super) fn receipt(fixture: &Fixture) -> String {
    made(fixture, fixture.size(), &[(1, last_s(fixture) + 10)]).receipt().to_string()
}

/// The seconds of the last event.
fn last_s(fixture: &Fixture) -> i64 {
    fixture.leaves.last().unwrap().event.at / fixture::SECOND
}

/// The codes and the verdict of an export with a receipt, asked for the first witness.
fn asked(fixture: &Fixture, fresh: Option<(i64, i64)>) -> (Vec<Code>, Verdict) {
    let (codes, verdict) = check(fixture, |request, _| {
        request.witnesses.push(witness(1).verifier().to_string());
        request.fresh = fresh.map(|(age, _)| SignedDuration::from_secs(age));
        request.now =
            fresh.map_or(Timestamp::UNIX_EPOCH, |(_, now)| Timestamp::from_second(now).unwrap());
    });
    (codes.into_iter().collect(), verdict)
}

#[test]
fn a_workspace_is_under_what_a_witness_has_cosigned_of_the_instance() {
    let mut fixture = fixture(0);
    let (size, now) = (fixture.size(), last_s(&fixture) + 10);
    assert_eq!(asked(&fixture, None).0, [Code::WitnessMissing]);
    fixture.receipt = Some(made(&fixture, size, &[(1, now)]).receipt().to_string());
    let (codes, verdict) = asked(&fixture, None);
    assert_eq!(codes, [], "{:?}", verdict.findings);
    let log = verdict.log.unwrap();
    assert_eq!(log.in_instance, Some(u64::try_from(size).unwrap()));
    assert_eq!(
        log.witnesses["witness-1.example"],
        Timestamp::from_second(now).unwrap().to_string()
    );
    let other = made(&fixture, size, &[(2, now)]).receipt().to_string();
    fixture.receipt = Some(other);
    assert_eq!(asked(&fixture, None).0, [Code::WitnessMissing]);
    // Without a witness it is the instance's word alone, and has to be right all the same.
    assert_eq!(plainly(&fixture).0, BTreeSet::new());
}

#[test]
fn what_a_witness_has_not_seen_lately_is_stale() {
    let mut fixture = fixture(1);
    let (size, now) = (fixture.size(), last_s(&fixture) + 10);
    fixture.receipt = Some(made(&fixture, size, &[(1, now)]).receipt().to_string());
    for (later, expected) in [
        (0, vec![]),
        (HOUR, vec![]),
        (HOUR + 1, vec![Code::WitnessStale]),
        (-300, vec![]),
        (-301, vec![Code::WitnessStale]),
    ] {
        assert_eq!(asked(&fixture, Some((HOUR, now + later))).0, expected, "{later}");
    }
}

/// What both verifiers find, asked for the first witness and an hour.
fn found_at(fixture: &Fixture, now: i64) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    fixture.write(folder.path());
    found_in(&Request {
        folder: folder.path().to_owned(),
        witnesses: vec![witness(1).verifier().to_string()],
        fresh: Some(SignedDuration::from_secs(HOUR)),
        now: Timestamp::from_second(now).unwrap(),
        ..Request::default()
    })
}

/// An export of long ago gets today's head of the instance along: the leaf is in that tree still.
#[test]
fn an_old_head_under_what_was_cosigned_today_is_stale() {
    let mut fixture = fixture(10);
    let (size, now) = (fixture.size(), last_s(&fixture) + 100 * HOUR);
    let receipt = |at: i64| made(&fixture, size, &[(1, now)]).signed_at(at).receipt().to_string();
    let now_us = now * fixture::SECOND;
    let hour_us = HOUR * fixture::SECOND;
    let cases = [
        (last_s(&fixture) * fixture::SECOND, true),
        (now_us - hour_us - 1, true),
        (now_us - hour_us, false),
        (now_us + 300 * fixture::SECOND, false),
        (now_us + 300 * fixture::SECOND + 1, true),
        (i64::MIN, true),
        (i64::MAX, true),
    ];
    let cases = cases.map(|(at, is_stale)| (receipt(at), at, is_stale));
    for (receipt, at, is_stale) in cases {
        fixture.receipt = Some(receipt);
        let expected = if is_stale { vec!["witness.stale"] } else { vec![] };
        assert_eq!(found_at(&fixture, now), expected, "{at}");
    }
    // Who does not ask when has an answer that never changes.
    assert_eq!(both_find(&fixture, |_| {}), [""; 0]);
}

#[test]
fn who_has_lately_cosigned_the_newest_head_itself_asks_for_no_new_leaf() {
    let mut fixture = fixture(11);
    let (size, now) = (fixture.size(), last_s(&fixture) + 100 * HOUR);
    let old = last_s(&fixture) * fixture::SECOND;
    let receipt = made(&fixture, size, &[(1, now)]).signed_at(old).receipt();
    fixture.receipt = Some(receipt.to_string());
    for (direct, is_stale) in [
        (now - HOUR, false),
        (now - HOUR - 1, true),
        (now + 300, false),
        // The later of the two times counts, and that one is to come.
        (now + 301, true),
    ] {
        let note = fixture.note();
        let line = witness(1).sign(note.text(), u64::try_from(direct).unwrap());
        fixture.head = Some(note.with(line).unwrap().to_string());
        let expected = if is_stale { vec!["witness.stale"] } else { vec![] };
        assert_eq!(found_at(&fixture, now), expected, "{direct}");
    }
}

#[test]
fn what_was_held_back_from_the_instance_is_found() {
    let mut fixture = fixture(2);
    let now = last_s(&fixture) + 10;
    let first = fixture.leaves[4].event.at / fixture::SECOND;
    // The fifth event and all later ones are not under the head.
    for (at, expected) in [
        (first + 10, vec![]),
        (first + 299, vec![]),
        (first + 302, vec![Code::WitnessBehind]),
        (now + HOUR, vec![Code::WitnessBehind]),
    ] {
        fixture.receipt = Some(made(&fixture, 4, &[(1, at)]).receipt().to_string());
        assert_eq!(asked(&fixture, None).0, expected, "{at}");
    }
}

#[test]
fn a_receipt_of_something_else_proves_nothing() {
    let mut fixture = fixture(3);
    let (size, now) = (fixture.size(), last_s(&fixture));
    let cosigned = [(1, now)];
    let origin =
        |origin: &str| Made { origin: origin.to_owned(), ..made(&fixture, size, &cosigned) };
    let mut foreign = made(&fixture, size, &cosigned);
    foreign.leaf[3] ^= 1;
    let mut shorter = made(&fixture, size, &cosigned).receipt();
    shorter.proof.pop();
    let mut moved = made(&fixture, size, &cosigned).receipt();
    moved.index = 3;
    let mut bare = made(&fixture, size, &cosigned).receipt();
    bare.extra = None;
    let act = Made { leaf: vec![3; 65], ..made(&fixture, size, &cosigned) };
    let forged = Made { seed: 8, ..made(&fixture, size, &cosigned) };
    let own = fixture.origin.clone();
    let wrong = [
        origin("time.example/other").receipt(),
        origin("time.example/ledger/epoch-0").receipt(),
        origin(&own).receipt(),
        foreign.receipt(),
        act.receipt(),
        forged.receipt(),
        shorter,
        moved,
        bare,
    ];
    let mut texts: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    texts.extend([String::new(), "no receipt\n".to_owned()]);
    for text in texts {
        fixture.receipt = Some(text.clone());
        assert_eq!(asked(&fixture, None).0, [Code::WitnessMissing, Code::Receipt], "{text}");
    }
    // A later epoch of the instance's log is the same instance.
    fixture.receipt = Some(origin_of(&fixture, size, &cosigned, "time.example/ledger/epoch-2"));
    assert_eq!(asked(&fixture, None).0, []);
}

fn origin_of(fixture: &Fixture, size: usize, cosigned: &[(u8, i64)], origin: &str) -> String {
    let made = Made { origin: origin.to_owned(), ..made(fixture, size, cosigned) };
    made.receipt().to_string()
}

#[test]
fn an_instance_that_knows_more_or_another_history_is_a_finding() {
    let mut fixture = fixture(4);
    let (size, now) = (fixture.size(), last_s(&fixture));
    let head = |size: usize, root: Hash| {
        let mut made = made(&fixture, 1, &[(1, now)]);
        let size = u64::try_from(size).unwrap();
        let workspace = fixture.workspace.into_bytes();
        made.leaf = Leaf::Head(Head { workspace, size, root, at: 0 }).to_bytes().unwrap();
        made.receipt().to_string()
    };
    let longer = head(size + 1, Hash::empty());
    let other = head(size, Hash::empty());
    for (receipt, code) in [(longer, Code::CheckpointLonger), (other, Code::CheckpointOther)] {
        fixture.receipt = Some(receipt);
        assert_eq!(asked(&fixture, None).0, [code]);
        assert_eq!(plainly(&fixture).0, BTreeSet::from([code]));
    }
}

/// What both verifiers find, asked for the first witness.
fn both_find(fixture: &Fixture, alter: impl FnOnce(&Path)) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    fixture.write(folder.path());
    alter(folder.path());
    let witnesses = vec![witness(1).verifier().to_string()];
    found_in(&Request { folder: folder.path().to_owned(), witnesses, ..Request::default() })
}

#[test]
fn who_has_cosigned_the_newest_head_is_behind_nothing() {
    let mut fixture = fixture(5);
    let now = last_s(&fixture) + HOUR;
    fixture.receipt = Some(made(&fixture, 4, &[(1, now)]).receipt().to_string());
    assert_eq!(both_find(&fixture, |_| {}), ["witness.behind"]);
    let note = fixture.note();
    let line = witness(1).sign(note.text(), 5);
    fixture.head = Some(note.with(line).unwrap().to_string());
    assert_eq!(both_find(&fixture, |_| {}), [""; 0]);
    // Its time is the later one.
    assert_eq!(asked(&fixture, Some((HOUR, now + HOUR))).0, []);
    fixture.receipt = None;
    assert_eq!(both_find(&fixture, |_| {}), [""; 0]);
    assert_eq!(asked(&fixture, Some((HOUR, now + HOUR))).0, [Code::WitnessStale]);
}

#[test]
fn acts_of_an_account_and_what_is_under_the_head_are_held_back_from_nobody() {
    let mut fixture = fixture(6);
    fixture.pending = 1;
    let (size, at) = (fixture.size(), last_s(&fixture) + HOUR);
    fixture.receipt = Some(made(&fixture, size, &[(1, at)]).receipt().to_string());
    assert_eq!(both_find(&fixture, |_| {}), ["witness.behind"], "pending ones count too");
    fixture.leaves.last_mut().unwrap().event.kind = "directory.act".to_owned();
    assert_eq!(both_find(&fixture, |_| {}), [""; 0]);
}

#[test]
fn witnesses_are_asked_by_the_lines_that_could_be_read() {
    let mut fixture = fixture(7);
    let at = last_s(&fixture) + HOUR;
    fixture.receipt = Some(made(&fixture, 4, &[(1, at)]).receipt().to_string());
    let workspace = fixture.workspace;
    let cut_after = |lines: usize| {
        move |folder: &Path| {
            let path = folder.join("ledger.jsonl");
            let text = std::fs::read_to_string(&path).unwrap();
            let kept: String = text.split_inclusive('\n').take(lines).collect();
            std::fs::write(&path, kept + "no leaf\n").unwrap();
            fixture::write_manifest(folder, workspace);
        }
    };
    assert_eq!(both_find(&fixture, cut_after(4)), ["log.line"]);
    assert_eq!(both_find(&fixture, cut_after(5)), ["witness.behind", "log.line"]);
}

#[test]
fn a_receipt_that_is_named_is_there_and_one_beside_no_head_is_not_read() {
    let mut fixture = fixture(8);
    let (size, at) = (fixture.size(), last_s(&fixture));
    fixture.receipt = Some(made(&fixture, size, &[(1, at)]).receipt().to_string());
    let remove = |folder: &Path| std::fs::remove_file(folder.join("instance-receipt.txt")).unwrap();
    assert_eq!(both_find(&fixture, remove), ["file.missing", "witness.missing", "receipt"]);
    fixture.head = Some("no head\n".to_owned());
    fixture.receipt = Some("no receipt\n".to_owned());
    assert_eq!(both_find(&fixture, |_| {}), ["head.unreadable"]);
}

#[test]
fn what_is_in_the_log_of_the_instance_is_proven() {
    let mut fixture = fixture(9);
    let (size, at) = (fixture.size(), last_s(&fixture));
    let early = fixture.head_of(5).sign(&fixture::log_key(&fixture.origin)).unwrap();
    fixture.head = Some(early.to_string());
    assert_eq!(both_find(&fixture, |_| {}), ["witness.missing", "row.pending"]);
    fixture.receipt = Some(made(&fixture, size, &[(1, at)]).receipt().to_string());
    assert_eq!(both_find(&fixture, |_| {}), [""; 0]);
}
