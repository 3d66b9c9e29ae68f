//! Witnesses, anchors and epochs of the ledger: an older state that was put back is found by whoever has
//! seen a later one, and a lawful one is an event.

use ::ledger::{
    Checkpoint, Hash, Note, Signer, Verifier,
    event::{
        Leaf,
        facts::{self, Value as Told},
    },
    key::Kind,
    receipt::Receipt,
    witness::{AddCheckpoint, Declined, Seen},
};
use app::{
    DirectoryOp, Error,
    ledger::{
        Anchored, Answer, Failure, Heard, Source, ToAnchor, checkpoint, find_halt,
        instance_checkpoint, instance_receipt, instance_tile, list_witnesses, tile, verifier_keys,
    },
    tag::add_tag,
};
use domain::text::EmailAddress;
use store::{Database, Statement, StoreError, Value};
use testkit::{World, both, log::LogCopy};

use crate::steps::{name, read, take_rules_away, write};

const HOST: &str = "time.example";
const ORIGIN: &str = "time.example/ledger";

/// A witness at hand: what it has seen, and what it says.
struct Witness {
    signer: Signer,
    seen: Seen,
    last: Option<Note>,
}

impl Witness {
    fn new(seed: u8) -> Self {
        let name = format!("witness-{seed}.example");
        let signer = Signer::new(&name, Kind::Witness, &[seed; 32]).unwrap();
        Self { signer, seen: Seen::default(), last: None }
    }

    fn key(&self) -> &Verifier {
        self.signer.verifier()
    }

    /// As a true one answers, that shows what it has seen.
    fn answer(&mut self, log: &Verifier, body: &str, now: i64) -> Answer {
        let asked = AddCheckpoint::parse(body).unwrap();
        match asked.judge(std::slice::from_ref(log), self.seen) {
            Ok(seen) => {
                self.seen = seen;
                self.last = Some(asked.head.clone());
                let time = u64::try_from(now).unwrap();
                Answer::Cosigned(format!("{}\n", asked.cosign(&self.signer, time)))
            }
            Err(Declined::Conflict(size)) => Answer::Conflict(Some(size), self.shown()),
            Err(Declined::Inconsistent) => Answer::Inconsistent(self.shown()),
            Err(other) => panic!("{other}"),
        }
    }

    fn shown(&self) -> Option<String> {
        self.last.as_ref().map(ToString::to_string)
    }
}

async fn directory<T: Send + 'static>(
    world: &World,
    work: impl FnMut(&mut DirectoryOp) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    world.app.read_directory(world.app.new_request(), work).await
}

async fn log_key(world: &World) -> Verifier {
    Verifier::parse(&directory(world, verifier_keys).await.unwrap()[0]).unwrap()
}

/// Runs a text in the directory, as whoever puts a copy back does.
async fn alter(world: &World, sql: &'static str, values: Vec<Value>) {
    let directory = world.app.store().directory();
    take_rules_away(world, directory, &["directory_events", LEAVES, TILES, HEADS, COSIGNED]).await;
    run(directory, sql, values).await;
}

/// Runs a text in the world's workspace.
async fn alter_workspace(world: &World, sql: &'static str, values: Vec<Value>) {
    let database = world.app.store().workspace(world.workspace).await.unwrap();
    take_rules_away(world, &database, &["events", LEAVES, TILES, HEADS]).await;
    run(&database, sql, values).await;
}

/// Tables of the log, here and there.
const LEAVES: &str = "ledger_leaves";
const TILES: &str = "ledger_tiles";
const HEADS: &str = "ledger_heads";
const COSIGNED: &str = "ledger_cosignatures";

async fn run(database: &Database, sql: &'static str, values: Vec<Value>) {
    let statement = Statement::new("test.alter", sql);
    let altered: Result<u64, StoreError> =
        database.write(move |tx| tx.execute(&statement, &values)).await;
    altered.unwrap();
}

/// What happens on the instance.
async fn act(world: &World, who: &str) {
    let address = EmailAddress::parse(&format!("{who}@example.org")).unwrap();
    world.app.find_or_create_person(world.app.new_request(), address).await.unwrap();
}

async fn sequence(world: &World) -> Result<usize, Error> {
    world.app.sequence_instance_log(HOST).await
}

