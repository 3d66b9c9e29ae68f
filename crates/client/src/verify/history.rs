//! The events of the log against the table of events, which is what people read.
//!
//! Of each event a digest is kept of all that the table shows of it, words and all, since the table is in
//! another order than the log.

use std::collections::HashMap;

use ledger::Sum;
use ledger::event::facts::{ChangeRef, ValueRef};
use ledger::event::{EventRef, Id};
use serde::Deserialize;
use uuid::Uuid;

use super::cells::{read_id, read_instant};
use super::row::{Cell, Named, Text};
use super::verdict::{Code, Findings, Place};

/// What is known of each event of the log, and whether the table has shown it.
#[derive(Debug, Default)]
pub(super) struct History {
    awaited: HashMap<Id, Entry>,
    rows: u64,
}

#[derive(Debug)]
struct Entry {
    position: u64,
    digest: Digest,
    is_shown: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventRow<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    at: Text<'a>,
    actor_kind: Text<'a>,
    #[serde(deserialize_with = "Option::deserialize")]
    actor_id: Option<Text<'a>>,
    kind: Text<'a>,
    object_kind: Text<'a>,
    object_id: Text<'a>,
    #[serde(deserialize_with = "Option::deserialize")]
    subject_id: Option<Text<'a>>,
    request_id: Text<'a>,
    changes: Vec<Named<ChangeRow<'a>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeRow<'a> {
    #[serde(borrow)]
    field: Text<'a>,
    before: Cell<'a>,
    after: Cell<'a>,
}

/// What the table shows of an event: the first half of a SHA-256 of it.
pub(super) type Digest = [u8; 16];

/// Before and after of a change, as words of the event have them.
pub(super) type Sides<'a> = [Option<&'a str>; 2];

/// What the table has to show of an event of the log, with the words of each change.
pub(super) fn digest(
    event: &EventRef<'_>,
    changes: &[ChangeRef<'_>],
    words: &[Sides<'_>],
) -> Digest {
    let mut shown = Shown::of(event);
    for (index, change) in changes.iter().enumerate() {
        let [before, after] = words.get(index).copied().unwrap_or_default();
        shown.put(b'f', change.field.as_bytes());
        shown.value(&change.before, before);
        shown.value(&change.after, after);
    }
    shown.digest()
}

impl History {
    /// An event of the log.
    pub(super) fn expect(&mut self, position: u64, event: Id, digest: Digest) {
        self.awaited.insert(event, Entry { position, digest, is_shown: false });
    }

    /// A line of the table of events.
    pub(super) fn row(
        &mut self,
        file: &str,
        line: u64,
        row: Option<(Id, Digest)>,
        findings: &mut Findings,
    ) {
        let place = || Place { file: Some(file), line: Some(line), ..Place::default() };
        let Some((id, digest)) = row else {
            let place = place();
            return findings.add(Code::RowLine, place, "this is not an event as exports write it");
        };
        let place = || Place { id: Some(Uuid::from_bytes(id).to_string()), ..place() };
        let Some(entry) = self.awaited.get_mut(&id) else {
            let what = "no leaf of the log tells of this event";
            return findings.add(Code::RowUnknown, place(), what);
        };
        if std::mem::replace(&mut entry.is_shown, true) {
            return findings.add(Code::RowTwice, place(), "the event stands twice");
        }
        if entry.digest != digest {
            let place = Place { leaf: Some(entry.position), ..place() };
            return findings.add(Code::RowDiffers, place, "the event differs from its leaf");
        }
        self.rows += 1;
    }

    /// How many rows agree, after all of them; names the leaves that none has shown.
    pub(super) fn finish(self, file: &str, findings: &mut Findings) -> u64 {
        let left = self.awaited.into_iter().filter(|(_, entry)| !entry.is_shown);
        let mut left: Vec<_> = left.collect();
        left.sort_unstable_by_key(|(_, entry)| entry.position);
        for (id, entry) in left {
            let id = Some(Uuid::from_bytes(id).to_string());
            let place =
                Place { file: Some(file), id, leaf: Some(entry.position), ..Place::default() };
            findings.add(Code::RowMissing, place, "the event is in the log, and there is no row");
        }
        self.rows
    }
}

/// The id of an event in the table, and the digest of what it shows.
pub(super) fn read(text: &str) -> Option<(Id, Digest)> {
    let Named(row): Named<EventRow<'_>> = serde_json::from_str(text).ok()?;
    let id = |text: &Text<'_>| read_id(&text.0).map(Uuid::into_bytes);
    let optional = |text: &Option<Text<'_>>| match text {
        None => Some(None),
        Some(text) => id(text).map(Some),
    };
    let event = EventRef {
        id: id(&row.id)?,
        at: read_instant(&row.at.0)?,
        actor_kind: &row.actor_kind.0,
        actor: optional(&row.actor_id)?,
        kind: &row.kind.0,
        object_kind: &row.object_kind.0,
        object: id(&row.object_id)?,
        subject: optional(&row.subject_id)?,
        request: id(&row.request_id)?,
        facts: &[],
    };
    let mut shown = Shown::of(&event);
    for Named(change) in &row.changes {
        shown.put(b'f', change.field.0.as_bytes());
        shown.cell(&change.before)?;
        shown.cell(&change.after)?;
    }
    Some((event.id, shown.digest()))
}

/// All that the table shows of an event, gathered to be summed at once.
struct Shown(Vec<u8>);

/// Room is made for so much.
const USUAL_SHOWN_BYTES: usize = 1024;

impl Shown {
    fn of(event: &EventRef<'_>) -> Self {
        let mut shown = Self(Vec::with_capacity(USUAL_SHOWN_BYTES));
        shown.put(b'a', &event.at.to_be_bytes());
        for word in [event.actor_kind, event.kind, event.object_kind] {
            shown.put(b'k', word.as_bytes());
        }
        for id in [event.actor, Some(event.object), event.subject, Some(event.request)] {
            shown.put(b'd', id.as_ref().map_or(&[], |id| id.as_slice()));
        }
        shown
    }

    /// What a fact is shown as: an id and a word are texts there.
    fn value(&mut self, value: &ValueRef<'_>, words: Option<&str>) {
        match value {
            ValueRef::None => self.put(b'0', &[]),
            ValueRef::Int(number) => self.put(b'1', &number.to_be_bytes()),
            ValueRef::Id(id) => {
                let mut buffer = Uuid::encode_buffer();
                let text = Uuid::from_bytes(*id).hyphenated().encode_lower(&mut buffer);
                self.put(b'2', text.as_bytes());
            }
            ValueRef::Word(word) => self.put(b'2', word.as_bytes()),
            ValueRef::Commitment(_) => match words {
                Some(words) => self.put(b'2', words.as_bytes()),
                None => self.put(b'3', &[]),
            },
        }
    }

    fn cell(&mut self, cell: &Cell<'_>) -> Option<()> {
        match cell {
            Cell::Null => self.put(b'0', &[]),
            Cell::Int(number) => self.put(b'1', &number.to_be_bytes()),
            Cell::Text(text) => self.put(b'2', text.as_bytes()),
            Cell::Erased => self.put(b'3', &[]),
            Cell::Flag(_) | Cell::Other => return None,
        }
        Some(())
    }

    fn put(&mut self, tag: u8, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.push(tag);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn digest(&self) -> Digest {
        let mut sum = Sum::new();
        sum.update(&self.0);
        let digest = sum.digest();
        digest.first_chunk().copied().unwrap_or_default()
    }
}
