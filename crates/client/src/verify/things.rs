//! What the events of a log tell of the rows of tables: each event is told to the table it is about.

use std::collections::{BTreeMap, HashMap};

use ledger::event::Event;
use ledger::event::facts::{Change, Value};
use ledger::objects::{self, Objects, Told};

use super::sheets::{FLAGS, Key, OTHER_KINDS, SHEETS, Sheet, Stamp};

/// Salt and text of a commitment that an event has made.
pub(super) type Salt = [u8; 32];

/// All that is told of rows.
pub(super) struct Things {
    pub(super) objects: Objects,
    /// By kind of event: which table it is about, and what it does there.
    kinds: HashMap<&'static str, (usize, Act)>,
    pub(super) unknown_kinds: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Makes,
    Changes,
    Ends,
    /// No table shows it.
    Nothing,
}

impl Things {
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
        Self { objects: Objects::default(), kinds, unknown_kinds: BTreeMap::new() }
    }

    /// An event, at its place in the log, with the salts of what its texts became.
    pub(super) fn tell(
        &mut self,
        position: u64,
        event: &Event,
        changes: &[Change],
        salts: &[Option<Salt>],
    ) {
        let Some((index, act)) = self.kinds.get(event.kind.as_str()).copied() else {
            return self.count_unknown(event.kind.clone());
        };
        if act == Act::Nothing {
            return;
        }
        let sheet = SHEETS.get(index).filter(|sheet| sheet.object == event.object_kind);
        let keyed = sheet.and_then(|sheet| Some((sheet, key_of(index, sheet, event, changes)?)));
        let Some((sheet, key)) = keyed else {
            return self.count_unknown(format!("{} of {}", event.kind, event.object_kind));
        };
        match act {
            Act::Nothing => return,
            Act::Ends => return self.objects.end(key, position),
            Act::Makes => self.objects.begin(key, position),
            Act::Changes => {}
        }
        for (fact, value) in stamps(sheet, event, changes) {
            self.tell_fact(sheet, key, fact, Told { position, value, salt: None });
        }
        for (index, change) in changes.iter().enumerate() {
            let is_ignored =
                |(kind, fact): &(&str, &str)| *kind == event.kind && *fact == change.field;
            if !sheet.ignored.iter().any(is_ignored) {
                let salt = salts.get(index).copied().flatten();
                let told = Told { position, value: change.after.clone(), salt };
                self.tell_fact(sheet, key, &change.field, told);
            }
        }
    }

    /// What tells no row is said at least: nothing of a log goes by in silence.
    fn count_unknown(&mut self, kind: String) {
        let count = self.unknown_kinds.entry(kind).or_default();
        *count = count.saturating_add(1);
    }

    fn tell_fact(&mut self, sheet: &Sheet, key: objects::Key, fact: &str, told: Told) {
        if let Some(column) = sheet.column_of(fact) {
            self.objects.tell(key, column, &told);
        }
    }
}

/// The number of a table.
pub(super) fn kind_of(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(u8::MAX)
}

/// Of which row an event of this table tells.
fn key_of(index: usize, sheet: &Sheet, event: &Event, changes: &[Change]) -> Option<objects::Key> {
    let other = match sheet.key {
        Key::Id => [0; 16],
        Key::Pair { fact, .. } => {
            let change = changes.iter().rfind(|change| change.field == fact)?;
            match (&change.before, &change.after) {
                (_, Value::Id(id)) | (Value::Id(id), Value::None) => *id,
                _ => return None,
            }
        }
    };
    Some(objects::Key { kind: kind_of(index), id: event.object, other })
}

/// What an event says beside its facts.
fn stamps(sheet: &Sheet, event: &Event, changes: &[Change]) -> Vec<(&'static str, Value)> {
    let by_kind = sheet.stamps.iter().filter(|(kind, _, _)| *kind == event.kind);
    let by_kind = by_kind.map(|(_, fact, stamp)| {
        let value = match stamp {
            Stamp::At => Value::Int(event.at),
            Stamp::Nothing => Value::None,
            Stamp::Subject => event.subject.map_or(Value::None, Value::Id),
        };
        (*fact, value)
    });
    let by_flag = FLAGS.iter().filter_map(|(flag, fact)| {
        // Of a field that stands twice the last counts, here and wherever facts are told.
        let change = changes.iter().rfind(|change| change.field == *flag)?;
        let is_set = change.after == Value::Int(1);
        Some((*fact, if is_set { Value::Int(event.at) } else { Value::None }))
    });
    by_kind.chain(by_flag).collect()
}
