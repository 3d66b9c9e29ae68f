//! The leaves of an export, one after the other: into the tree, and told to tables and history.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ledger::Hash;
use ledger::commitment::SALT_BYTES;
use ledger::event::facts::{self, ChangeRef, ValueRef};
use ledger::event::{EventRef, Id};
use ledger::replay::{LeafRead, Misfit, Replay, Times};
use serde::Deserialize;
use uuid::Uuid;

use super::batches;
use super::history::{self, Digest, History, Sides};
use super::lines::{BadLine, ReadFile};
use super::row::{Named, Text};
use super::sheets::LATE_KIND;
use super::things::{Deed, Kinds, Salt, Things};
use super::verdict::{Code, Findings, Place};

/// The leaves, on their way.
pub(super) struct Log<'a> {
    pub(super) replay: Replay,
    pub(super) things: Things,
    pub(super) history: History,
    pub(super) findings: &'a mut Findings,
    times: Times,
    latest: Option<i64>,
    /// Events that are no leaves yet, by kind.
    pub(super) awaiting: u64,
    /// The kinds of the events after the newest head's leaves.
    pub(super) late_kinds: BTreeMap<String, u64>,
    /// How many leaves the newest head tells of.
    head_size: u64,
    /// How many are under the head in the instance's log, if there is one.
    in_instance: Option<u64>,
    /// The earliest time of the others.
    pub(super) uncovered: Option<i64>,
    pub(super) words: u64,
    /// How many texts have no words: nobody can check them.
    pub(super) words_left_out: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeafLine<'a> {
    #[serde(borrow)]
    leaf: Text<'a>,
    #[serde(default, borrow)]
    words: Vec<Named<Words<'a>>>,
    #[serde(default)]
    pending: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words<'a> {
    #[serde(borrow)]
    field: Text<'a>,
    side: Side,
    salt: Text<'a>,
    text: Text<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    Before,
    After,
}

/// A line of the log, read by itself: all but its place.
struct LineRead {
    is_pending: bool,
    leaf: Result<Leaf, Misfit>,
}

/// A leaf, read by itself.
struct Leaf {
    hash: Hash,
    id: Id,
    at: i64,
    kind: Box<str>,
    /// Nothing, where its facts cannot be read.
    told: Option<LeafTold>,
}

/// What the facts of a leaf tell, with its words.
struct LeafTold {
    deed: Deed,
    digest: Digest,
    words: u64,
    left_out: u64,
    /// What is wrong with its words, and of which field.
    wrong: Vec<(String, &'static str)>,
}

impl<'a> Log<'a> {
    pub(super) fn new(
        replay: Replay,
        head_size: u64,
        in_instance: Option<u64>,
        findings: &'a mut Findings,
    ) -> Self {
        Self {
            replay,
            things: Things::default(),
            history: History::default(),
            findings,
            times: Times::default(),
            latest: None,
            awaiting: 0,
            late_kinds: BTreeMap::new(),
            head_size,
            in_instance,
            uncovered: None,
            words: 0,
            words_left_out: 0,
        }
    }

    /// Reads all leaves; what comes after a line that cannot be read is not looked at: which leaf it would
    /// be is not known.
    ///
    /// Errors: the system's.
    pub(super) fn read(&mut self, name: &str, file: File) -> io::Result<ReadFile> {
        let kinds = Kinds::new();
        batches::read(file, &|line| read_line(&kinds, line), |number, line| {
            let place = Place { file: Some(name), line: Some(number), ..Place::default() };
            match self.line(line, place) {
                Some(()) => ControlFlow::Continue(()),
                None => ControlFlow::Break(()),
            }
        })
    }

    /// The latest time of an event, where it is one that calendars have.
    pub(super) fn latest(&self) -> Option<String> {
        Some(Timestamp::from_microsecond(self.latest?).ok()?.to_string())
    }

    /// Nothing, where the log cannot be followed any further.
    fn line(&mut self, line: Result<Option<LineRead>, BadLine>, place: Place<'_>) -> Option<()> {
        let read = match line {
            Ok(Some(read)) if read.is_pending || self.awaiting == 0 => read,
            line => {
                self.findings.add(Code::LogLine, place, what_is_wrong(line));
                return None;
            }
        };
        let position = self.replay.size().saturating_add(self.awaiting);
        let place = Place { leaf: Some(position), ..place };
        let placed = read.leaf.and_then(|leaf| {
            if read.is_pending {
                self.replay.await_leaf(leaf.id)?;
            } else {
                self.replay.append(leaf.id, leaf.hash)?;
            }
            Ok(leaf)
        });
        let leaf = match placed {
            Ok(leaf) => leaf,
            Err(misfit) => {
                let code = match misfit {
                    Misfit::Twice => Code::LogTwice,
                    Misfit::NotCanonical | Misfit::NotAnEvent => Code::LogLeaf,
                };
                self.findings.add(code, place, misfit.to_string());
                return None;
            }
        };
        self.awaiting += u64::from(read.is_pending);
        self.leaf(position, leaf, &place);
        Some(())
    }

