use proptest::prelude::*;

use super::{
    facts::{Change, Value},
    *,
};
use crate::{Checkpoint, Frontier, Signer, key::Kind, receipt::Receipt};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn vector_facts() -> Vec<Change> {
    let change = |field: &str, before, after| Change { field: field.to_owned(), before, after };
    vec![
        change("duration_s", Value::Int(3600), Value::Int(-1)),
        change("project", Value::None, Value::Id([0x77; 16])),
        change("zone", Value::Word("UTC".to_owned()), Value::Word("Europe/Zürich".to_owned())),
        change("note", Value::Commitment([0xcc; 32]), Value::None),
    ]
}

fn vector_event() -> Event {
    Event {
        id: [0x11; 16],
        at: 1_795_176_000_000_000,
        actor_kind: "member".to_owned(),
        actor: Some([0x22; 16]),
        kind: "time_entry.changed".to_owned(),
        object_kind: "time_entry".to_owned(),
        object: [0x33; 16],
        subject: Some([0x44; 16]),
        request: [0x55; 16],
        facts: facts::write(&vector_facts()).unwrap(),
    }
}

fn vector_head() -> Head {
    Head { workspace: [0x66; 16], size: 70_000, root: Hash([0xaa; 32]), at: 1_795_176_001_000_000 }
}

fn vector_act() -> Act {
    Act {
        id: [0x11; 16],
        at: 1_795_176_000_000_000,
        kind: "session.opened".to_owned(),
        user: None,
        request: [0x55; 16],
        facts: facts::write(&[]).unwrap(),
    }
}

/// An epoch of all logs is opened.
fn vector_epoch() -> Act {
    let change = |field: &str, before, after| Change { field: field.to_owned(), before, after };
    let root = |byte: u8| Value::Word(Hash([byte; 32]).to_string());
    let word = |word: &str| Value::Word(word.to_owned());
    let changes = [
        change("epoch", Value::None, Value::Int(2)),
        change("log", word("time.example/ledger"), word("time.example/ledger/epoch-2")),
        change("size", Value::Int(70_000), Value::Int(50_000)),
        change("root", root(0xaa), root(0xbb)),
        change("reason", Value::None, Value::Commitment([0xcc; 32])),
    ];
    let kind = "ledger.epoch_opened".to_owned();
    Act { kind, facts: facts::write(&changes).unwrap(), ..vector_act() }
}

/// The vectors of `docs/ledger.md`.
const FACTS: &str = "0100040a6475726174696f6e5f73010000000000000e1001ffffffffffffffff0770726f6a656374\
     000277777777777777777777777777777777047a6f6e6503000355544303000e4575726f70652f5a\
     c3bc72696368046e6f746504cccccccccccccccccccccccccccccccccccccccccccccccccccccccc\
     cccccccc00";
const EVENT_HEX: &str = "0111111111111111111111111111111111000660b3fbca1000066d656d6265720122222222222222\
     2222222222222222221274696d655f656e7472792e6368616e6765640a74696d655f656e74727933\
     33333333333333333333333333333301444444444444444444444444444444445555555555555555\
     55555555555555550000007d0100040a6475726174696f6e5f73010000000000000e1001ffffffff\
     ffffffff0770726f6a656374000277777777777777777777777777777777047a6f6e650300035554\
     4303000e4575726f70652f5ac3bc72696368046e6f746504cccccccccccccccccccccccccccccccc\
     cccccccccccccccccccccccccccccccc00";
const EVENT_HASH: &str = "48c300ef0cb61c9daadc8350f36b1926a62cf4064d94dc97962daed96434846f";
const HEAD_HEX: &str = "02666666666666666666666666666666660000000000011170aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
     aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa000660b3fbd95240";
const HEAD_HASH: &str = "8a9ce64afeacfd530417177a06bd23d8e6a111ed95c58fbcf57f0367a9a79300";
const ACT_HEX: &str = "0311111111111111111111111111111111000660b3fbca10000e73657373696f6e2e6f70656e6564\
     005555555555555555555555555555555500000003010000";
