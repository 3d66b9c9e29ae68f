//! The leaves of an export, one after the other: into the tree, and told to tables and history.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ledger::commitment::SALT_BYTES;
use ledger::event::Event;
use ledger::event::facts::{self, Change, Value};
use ledger::replay::{Misfit, Replay, Times};
use serde::Deserialize;
use uuid::Uuid;

use super::history::{History, Sides};
use super::lines::Lines;
use super::row::{Named, Text};
use super::sheets::LATE_KIND;
use super::things::{Salt, Things};
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

impl<'a> Log<'a> {
    pub(super) fn new(
        replay: Replay,
        head_size: u64,
        in_instance: Option<u64>,
        findings: &'a mut Findings,
    ) -> Self {
        Self {
            replay,
            things: Things::new(),
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

    /// Reads all leaves; whether that went to the end. What comes after a line that cannot be read is not
    /// looked at: which leaf it would be is not known.
    pub(super) fn read(&mut self, file: &str, lines: &mut Lines) -> bool {
        loop {
            let number = Some(lines.number() + 1);
            let place = Place { file: Some(file), line: number, ..Place::default() };
            let read = match lines.next() {
                Ok(None) => return true,
                Ok(Some(line)) => self.line(line, &place),
                Err(bad) => {
                    self.findings.add(Code::LogLine, place, bad.words());
                    None
                }
            };
            if read.is_none() {
                return false;
            }
        }
    }

    /// The latest time of an event, where it is one that calendars have.
    pub(super) fn latest(&self) -> Option<String> {
        Some(Timestamp::from_microsecond(self.latest?).ok()?.to_string())
    }

    /// Nothing, where the log cannot be followed any further.
    fn line(&mut self, line: &str, place: &Place<'_>) -> Option<()> {
        let read: Option<Named<LeafLine<'_>>> = serde_json::from_str(line).ok();
        let leaf = read.and_then(|Named(read)| Some((STANDARD.decode(&*read.leaf.0).ok()?, read)));
        let Some((bytes, line)) = leaf else {
            let what = "this is not a leaf as exports write it";
            self.findings.add(Code::LogLine, place.clone(), what);
            return None;
        };
        if !line.pending && self.awaiting > 0 {
            let what = "a leaf stands after events that are no leaves yet";
            self.findings.add(Code::LogLine, place.clone(), what);
            return None;
        }
        let position = self.replay.size().saturating_add(self.awaiting);
        let read =
            if line.pending { self.replay.await_leaf(&bytes) } else { self.replay.append(&bytes) };
        let place = Place { leaf: Some(position), ..place.clone() };
        let event = match read {
            Ok(event) => event,
            Err(misfit) => {
                let code = match misfit {
                    Misfit::Twice => Code::LogTwice,
                    Misfit::NotCanonical | Misfit::NotAnEvent => Code::LogLeaf,
                };
                self.findings.add(code, place, misfit.to_string());
                return None;
            }
        };
        self.awaiting += u64::from(line.pending);
        self.event(position, &event, &line.words, place);
        Some(())
    }

    fn event(
        &mut self,
        position: u64,
        event: &Event,
        words: &[Named<Words<'_>>],
        place: Place<'_>,
    ) {
        let place = Place { id: Some(Uuid::from_bytes(event.id).to_string()), ..place };
        self.time(position, event, &place);
        if position >= self.head_size {
            *self.late_kinds.entry(event.kind.clone()).or_default() += 1;
        }
        let Ok(changes) = facts::parse(&event.facts) else {
            let what = "what the event says is not written as events are";
            return self.findings.add(Code::LogLeaf, place, what);
        };
        let mut salts: Vec<Option<Salt>> = vec![None; changes.len()];
        let mut sides: Vec<Sides<'_>> = vec![[None; 2]; changes.len()];
        for Named(words) in words {
            let Some((index, salt)) = find(&changes, words, &sides) else {
                let place = Place { field: Some(&words.field.0), ..place.clone() };
                let what = "these words are not those that the event has committed to";
                self.findings.add(Code::WordsDiffer, place, what);
                continue;
            };
            self.words += 1;
            let (Some(sides), Some(kept)) = (sides.get_mut(index), salts.get_mut(index)) else {
                continue;
            };
            let [before, after] = sides;
            match words.side {
                Side::Before => *before = Some(&words.text.0),
                Side::After => (*after, *kept) = (Some(&*words.text.0), Some(salt)),
            }
        }
        self.left_out(&changes, &sides, words.is_empty(), &place);
        self.things.tell(position, event, &changes, &salts);
        self.history.expect(position, event, &changes, &sides);
    }

    /// The words of an event are sealed together: they are there, or destroyed, as a whole. One that is
    /// left out beside others was taken out by somebody.
    fn left_out(
        &mut self,
        changes: &[Change],
        opened: &[Sides<'_>],
        has_none: bool,
        place: &Place<'_>,
    ) {
        for (change, [before, after]) in changes.iter().zip(opened) {
            for (value, words) in [(&change.before, before), (&change.after, after)] {
                if !matches!(value, Value::Commitment(_)) || words.is_some() {
                    continue;
                }
                self.words_left_out += 1;
                if !has_none {
                    let place = Place { field: Some(&change.field), ..place.clone() };
                    let what = "the words of this text are left out, and others of its event are \
                                not";
                    self.findings.add(Code::WordsDiffer, place, what);
                }
            }
        }
    }

    fn time(&mut self, position: u64, event: &Event, place: &Place<'_>) {
        if event.kind == LATE_KIND {
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
            self.findings.add(Code::TimeBack, place.clone(), what);
        }
    }
}

/// Which change has committed to these words, and with which salt; each is opened once.
fn find(changes: &[Change], words: &Words<'_>, opened: &[Sides<'_>]) -> Option<(usize, Salt)> {
    let salt: [u8; SALT_BYTES] = STANDARD.decode(&*words.salt.0).ok()?.try_into().ok()?;
    let commitment = ledger::commit(&salt, words.text.0.as_bytes());
    let is_meant = |index: usize, change: &Change| {
        let [before, after] = opened.get(index).copied().unwrap_or_default();
        let (value, is_open) = match words.side {
            Side::Before => (&change.before, before.is_some()),
            Side::After => (&change.after, after.is_some()),
        };
        change.field == words.field.0 && !is_open && *value == Value::Commitment(commitment)
    };
    let index = changes.iter().enumerate().position(|(index, change)| is_meant(index, change))?;
    Some((index, salt))
}