/// The head of the instance's log, as it is told.
async fn head(world: &World) -> (Note, Checkpoint) {
    let note = directory(world, instance_checkpoint).await.unwrap();
    let note = Note::parse(&note).unwrap();
    let head = Checkpoint::parse(note.text()).unwrap();
    (note, head)
}

/// Asks a witness until nothing is left to ask, three times at most.
async fn ask(world: &World, witness: &mut Witness) -> Option<Heard> {
    let (log, mut heard) = (log_key(world).await, None);
    for _ in 0..3 {
        let Some(question) = world.app.question(witness.key(), false).await.unwrap() else { break };
        let answer = witness.answer(&log, &question.body(), world.now().as_second());
        heard = Some(world.app.hear_witness(question, answer).await.unwrap());
        if heard != Some(Heard::AskAgain) {
            break;
        }
    }
    heard
}

async fn say(world: &World, witness: &Witness, answer: Answer) -> Heard {
    let question = world.app.question(witness.key(), false).await.unwrap().unwrap();
    world.app.hear_witness(question, answer).await.unwrap()
}

/// A log of some leaves, with a witness that has cosigned it.
async fn begin(world: &World) -> Witness {
    let witness = Witness::new(2);
    world.app.set_witnesses(vec![witness.key().to_string()]).await.unwrap();
    for who in ["ann", "ben"] {
        act(world, who).await;
    }
    sequence(world).await.unwrap();
    witness
}

/// Puts the instance's log back to so many leaves, as of a database from then.
async fn put_back(world: &World, size: u64) {
    let size = i64::try_from(size).unwrap();
    for sql in [
        "DELETE FROM ledger_cosignatures WHERE size > $1",
        "DELETE FROM ledger_heads WHERE size > $1",
        "DELETE FROM ledger_leaves WHERE position >= $1",
        "UPDATE ledger_witnesses SET seen_size = $1, cosigned_size = NULL, cosigned_at = NULL
         WHERE seen_size > $1",
    ] {
        alter(world, sql, vec![size.into()]).await;
    }
    let bytes =
        "UPDATE ledger_tiles SET hashes = substr(hashes, 1, CAST(CAST($1 AS BIGINT) AS INTEGER))";
    alter(world, bytes, vec![(size * 32).into()]).await;
}

async fn is_halted(world: &World) -> Option<(Source, u64, bool)> {
    let halt = directory(world, find_halt).await.unwrap();
    halt.map(|halt| (halt.source, halt.size, halt.note.is_some()))
}

#[test]
fn each_head_is_cosigned_kept_and_told() {
    both(async |world: World| {
        let (mut one, mut two) = (begin(&world).await, Witness::new(3));
        let keys = [one.key().clone(), two.key().clone()];
        world.app.set_witnesses(keys.iter().map(ToString::to_string).collect()).await.unwrap();
        sequence(&world).await.unwrap();
        assert_eq!(ask(&world, &mut one).await, Some(Heard::Cosigned));
        assert_eq!(head(&world).await.0.check(&keys).unwrap().witnesses.len(), 1);
        // The other one is asked by itself, and comes later.
        assert_eq!(ask(&world, &mut two).await, Some(Heard::Cosigned));
        let signed = head(&world).await.0.check(&keys).unwrap();
        assert_eq!(signed.witnesses.len(), 2, "{signed:?}");
        assert_eq!(ask(&world, &mut one).await, None, "nothing is new");
        // At a start it is asked all the same: what is here may be a copy of before.
        assert!(world.app.question(one.key(), true).await.unwrap().is_some());

        act(&world, "cid").await;
        sequence(&world).await.unwrap();
        assert!(head(&world).await.0.check(&keys).is_err(), "nobody has cosigned it yet");
        assert_eq!(ask(&world, &mut one).await, Some(Heard::Cosigned));
        let size = head(&world).await.1.size();
        let listed = directory(&world, list_witnesses).await.unwrap();
        let sizes: Vec<_> = listed.iter().map(|one| one.cosigned.unwrap().0).collect();
        assert_eq!(sizes, [size, size - 1]);
        // That it is still the last one is news after a while.
        world.set_clock("2027-01-01T00:00:00Z");
        assert_eq!(ask(&world, &mut one).await, Some(Heard::Cosigned));
        let signed = head(&world).await.0.check(&keys).unwrap();
        assert_eq!(i64::try_from(signed.witnesses[0].1).unwrap(), world.now().as_second());
    });
}