const ACT_HASH: &str = "a7301f7466b1fa2691880d11ea41f02fec04bfb148fd8622f7e52fc2f43ae516";

const EPOCH_HEX: &str = "0311111111111111111111111111111111000660b3fbca1000136c65646765722e65706f63685f6f\
     70656e65640055555555555555555555555555555555000000ee0100050565706f63680001000000\
     0000000002036c6f6703001374696d652e6578616d706c652f6c656467657203001b74696d652e65\
     78616d706c652f6c65646765722f65706f63682d320473697a650100000000000111700100000000\
     0000c35004726f6f7403002c71717171717171717171717171717171717171717171717171717171\
     71717171717171717171717171716f3d03002c753775377537753775377537753775377537753775\
     377537753775377537753775377537753775377537733d06726561736f6e0004cccccccccccccccc\
     cccccccccccccccccccccccccccccccccccccccccccccccc";
const EPOCH_HASH: &str = "c8bfdae3d689ce151634b306b8582e3dffa68d296d3b413c4197327113cb600c";

#[test]
fn the_vectors_of_the_document() {
    assert_eq!(hex(&facts::write(&vector_facts()).unwrap()), FACTS);
    for (leaf, bytes, hash) in [
        (Leaf::Event(vector_event()), EVENT_HEX, EVENT_HASH),
        (Leaf::Head(vector_head()), HEAD_HEX, HEAD_HASH),
        (Leaf::Act(vector_act()), ACT_HEX, ACT_HASH),
        (Leaf::Act(vector_epoch()), EPOCH_HEX, EPOCH_HASH),
    ] {
        let written = leaf.to_bytes().unwrap();
        assert_eq!(hex(&written), bytes);
        assert_eq!(hex(&Hash::leaf(&written).0), hash);
        assert_eq!(Leaf::parse(&written), Ok(leaf));
    }
}

/// A log of three leaves, as `docs/ledger.md` has it; the seed of its key is 32 bytes of 1.
const OWN_KEY: &str = "time.example/ledger+f7a7896c+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
const KEY: &str = "time.example/ledger/66666666-6666-6666-6666-666666666666+59cb79fa+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
const NOTE: &str = "\
time.example/ledger/66666666-6666-6666-6666-666666666666
3
cDiGwd5X//H3GG1U/gE34goymnS0+LK8A7wHJIg1Hwk=

— time.example/ledger/66666666-6666-6666-6666-666666666666 Wct5+qBf0Zaka8K1jNSP1nEhqpMv2r4cpYi9+GizhakGb4Ak/H610st4/IUV0ApQRRXFXysolA8HOf6OH0SFqbrwpAw=
";
const RECEIPT_HEAD: &str = "\
c2sp.org/tlog-proof@v1
extra ARISEhISEhISEhISEhISEhIABmCz+8oQAAZtZW1iZXIBIiIiIiIiIiIiIiIiIiIiIhJ0aW1lX2VudHJ5LmNoYW5nZWQKdGltZV9lbnRyeTMzMzMzMzMzMzMzMzMzMzMBRERERERERERERERERERERFVVVVVVVVVVVVVVVVVVVVUAAAB9AQAECmR1cmF0aW9uX3MBAAAAAAAADhAB//////////8HcHJvamVjdAACd3d3d3d3d3d3d3d3d3d3dwR6b25lAwADVVRDAwAORXVyb3BlL1rDvHJpY2gEbm90ZQTMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzAA=
index 1
SMMA7wy2HJ2q3INQ82sZJqYs9AZNlNyXli2u2WQ0hG8=
dYRGQ96SFwNg3+F42QmAl1NBelIQURGVUn9Wz49Gbok=

";