    fn leaf(&mut self, position: u64, leaf: Leaf, place: &Place<'_>) {
        let place = || Place { id: Some(Uuid::from_bytes(leaf.id).to_string()), ..place.clone() };
        self.time(position, &leaf, &place);
        if position >= self.head_size {
            *self.late_kinds.entry(leaf.kind.into_string()).or_default() += 1;
        }
        let Some(told) = leaf.told else {
            let what = "what the event says is not written as events are";
            return self.findings.add(Code::LogLeaf, place(), what);
        };
        for (field, what) in told.wrong {
            let place = Place { field: Some(&field), ..place() };
            self.findings.add(Code::WordsDiffer, place, what);
        }
        self.words += told.words;
        self.words_left_out += told.left_out;
        self.things.tell(position, told.deed);
        self.history.expect(position, leaf.id, told.digest);
    }

    fn time<'b>(&mut self, position: u64, event: &Leaf, place: &impl Fn() -> Place<'b>) {
        if &*event.kind == LATE_KIND {
            return;
        }
        self.latest = self.latest.max(Some(event.at));
        if self.in_instance.is_some_and(|size| position >= size) {
            self.uncovered = Some(self.uncovered.map_or(event.at, |at| at.min(event.at)));
        }
        if let Some(back) = self.times.next(event.at) {
            let what = format!(
                "time goes back by {} minutes here: the clock was set back, or the event was dated \
                 back",
                back / 60_000_000
            );
            self.findings.add(Code::TimeBack, place(), what);
        }
    }
}

fn what_is_wrong(line: Result<Option<LineRead>, BadLine>) -> Cow<'static, str> {
    match line {
        Ok(Some(_)) => Cow::Borrowed("a leaf stands after events that are no leaves yet"),
        Ok(None) => Cow::Borrowed("this is not a leaf as exports write it"),
        Err(bad) => Cow::Owned(bad.words()),
    }
}

/// Nothing, where it is no line of a log.
fn read_line(kinds: &Kinds, line: &str) -> Option<LineRead> {
    let Named(line): Named<LeafLine<'_>> = serde_json::from_str(line).ok()?;
    let bytes = STANDARD.decode(&*line.leaf.0).ok()?;
    let leaf = LeafRead::parse(&bytes).map(|LeafRead { event, hash }| Leaf {
        hash,
        id: event.id,
        at: event.at,
        kind: event.kind.into(),
        told: read_facts(kinds, &event, &line.words),
    });
    Some(LineRead { is_pending: line.pending, leaf })
}

fn read_facts(kinds: &Kinds, event: &EventRef<'_>, words: &[Named<Words<'_>>]) -> Option<LeafTold> {
    let changes = facts::parse_refs(event.facts).ok()?;
    let mut opened = Opened::new(&changes);
    for Named(words) in words {
        opened.open(words);
    }
    opened.leave_out(words.is_empty());
    let Opened { salts, sides, words, left_out, wrong, .. } = opened;
    let deed = kinds.read(event, &changes, &salts);
    let digest = history::digest(event, &changes, &sides);
    Some(LeafTold { deed, digest, words, left_out, wrong })
}

/// The texts of an event, as its words open them.
struct Opened<'a> {
    changes: &'a [ChangeRef<'a>],
    salts: Vec<Option<Salt>>,
    sides: Vec<Sides<'a>>,
    words: u64,
    left_out: u64,
    wrong: Vec<(String, &'static str)>,
}

impl<'a> Opened<'a> {
    fn new(changes: &'a [ChangeRef<'a>]) -> Self {
        let (salts, sides) = (vec![None; changes.len()], vec![[None; 2]; changes.len()]);
        Self { changes, salts, sides, words: 0, left_out: 0, wrong: Vec::new() }
    }

    fn open(&mut self, words: &'a Words<'_>) {
        let found = self.find(words);
        let place = found.and_then(|(index, salt)| {
            Some((self.sides.get_mut(index)?, self.salts.get_mut(index)?, salt))
        });
        let Some((sides, kept, salt)) = place else {
            let what = "these words are not those that the event has committed to";
            return self.wrong.push((words.field.0.clone().into_owned(), what));
        };
        self.words += 1;
        let [before, after] = sides;
        match words.side {
            Side::Before => *before = Some(&words.text.0),
            Side::After => (*after, *kept) = (Some(&*words.text.0), Some(salt)),
        }
    }

    /// Which change has committed to these words, and with which salt; each is opened once.
    fn find(&self, words: &Words<'_>) -> Option<(usize, Salt)> {
        let salt: [u8; SALT_BYTES] = STANDARD.decode(&*words.salt.0).ok()?.try_into().ok()?;
        let commitment = ledger::commit(&salt, words.text.0.as_bytes());
        let index =
            self.changes.iter().zip(&self.sides).position(|(change, [before, after])| {
                let (value, is_open) = match words.side {
                    Side::Before => (change.before, before.is_some()),
                    Side::After => (change.after, after.is_some()),
                };
                change.field == words.field.0
                    && !is_open
                    && value == ValueRef::Commitment(commitment)
            })?;
        Some((index, salt))
    }

    /// The words of an event are sealed together: they are there, or destroyed, as a whole. One that is
    /// left out beside others was taken out by somebody.
    fn leave_out(&mut self, has_none: bool) {
        for (change, [before, after]) in self.changes.iter().zip(&self.sides) {
            for (value, words) in [(change.before, before), (change.after, after)] {
                if !matches!(value, ValueRef::Commitment(_)) || words.is_some() {
                    continue;
                }
                self.left_out += 1;
                if !has_none {
                    let what = "the words of this text are left out, and others of its event are \
                                not";
                    self.wrong.push((change.field.to_owned(), what));
                }
            }
        }
    }
}