#[test]
fn who_is_a_witness_is_an_act() {
    both(async |world: World| {
        let witness = begin(&world).await;
        let before = world.count_directory_events().await;
        world.app.set_witnesses(vec![witness.key().to_string()]).await.unwrap();
        assert_eq!(world.count_directory_events().await, before, "it has not changed");
        world.app.set_witnesses(Vec::new()).await.unwrap();
        assert_eq!(world.count_directory_events().await, before + 1);
        assert_eq!(directory(&world, list_witnesses).await.unwrap(), []);
        assert!(world.app.question(witness.key(), false).await.unwrap().is_none());
        assert_eq!(sequence(&world).await.unwrap(), 1, "it is in the log");
    });
}

#[test]
fn a_directory_that_was_put_back_is_found_shorter_and_when_it_has_gone_on() {
    for grown in [0, 1, 5] {
        both(async |world: World| {
            let mut witness = begin(&world).await;
            let early = head(&world).await.1.size();
            assert_eq!(ask(&world, &mut witness).await, Some(Heard::Cosigned));
            for who in ["cid", "dan"] {
                act(&world, who).await;
            }
            sequence(&world).await.unwrap();
            assert_eq!(ask(&world, &mut witness).await, Some(Heard::Cosigned));
            let late = head(&world).await.1;

            put_back(&world, early).await;
            for n in 0..grown {
                act(&world, &format!("other-{n}")).await;
            }
            sequence(&world).await.unwrap();
            // That its own head is shown proves it: it is signed by us.
            world.set_clock("2027-01-01T00:00:00Z");
            assert_eq!(ask(&world, &mut witness).await, Some(Heard::Halted));
            assert_eq!(is_halted(&world).await, Some((Source::Witness, late.size(), true)));
            act(&world, "later").await;
            let told = sequence(&world).await;
            assert!(matches!(told, Err(Error::Damaged(_))), "{told:?}");
            let told = world.app.sequence_ledger(world.workspace, HOST).await;
            assert!(matches!(told, Err(Error::Damaged(_))), "{told:?}");
            let (note, told) = head(&world).await;
            assert_eq!(told.size(), early, "the last one that was cosigned");
            assert!(note.check(&[witness.key().clone()]).is_ok());
            assert_eq!(ask(&world, &mut witness).await, None);
            // A witness that is dropped has shown it all the same.
            world.app.set_witnesses(Vec::new()).await.unwrap();
            assert!(is_halted(&world).await.is_some());
        });
    }
}

#[test]
fn what_a_witness_only_says_stops_the_log_until_it_is_dropped() {
    both(async |world: World| {
        let witness = begin(&world).await;
        let forged = || {
            let head = Checkpoint::new(ORIGIN, 999, Hash::empty()).unwrap();
            let forger = Signer::new(ORIGIN, Kind::Log, &[9; 32]).unwrap();
            Some(head.sign(&forger).unwrap().to_string())
        };
        for shown in [None, forged(), Some("no head".to_owned())] {
            let size = head(&world).await.1.size() + 1;
            let claim = Answer::Conflict(Some(size), shown);
            assert_eq!(say(&world, &witness, claim.clone()).await, Heard::Halted, "{claim:?}");
            let (_, _, is_shown) = is_halted(&world).await.unwrap();
            assert!(!is_shown, "{claim:?}");
            act(&world, "more").await;
            assert!(sequence(&world).await.is_err());
            world.app.set_witnesses(Vec::new()).await.unwrap();
            assert_eq!(is_halted(&world).await, None);
            assert!(sequence(&world).await.unwrap() > 0);
            world.app.set_witnesses(vec![witness.key().to_string()]).await.unwrap();
            sequence(&world).await.unwrap();
        }
    });
}