#[test]
fn the_log_of_the_document() {
    let own = Signer::new("time.example/ledger", Kind::Log, &[1; 32]).unwrap();
    assert_eq!(own.verifier().to_string(), OWN_KEY);
    let origin = "time.example/ledger/66666666-6666-6666-6666-666666666666";
    let key = own.verifier().renamed(origin).unwrap();
    assert_eq!(key.to_string(), KEY);
    let leaves = [0x11, 0x12, 0x13].map(|id| {
        let event = Event { id: [id; 16], ..vector_event() };
        Leaf::Event(event).to_bytes().unwrap()
    });
    let mut edge = Frontier::default();
    for leaf in &leaves {
        edge.append(Hash::leaf(leaf));
    }
    let signer = Signer::new(origin, Kind::Log, &[1; 32]).unwrap();
    let head = Checkpoint::new(origin, 3, edge.root()).unwrap();
    assert_eq!(head.sign(&signer).unwrap().to_string(), NOTE);
    let receipt = Receipt::parse(&format!("{RECEIPT_HEAD}{NOTE}")).unwrap();
    assert_eq!(receipt.extra.as_ref(), Some(&leaves[1]));
    assert_eq!(receipt.check(&leaves[1], origin, &[key]).unwrap().0, head);
}

/// The words of the document's tag: salt, text, commitment.
const COMMITMENT: &str = "09180dd56154fa977683581107ca764c1c302e10b65d7c32d6ed158104945e5b";
const TAG_HEX: &str = "0111111111111111111111111111111111000660b3fbca1000066d656d6265720122222222222222\
     222222222222222222097461672e6164646564037461673333333333333333333333333333333300\
     555555555555555555555555555555550000002a010001046e616d65000409180dd56154fa977683\
     581107ca764c1c302e10b65d7c32d6ed158104945e5b";
const COSIGNER: &str = "witness.example+3176bd45+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";
const COSIGNATURE: &str = "— witness.example MXa9RQAAAABrADZ8XxMwemnxMJwR00GHakaHyw/NQCYiE6dCkWUKoYXA3N09HrV1TCcaAsDrka9Kln1D0MPGIJAshcYxkpyfodLzBQ==";
const LEDGER: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ledger.md"));

#[test]
fn the_commitment_of_the_document() {
    let commitment = crate::commit(&[0x88; 32], "Müller".as_bytes());
    assert_eq!(hex(&commitment), COMMITMENT);
    let change = Change {
        field: "name".to_owned(),
        before: Value::None,
        after: Value::Commitment(commitment),
    };
    let event = Event {
        kind: "tag.added".to_owned(),
        object_kind: "tag".to_owned(),
        subject: None,
        facts: facts::write(&[change]).unwrap(),
        ..vector_event()
    };
    assert_eq!(hex(&Leaf::Event(event).to_bytes().unwrap()), TAG_HEX);
    let encoded = crate::text::encode(&unhex(TAG_HEX));
    let salt = crate::text::encode(&[0x88; 32]);
    let words = format!(
        "{{\"field\":\"name\",\"side\":\"after\",\"salt\":\"{salt}\",\"text\":\"Müller\"}}"
    );
    let line = format!("{{\"leaf\":\"{encoded}\",\"words\":[{words}]}}");
    for vector in [COMMITMENT, TAG_HEX, &line] {
        assert!(LEDGER.contains(vector), "{vector}");
    }
}

