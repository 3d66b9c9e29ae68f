//! What the events of a log tell of the rows of tables: each event is told to the table it is about.

use std::collections::{BTreeMap, HashMap};

use ledger::event::facts::{ChangeRef, ValueRef};
use ledger::event::{EventRef, Id};
use ledger::objects::{self, Objects, Telling};

use super::sheets::{FLAGS, Key, OTHER_KINDS, SHEETS, Sheet, Stamp};

/// Salt and text of a commitment that an event has made.
pub(super) type Salt = [u8; 32];

/// All that is told of rows.
#[derive(Default)]
pub(super) struct Things {
    pub(super) objects: Objects,
    pub(super) unknown_kinds: BTreeMap<String, u64>,
}

/// By kind of event: which table it is about, and what it does there.
pub(super) struct Kinds(HashMap<&'static str, (usize, Act)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Makes,
    Changes,
    Ends,
    /// No table shows it.
    Nothing,
}

/// The kind of actor that is a member by themselves.
const MEMBER: &str = "member";

/// What an event does to a row, as far as it tells by itself.
pub(super) enum Deed {
    Nothing,
    /// It is not known here, and called so.
    Unknown(String),
    Ends(objects::Key),
    Tells {
        key: objects::Key,
        makes: bool,
        telling: Telling,
    },
}

impl Kinds {
    pub(super) fn new() -> Self {
        let mut kinds = HashMap::new();
        for (index, sheet) in SHEETS.iter().enumerate() {
            let acts =
                [(sheet.made, Act::Makes), (sheet.changed, Act::Changes), (sheet.ended, Act::Ends)];
            for (words, act) in acts {
                kinds.extend(words.iter().map(|word| (*word, (index, act))));
            }
        }
        kinds.extend(OTHER_KINDS.iter().map(|word| (*word, (0, Act::Nothing))));
        Self(kinds)
    }

    /// What an event tells, with the salts of what its texts became.
    pub(super) fn read(
        &self,
        event: &EventRef<'_>,
        changes: &[ChangeRef<'_>],
        salts: &[Option<Salt>],
    ) -> Deed {
        let Some((index, act)) = self.0.get(event.kind).copied() else {
            return Deed::Unknown(event.kind.to_owned());
        };
        if act == Act::Nothing {
            return Deed::Nothing;
        }
        let sheet = SHEETS.get(index).filter(|sheet| sheet.object == event.object_kind);
        let keyed = sheet.and_then(|sheet| Some((sheet, key_of(index, sheet, event, changes)?)));
        let Some((sheet, key)) = keyed else {
            return Deed::Unknown(format!("{} of {}", event.kind, event.object_kind));
        };
        if act == Act::Ends {
            return Deed::Ends(key);
        }
        let mut telling = Telling::default();
        stamp(sheet, event, changes, &mut telling);
        for (index, change) in changes.iter().enumerate() {
            if let Some(column) = sheet.told_by(event.kind, change.field) {
                let salt = salts.get(index).and_then(Option::as_ref);
                telling.tell(column, change.after, salt);
            }
        }
        Deed::Tells { key, makes: act == Act::Makes, telling }
    }
}

impl Things {
    /// An event, at its place in the log.
    pub(super) fn tell(&mut self, position: u64, deed: Deed) {
        match deed {
            Deed::Nothing => {}
            // What tells no row is said at least: nothing of a log goes by in silence.
            Deed::Unknown(kind) => {
                let count = self.unknown_kinds.entry(kind).or_default();
                *count = count.saturating_add(1);
            }
            Deed::Ends(key) => self.objects.end(key, position),
            Deed::Tells { key, makes, telling } => {
                if makes {
                    // Of a pair that went with its team or project nothing of before is told.
                    if let Some(end) = gone_with_parent(&self.objects, &key) {
                        self.objects.end(key, end);
                    }
                    self.objects.begin(key, position);
                }
                self.objects.tell(key, position, &telling);
            }
        }
    }
}

/// By which event a pair went, from 0: when its team or project ended after the last event that told anything
/// of the pair. That it is there again by a later one is no matter. Of pairs no event tells anything but such
/// as make or end them.
pub(super) fn gone_with_parent(objects: &Objects, key: &objects::Key) -> Option<u64> {
    let end = objects.last_end(&parent_of(key)?)?;
    objects.latest(key).is_some_and(|latest| latest < end).then_some(end)
}

/// The thing that a pair goes with.
fn parent_of(key: &objects::Key) -> Option<objects::Key> {
    let Key::Pair { parent, .. } = SHEETS.get(usize::from(key.kind))?.key else { return None };
    let index = SHEETS.iter().position(|sheet| sheet.table == parent)?;
    Some(objects::Key { kind: kind_of(index), id: key.id, other: [0; 16] })
}

/// The number of a table.
pub(super) fn kind_of(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(u8::MAX)
}

/// Of which row an event of this table tells.
fn key_of(
    index: usize,
    sheet: &Sheet,
    event: &EventRef<'_>,
    changes: &[ChangeRef<'_>],
) -> Option<objects::Key> {
    let other = match sheet.key {
        Key::Id => [0; 16],
        Key::Pair { fact, .. } => {
            let change = changes.iter().rfind(|change| change.field == fact)?;
            match (change.before, change.after) {
                (_, ValueRef::Id(id)) | (ValueRef::Id(id), ValueRef::None) => id,
                _ => return None,
            }
        }
    };
    Some(objects::Key { kind: kind_of(index), id: event.object, other })
}

/// What an event says beside its facts.
fn stamp(sheet: &Sheet, event: &EventRef<'_>, changes: &[ChangeRef<'_>], telling: &mut Telling) {
    let at = ValueRef::Int(event.at);
    let id = |id: Option<Id>| id.map_or(ValueRef::None, ValueRef::Id);
    for (_, fact, stamp) in sheet.stamps.iter().filter(|(kind, _, _)| *kind == event.kind) {
        let Some(column) = sheet.column_of(fact) else { continue };
        let value = match stamp {
            Stamp::First => {
                telling.tell_first(column, at);
                continue;
            }
            Stamp::At => at,
            Stamp::Nothing => ValueRef::None,
            Stamp::Subject => id(event.subject),
            Stamp::Actor => id(event.actor),
            Stamp::Member => id(event.actor.filter(|_| event.actor_kind == MEMBER)),
        };
        telling.tell(column, value, None);
    }
    for (flag, fact) in FLAGS {
        // Of a field that stands twice the last counts, here and wherever facts are told.
        if let Some(change) = changes.iter().rfind(|change| change.field == *flag) {
            let is_set = change.after == ValueRef::Int(1);
            if let Some(column) = sheet.column_of(fact) {
                telling.tell(column, if is_set { at } else { ValueRef::None }, None);
            }
        }
    }
}