#[test]
fn what_a_witness_answers_wrongly_is_its_failure_and_no_cosignature() {
    both(async |world: World| {
        let mut witness = begin(&world).await;
        let log = log_key(&world).await;
        let question = world.app.question(witness.key(), false).await.unwrap().unwrap();
        let asked = AddCheckpoint::parse(&question.body()).unwrap();
        let now = u64::try_from(world.now().as_second()).unwrap();
        let line = |signer: &Signer, time: u64| format!("{}\n", asked.cosign(signer, time));
        let stranger = Witness::new(7);
        let namesake = Signer::new(witness.key().name(), Kind::Witness, &[8; 32]).unwrap();
        let other = Checkpoint::new(ORIGIN, 3, Hash::empty()).unwrap().to_string();
        let of_another = format!("{}\n", witness.signer.sign(&other, now));
        for (answer, failure) in [
            (Answer::Cosigned(line(&stranger.signer, now)), Failure::Forged),
            (Answer::Cosigned(line(&namesake, now)), Failure::Forged),
            (Answer::Cosigned(of_another), Failure::Forged),
            (Answer::Cosigned(String::new()), Failure::Forged),
            (Answer::Cosigned(line(&witness.signer, now - 301)), Failure::WrongTime),
            (Answer::Cosigned(line(&witness.signer, now + 301)), Failure::WrongTime),
            (Answer::Conflict(Some(0), None), Failure::Unreadable),
            (Answer::Conflict(None, None), Failure::Unreadable),
            (Answer::Conflict(Some(1 << 63), None), Failure::Unreadable),
            (Answer::Conflict(Some(u64::MAX), None), Failure::Unreadable),
            (Answer::Inconsistent(None), Failure::Unreadable),
            (Answer::Failed(Failure::NotReached), Failure::NotReached),
        ] {
            let heard = say(&world, &witness, answer.clone()).await;
            assert_eq!(heard, Heard::Failed(failure), "{answer:?}");
            let listed = directory(&world, list_witnesses).await.unwrap();
            assert_eq!(listed[0].cosigned, None);
            assert_eq!(listed[0].failure.as_ref().unwrap().0, failure.as_str());
            assert!(head(&world).await.0.check(&[witness.key().clone()]).is_err());
        }
        assert_eq!(is_halted(&world).await, None);
        // Who signs twice has signed once, and what counts is what it said last.
        let both = line(&witness.signer, now - 9) + &line(&witness.signer, now);
        assert_eq!(say(&world, &witness, Answer::Cosigned(both)).await, Heard::Cosigned);
        let signed = head(&world).await.0.check(&[witness.key().clone()]).unwrap();
        assert_eq!(signed.witnesses, [(witness.key().name().to_owned(), now)]);
        // One that has forgotten what it had seen is begun with anew.
        act(&world, "cid").await;
        sequence(&world).await.unwrap();
        witness.seen = Seen::default();
        assert_eq!(ask(&world, &mut witness).await, Some(Heard::Cosigned));
        assert_eq!(
            witness.answer(&log, &question.body(), 0),
            Answer::Conflict(Some(witness.seen.size), witness.shown())
        );
    });
}

/// The facts of an act or an event, by field: what it was and what it became.
fn facts_of(bytes: &[u8]) -> Vec<(String, Told, Told)> {
    let changes = facts::parse(bytes).unwrap().into_iter();
    changes.map(|change| (change.field, change.before, change.after)).collect()
}