#[test]
fn the_cosigned_head_of_the_document() {
    let witness = Signer::new("witness.example", Kind::Witness, &[2; 32]).unwrap();
    assert_eq!(witness.verifier().to_string(), COSIGNER);
    let note = crate::Note::parse(NOTE).unwrap();
    let signature = witness.sign(note.text(), 1_795_176_060);
    assert_eq!(signature.to_string(), COSIGNATURE);
    let cosigned = note.with(signature).unwrap();
    let log = crate::Verifier::parse(KEY).unwrap();
    let signed = cosigned.check(&[log, witness.verifier().clone()]).unwrap();
    assert_eq!(signed.witnesses, [("witness.example".to_owned(), 1_795_176_060)]);
    for vector in [COSIGNER, &cosigned.to_string()] {
        assert!(LEDGER.contains(vector), "{vector}");
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// The event of the document, each time with one thing that makes it none; all of them stand there.
#[test]
fn the_bytes_of_the_document_that_are_no_leaf() {
    let whole = unhex(EVENT_HEX);
    let with = |at: usize, bytes: &[u8]| {
        let mut other = whole.clone();
        other.splice(at..at + bytes.len(), bytes.iter().copied());
        other
    };
    let facts_length = whole.len() - unhex(FACTS).len() - 4;
    for (wrong, words) in [
        (Vec::new(), "nothing"),
        (with(0, &[0x04]), "first byte `04`"),
        (whole[..whole.len() - 1].to_vec(), "without its last byte"),
        ([&whole[..], &[0]].concat(), "with a byte `00` after it"),
        (with(25, &[0x00]), "byte 25, the length of the kind of actor, `00`"),
        (with(26, &[0x20]), "byte 26, the first of `member`, `20`"),
        (with(32, &[0x02]), "byte 32, whether there is an actor, `02`"),
        (with(facts_length + 3, &[0x7e]), "the length of the facts `0000007e`"),
    ] {
        assert_eq!(Leaf::parse(&wrong), Err(NotCanonical), "{words}");
        assert!(LEDGER.contains(words), "{words}");
    }
    let facts = unhex(FACTS);
    for (at, byte, words) in [
        (0, 0x02, "byte 0, the version, `02`"),
        (2, 0x05, "bytes 1 and 2, the number of changes, `0005`"),
        (3, 0x00, "byte 3, the length of `duration_s`, `00`"),
        (14, 0x05, "byte 14, what the first value is, `05`"),
        (66, 0xff, "byte 66, the first of the word `UTC`, `ff`"),
    ] {
        let mut other = facts.clone();
        other[at] = byte;
        assert_eq!(facts::parse(&other), Err(NotCanonical), "{words}");
        assert!(LEDGER.contains(words), "{words}");
    }
}

#[test]
fn every_byte_counts() {
    let leaves = [Leaf::Event(vector_event()), Leaf::Head(vector_head()), Leaf::Act(vector_act())];
    for bytes in leaves.map(|leaf| leaf.to_bytes().unwrap()) {
        for cut in 0..bytes.len() {
            assert_eq!(Leaf::parse(&bytes[..cut]), Err(NotCanonical), "{cut}");
        }
        assert_eq!(Leaf::parse(&[&bytes[..], &[0]].concat()), Err(NotCanonical));
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            // Another leaf, or none; never the same one.
            if let Ok(read) = Leaf::parse(&other) {
                assert_eq!(read.to_bytes().unwrap(), other);
            }
        }
    }
    let bytes = facts::write(&vector_facts()).unwrap();
    for cut in 0..bytes.len() {
        assert_eq!(facts::parse(&bytes[..cut]), Err(NotCanonical), "{cut}");
    }
    assert_eq!(facts::parse(&[&bytes[..], &[0]].concat()), Err(NotCanonical));
    assert_eq!(facts::parse(&[&[2], &bytes[1..]].concat()), Err(NotCanonical));
}

#[test]
fn what_is_no_leaf_is_neither_written_nor_read() {
    let named = |kind: &str| Leaf::Event(Event { kind: kind.to_owned(), ..vector_event() });
    for wrong in ["", "a b", "é", "line\n", &"k".repeat(256)] {
        assert_eq!(named(wrong).to_bytes(), Err(TooLong), "{wrong:?}");
    }
    let long = "k".repeat(255);
    assert_eq!(Leaf::parse(&named(&long).to_bytes().unwrap()), Ok(named(&long)));
    let with = |length| Leaf::Event(Event { facts: vec![0; length], ..vector_event() });
    assert_eq!(with(MOST_ENTRY_BYTES).to_bytes(), Err(TooLong));
    // Whatever the names are, facts of this length fit.
    let Leaf::Event(mut widest) = with(MOST_FACTS_BYTES) else { panic!("an event") };
    (widest.kind, widest.object_kind, widest.actor_kind) = (long.clone(), long.clone(), long);
    assert!(Leaf::Event(widest).to_bytes().is_ok());
    for wrong in [&[][..], &[0], &[4], &[0xff; 200]] {
        assert_eq!(Leaf::parse(wrong), Err(NotCanonical));
    }
    let too_long = vec![1; MOST_ENTRY_BYTES + 1];
    assert_eq!(Leaf::parse(&too_long), Err(NotCanonical));
    let word = Change {
        field: "x".to_owned(),
        before: Value::None,
        after: Value::Word("w".repeat(65_536)),
    };
    assert_eq!(facts::write(&[word]), Err(TooLong));
}

fn name() -> impl Strategy<Value = String> {
    "[!-~]{1,30}"
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::None),
        any::<i64>().prop_map(Value::Int),
        any::<Id>().prop_map(Value::Id),
        ".{0,40}".prop_map(Value::Word),
        any::<[u8; 32]>().prop_map(Value::Commitment),
    ]
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = (name(), value(), value());
    let change = change.prop_map(|(field, before, after)| Change { field, before, after });
    prop::collection::vec(change, 0..5)
}