#[test]
fn an_epoch_goes_on_under_another_name_and_its_first_leaf_tells_it() {
    both(async |world: World| {
        let mut witness = begin(&world).await;
        world.app.sequence_ledger(world.workspace, HOST).await.unwrap();
        sequence(&world).await.unwrap();
        let early = head(&world).await.1;
        act(&world, "cid").await;
        sequence(&world).await.unwrap();
        assert_eq!(ask(&world, &mut witness).await, Some(Heard::Cosigned));
        let (lost, late) = head(&world).await;
        put_back(&world, early.size()).await;
        act(&world, "eve").await;
        sequence(&world).await.unwrap();
        let stood = head(&world).await.1;
        world.set_clock("2027-01-01T00:00:00Z");
        assert_eq!(ask(&world, &mut witness).await, Some(Heard::Halted));
        act(&world, "later").await;

        let epoch = async |reason: &'static str, notes: Vec<String>| {
            world.app.open_epoch("moved.example", reason, None, notes).await
        };
        for reason in ["", "  "] {
            assert!(matches!(epoch(reason, Vec::new()).await, Err(Error::Invalid(_))));
        }
        let forger = Signer::new(ORIGIN, Kind::Log, &[9; 32]).unwrap();
        let forged = Checkpoint::new(ORIGIN, 99, Hash::empty()).unwrap().sign(&forger).unwrap();
        let of_workspace = read(&world, "owner", checkpoint).await.unwrap();
        for note in [forged.to_string(), of_workspace, "x".to_owned()] {
            let told = epoch("a disaster", vec![note]).await;
            assert!(matches!(told, Err(Error::Invalid(_))), "{told:?}");
        }
        let opened = epoch("a disaster", vec![lost.to_string()]).await.unwrap();
        let known = opened.known.unwrap();
        assert_eq!((opened.number, known.size, known.root), (2, late.size(), Some(late.root())));
        assert_eq!(opened.origin.unwrap(), format!("{ORIGIN}/epoch-2"));
        assert_eq!(is_halted(&world).await, None);

        // The first new leaf is the act that tells it; all that was put back is before it.
        let receipt = leaf(&world, stood.size()).await;
        let Leaf::Act(told) = receipt else { panic!("{receipt:?}") };
        assert_eq!(told.kind, "ledger.epoch_opened");
        let facts = facts_of(&told.facts);
        let int = |number: u64| Told::Int(i64::try_from(number).unwrap());
        let word = |word: String| Told::Word(word);
        let expected = [
            ("epoch", Told::None, int(2)),
            ("log", word(ORIGIN.to_owned()), word(format!("{ORIGIN}/epoch-2"))),
            ("size", int(late.size()), int(stood.size())),
            ("root", word(late.root().to_string()), word(stood.root().to_string())),
        ];
        for ((field, before, after), told) in expected.into_iter().zip(&facts) {
            assert_eq!(*told, (field.to_owned(), before, after));
        }
        assert!(matches!(facts[4].2, Told::Commitment(_)), "the reason is nobody's to read");
        // The workspace's log follows, and says so.
        let before = read(&world, "owner", checkpoint).await.unwrap();
        let before = LogCopy::new(&before, &log_key_of(&world, 1).await).head;
        world.app.sequence_ledger(world.workspace, HOST).await.unwrap();
        let leaves = leaves_of(&world, 2).await;
        let at = usize::try_from(before.size()).unwrap();
        let Leaf::Event(event) = &leaves[at] else { panic!("an event") };
        assert_eq!(
            (event.kind.as_str(), event.object),
            ("ledger.restored", world.workspace.as_bytes())
        );
        assert_eq!(
            facts_of(&event.facts)[0].2,
            word(format!("{ORIGIN}/{}/epoch-2", world.workspace))
        );
        assert_eq!(leaves.len(), at + 1, "it is told once");
        assert_eq!(world.app.sequence_ledger(world.workspace, HOST).await.unwrap(), 0);
        assert!(sequence(&world).await.unwrap() > 0);
        assert_eq!(world.app.sequence_instance_log(HOST).await.unwrap(), 0);

        // To a witness it is another log, that begins anew; the old name stays refused.
        let mut next = Witness { seen: Seen::default(), last: None, ..witness };
        assert_eq!(ask(&world, &mut next).await, Some(Heard::Cosigned));
        let (note, _) = head(&world).await;
        assert!(note.check(&[next.key().clone()]).is_ok());
        // And once more.
        let opened = epoch("another disaster", Vec::new()).await.unwrap();
        assert_eq!(opened.origin.unwrap(), format!("{ORIGIN}/epoch-3"));
        assert_eq!(world.app.sequence_ledger(world.workspace, HOST).await.unwrap(), 1);
        let leaves = leaves_of(&world, 3).await;
        assert!(
            matches!(leaves.last(), Some(Leaf::Event(event)) if event.kind == "ledger.restored")
        );
    });
}

async fn log_key_of(world: &World, epoch: u64) -> Verifier {
    let end = if epoch == 1 { String::new() } else { format!("/epoch-{epoch}") };
    let name = format!("{ORIGIN}/{}{end}", world.workspace);
    log_key(world).await.renamed(&name).unwrap()
}

/// All leaves of the workspace's log, which is in this epoch.
async fn leaves_of(world: &World, epoch: u64) -> Vec<Leaf> {
    let note = read(world, "owner", checkpoint).await.unwrap();
    let mut copy = LogCopy::new(&note, &log_key_of(world, epoch).await);
    let get = async |path: String| read(world, "owner", move |op| tile(op, &path)).await.unwrap();
    copy.fetch(true, get).await;
    copy.check()
}

/// The leaf of the instance's log at a place.
async fn leaf(world: &World, place: u64) -> Leaf {
    const FIND: Statement = Statement::new(
        "test.leaf",
        "SELECT e.id, e.at, e.kind, e.request_id, e.facts
         FROM ledger_leaves l JOIN directory_events e ON e.id = l.event_id WHERE l.position = $1",
    );
    let place = i64::try_from(place).unwrap();
    let read = world.app.store().directory().read(move |tx| {
        let row = tx.one(&FIND, &[place.into()])?;
        let id = |at| row.get::<uuid::Uuid>(at).map(uuid::Uuid::into_bytes);
        Ok(Leaf::Act(::ledger::event::Act {
            id: id(0)?,
            at: row.get(1)?,
            kind: row.get(2)?,
            user: None,
            request: id(3)?,
            facts: row.get(4)?,
        }))
    });
    let read: Result<_, StoreError> = read.await;
    read.unwrap()
}

/// A witness that answers 422 and shows nothing has seen another history all the same.
#[test]
fn what_does_not_go_on_for_a_witness_stops_the_log_without_anything_shown() {
    both(async |world: World| {
        let mut witness = begin(&world).await;
        assert_eq!(ask(&world, &mut witness).await, Some(Heard::Cosigned));
        let seen = head(&world).await.1.size();
        act(&world, "cid").await;
        sequence(&world).await.unwrap();
        assert_eq!(say(&world, &witness, Answer::Inconsistent(None)).await, Heard::Halted);
        assert_eq!(is_halted(&world).await, Some((Source::Witness, seen, false)));
    });
}

/// What our own hand has signed counts more than a number that somebody says.
#[test]
fn an_epoch_tells_the_head_that_was_shown_and_not_one_that_was_only_said() {
    both(async |world: World| {
        let witness = begin(&world).await;
        let (note, last) = head(&world).await;
        let claim = Answer::Conflict(Some(1_000_000), None);
        assert_eq!(say(&world, &witness, claim).await, Heard::Halted);
        let opened = world.app.open_epoch(HOST, "a claim", None, vec![note.to_string()]);
        let known = opened.await.unwrap().known.unwrap();
        assert_eq!((known.size, known.root), (last.size(), Some(last.root())));
    });
}

/// Puts the workspace's log back to so many leaves, under the name of before.
async fn put_workspace_back(world: &World, size: i64) {
    for sql in [
        "DELETE FROM ledger_heads WHERE size > $1",
        "DELETE FROM ledger_leaves WHERE position >= $1",
    ] {
        alter_workspace(world, sql, vec![size.into()]).await;
    }
    let (bytes, none) = (
        "UPDATE ledger_tiles SET hashes = substr(hashes, 1, CAST(CAST($1 AS BIGINT) AS INTEGER))",
        "DELETE FROM ledger_tiles",
    );
    match size {
        0 => alter_workspace(world, none, Vec::new()).await,
        size => alter_workspace(world, bytes, vec![(size * 32).into()]).await,
    }
}

/// A copy from before an epoch is not taken into it once more: two histories would have one name.
#[test]
fn a_workspace_that_was_put_back_to_before_its_epoch_needs_another_one() {
    for is_from_the_beginning in [false, true] {
        both(async |world: World| {
            let go_on = || world.app.sequence_ledger(world.workspace, HOST);
            go_on().await.unwrap();
            let early = read(&world, "owner", checkpoint).await.unwrap();
            let size: i64 = early.split('\n').nth(1).unwrap().parse().unwrap();
            world.app.open_epoch(HOST, "a disaster", None, Vec::new()).await.unwrap();
            assert_eq!(go_on().await.unwrap(), 1, "the event that tells it");
            sequence(&world).await.unwrap();

            if is_from_the_beginning {
                put_workspace_back(&world, 0).await;
                alter_workspace(&world, "DELETE FROM ledger_log", Vec::new()).await;
            } else {
                put_workspace_back(&world, size).await;
                let name = format!("{ORIGIN}/{}", world.workspace);
                let named = "UPDATE ledger_log SET origin = $1";
                alter_workspace(&world, named, vec![name.into()]).await;
            }
            let told = go_on().await;
            assert!(matches!(told, Err(Error::Damaged(_))), "{told:?}");
            let opened =
                world.app.open_epoch(HOST, "a copy", Some(world.workspace), Vec::new()).await;
            assert_eq!(opened.unwrap().number, 3);
            assert_eq!(go_on().await.unwrap(), 1);
            let leaves = leaves_of(&world, 3).await;
            let Some(Leaf::Event(event)) = leaves.last() else { panic!("an event") };
            let [(_, log, _), (_, known, stood), ..] = &facts_of(&event.facts)[..] else {
                panic!("three facts")
            };
            let expected = if is_from_the_beginning { 0 } else { size };
            assert_eq!((known, stood), (&Told::Int(size + 1), &Told::Int(expected)));
            assert_eq!(*log == Told::None, is_from_the_beginning);
            assert!(sequence(&world).await.unwrap() > 0);
        });
    }
}