fn event() -> impl Strategy<Value = Leaf> {
    let names = (name(), name(), name());
    let ids = (any::<Id>(), any::<Option<Id>>(), any::<Id>(), any::<Option<Id>>(), any::<Id>());
    (names, ids, any::<i64>(), changes()).prop_map(|(names, ids, at, changes)| {
        let (actor_kind, kind, object_kind) = names;
        let (id, actor, object, subject, request) = ids;
        let facts = facts::write(&changes).unwrap();
        let event =
            Event { id, at, actor_kind, actor, kind, object_kind, object, subject, request, facts };
        Leaf::Event(event)
    })
}

fn of_the_instance() -> impl Strategy<Value = Leaf> {
    let head = (any::<Id>(), any::<u64>(), any::<[u8; 32]>(), any::<i64>());
    let head = head.prop_map(|(workspace, size, root, at)| {
        Leaf::Head(Head { workspace, size, root: Hash(root), at })
    });
    let act = (any::<Id>(), any::<i64>(), name(), any::<Option<Id>>(), any::<Id>(), changes());
    let act = act.prop_map(|(id, at, kind, user, request, changes)| {
        let facts = facts::write(&changes).unwrap();
        Leaf::Act(Act { id, at, kind, user, request, facts })
    });
    prop_oneof![head, act]
}

proptest! {
    #[test]
    fn a_leaf_is_read_as_it_is_written(leaf in prop_oneof![event(), of_the_instance()]) {
        let bytes = leaf.to_bytes().unwrap();
        prop_assert_eq!(Leaf::parse(&bytes), Ok(leaf));
    }

    #[test]
    fn facts_are_read_as_they_are_written(changes in changes()) {
        let bytes = facts::write(&changes).unwrap();
        prop_assert_eq!(facts::parse(&bytes), Ok(changes));
    }

    #[test]
    fn bytes_that_are_read_are_those_that_are_written(
        first in 0_u8..5, rest in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = [&[first], &rest[..]].concat();
        if let Ok(leaf) = Leaf::parse(&bytes) {
            prop_assert_eq!(leaf.to_bytes().unwrap(), bytes.clone());
        }
        if let Ok(changes) = facts::parse(&bytes) {
            prop_assert_eq!(facts::write(&changes).unwrap(), bytes);
        }
    }

    #[test]
    fn what_was_flipped_is_never_read_as_the_same(
        leaf in prop_oneof![event(), of_the_instance()], at: prop::sample::Index, bit in 0_u8..8,
    ) {
        let mut bytes = leaf.to_bytes().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(read) = Leaf::parse(&bytes) {
            prop_assert_ne!(&read, &leaf);
            prop_assert_eq!(read.to_bytes().unwrap(), bytes);
        }
    }
}