#[test]
fn two_nodes_of_two_hosts_call_all_logs_after_one() {
    both(async |world: World| {
        let other = world.another_app().await;
        let (workspace, elsewhere) = (world.workspace, world.elsewhere);
        let (one, two) = tokio::join!(
            world.app.sequence_ledger(workspace, "one.example"),
            other.sequence_ledger(elsewhere, "two.example")
        );
        one.unwrap();
        two.unwrap();
        world.app.sequence_instance_log("three.example").await.unwrap();
        assert!(world.app.is_called_alike(workspace).await.unwrap());
        assert!(world.app.is_called_alike(elsewhere).await.unwrap());
        let name = format!("four.example/ledger/{workspace}");
        let named = "UPDATE ledger_log SET origin = $1";
        alter_workspace(&world, named, vec![name.into()]).await;
        assert!(!world.app.is_called_alike(workspace).await.unwrap());
    });
}

/// What is there and cut short is damaged; it is not called missing.
#[test]
fn a_tile_that_was_cut_short_is_damaged() {
    both(async |world: World| {
        begin(&world).await;
        world.app.sequence_ledger(world.workspace, HOST).await.unwrap();
        let (cut, path) =
            ("UPDATE ledger_tiles SET hashes = substr(hashes, 1, 32)", "tile/0/000.p/2");
        let of_instance = async || directory(&world, |op| instance_tile(op, path)).await;
        let of_workspace = async || read(&world, "owner", |op| tile(op, path)).await;
        assert_eq!(of_instance().await.unwrap().len(), 64);
        assert_eq!(of_workspace().await.unwrap().len(), 64);
        alter(&world, cut, Vec::new()).await;
        alter_workspace(&world, cut, Vec::new()).await;
        assert!(matches!(of_instance().await, Err(Error::Damaged(_))));
        assert!(matches!(of_workspace().await, Err(Error::Damaged(_))));
        let beyond = directory(&world, |op| instance_tile(op, "tile/0/001")).await;
        assert!(matches!(beyond, Err(Error::NotFound)), "{beyond:?}");
    });
}

/// One workspace's database was put back: its log signs nothing more, until an epoch of it is opened.
#[test]
fn a_workspace_that_was_put_back_goes_on_in_an_epoch_of_its_own() {
    both(async |world: World| {
        let tag = async |label: &str| {
            let label = name(label);
            write(&world, "admin", move |op| add_tag(op, None, &label, None)).await.unwrap();
        };
        world.app.sequence_ledger(world.workspace, HOST).await.unwrap();
        let early = read(&world, "owner", checkpoint).await.unwrap();
        let early: i64 = early.split('\n').nth(1).unwrap().parse().unwrap();
        // Its size comes again in the epoch.
        tag("one").await;
        world.app.sequence_ledger(world.workspace, HOST).await.unwrap();
        sequence(&world).await.unwrap();
        tag("two").await;
        world.app.sequence_ledger(world.workspace, HOST).await.unwrap();
        sequence(&world).await.unwrap();
        let others = head(&world).await.1.origin().to_owned();

        for sql in [
            "DELETE FROM ledger_heads WHERE size > $1",
            "DELETE FROM ledger_leaves WHERE position >= $1",
        ] {
            alter_workspace(&world, sql, vec![early.into()]).await;
        }
        let bytes = "UPDATE ledger_tiles SET hashes = substr(hashes, 1, CAST(CAST($1 AS BIGINT) AS INTEGER))";
        alter_workspace(&world, bytes, vec![(early * 32).into()]).await;
        tag("three").await;
        let told = world.app.sequence_ledger(world.workspace, HOST).await;
        assert!(matches!(told, Err(Error::Damaged(_))), "{told:?}");
        world.app.sequence_ledger(world.elsewhere, HOST).await.unwrap();

        let opened = world.app.open_epoch(HOST, "a copy", Some(world.workspace), Vec::new());
        let opened = opened.await.unwrap();
        assert_eq!((opened.number, opened.origin), (2, None));
        assert_eq!(opened.known.unwrap().size, u64::try_from(early + 2).unwrap());
        assert_eq!(world.app.sequence_ledger(world.workspace, HOST).await.unwrap(), 2);
        let leaves = leaves_of(&world, 2).await;
        let Leaf::Event(event) = &leaves[usize::try_from(early).unwrap()] else { panic!() };
        assert_eq!(event.kind, "ledger.restored");
        assert_eq!(
            facts_of(&event.facts)[1],
            ("size".to_owned(), Told::Int(early + 2), Told::Int(early))
        );
        assert!(sequence(&world).await.unwrap() >= 2);
        assert_eq!(head(&world).await.1.origin(), others, "the instance's log goes on");
        let workspace = world.workspace;
        let receipt = directory(&world, move |op| instance_receipt(op, workspace)).await.unwrap();
        let receipt = Receipt::parse(&receipt).unwrap();
        let Leaf::Head(known) = Leaf::parse(&receipt.extra.unwrap()).unwrap() else { panic!() };
        assert_eq!(known.size, u64::try_from(leaves.len()).unwrap());
        // Others know of no epoch.
        assert_eq!(world.app.sequence_ledger(world.elsewhere, HOST).await.unwrap(), 0);
    });
}

#[test]
fn the_receipt_of_a_head_is_under_the_newest_cosigned_head() {
    both(async |world: World| {
        let mut witness = begin(&world).await;
        world.app.sequence_ledger(world.workspace, HOST).await.unwrap();
        sequence(&world).await.unwrap();
        assert_eq!(ask(&world, &mut witness).await, Some(Heard::Cosigned));
        act(&world, "more").await;
        sequence(&world).await.unwrap();
        let workspace = world.workspace;
        let file = directory(&world, move |op| instance_receipt(op, workspace)).await.unwrap();
        let receipt = Receipt::parse(&file).unwrap();
        let keys = [log_key(&world).await, witness.key().clone()];
        let leaf = receipt.extra.clone().unwrap();
        let (_, signed) = receipt.check(&leaf, ORIGIN, &keys).unwrap();
        assert_eq!(signed.witnesses.len(), 1);
        let elsewhere = world.elsewhere;
        let told = directory(&world, move |op| instance_receipt(op, elsewhere)).await;
        assert!(matches!(told, Err(Error::NotFound)), "it has no head: {told:?}");
    });
}

#[test]
fn an_anchored_head_stops_a_log_that_does_not_go_on_from_it() {
    both(async |world: World| {
        begin(&world).await;
        let early = head(&world).await;
        let compare =
            async |note: &Note| world.app.compare_anchored(note.to_string()).await.unwrap();
        assert_eq!(compare(&early.0).await, Anchored::GoesOn);
        act(&world, "cid").await;
        sequence(&world).await.unwrap();
        let ToAnchor { epoch, size, note } = world.app.head_to_anchor().await.unwrap().unwrap();
        let late = Note::parse(&note).unwrap();
        assert_eq!((epoch, size), (1, early.1.size() + 1));
        assert_eq!(compare(&early.0).await, Anchored::GoesOn);
        let forger = Signer::new(ORIGIN, Kind::Log, &[9; 32]).unwrap();
        let forged = Checkpoint::new(ORIGIN, 99, Hash::empty()).unwrap().sign(&forger).unwrap();
        assert_eq!(compare(&forged).await, Anchored::SaysNothing);
        assert_eq!(is_halted(&world).await, None);

        put_back(&world, early.1.size()).await;
        assert_eq!(compare(&early.0).await, Anchored::GoesOn);
        act(&world, "other").await;
        sequence(&world).await.unwrap();
        assert_eq!(compare(&late).await, Anchored::Halted, "of the same size, another history");
        assert_eq!(is_halted(&world).await, Some((Source::Anchor, size, true)));
        assert!(world.app.head_to_anchor().await.unwrap().is_none(), "it is not anchored");
        // The epoch knows of it by itself, and what was anchored before says no more.
        let opened = world.app.open_epoch(HOST, "a copy", None, Vec::new()).await.unwrap();
        assert_eq!(opened.known.unwrap().size, size);
        assert_eq!(compare(&late).await, Anchored::SaysNothing);
        let next = world.app.head_to_anchor().await.unwrap().unwrap();
        assert_eq!(next.epoch, 2);
        assert_eq!(compare(&Note::parse(&next.note).unwrap()).await, Anchored::GoesOn);
    });
}
