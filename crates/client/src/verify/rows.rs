//! The rows of a table against what the events tell of them.

use std::collections::{BTreeMap, HashMap};

use domain::permission::{Grant, Grants};
use jiff::Timestamp;
use jiff::civil::Date;
use ledger::event::facts::Value;
use ledger::objects::{self, Told};
use uuid::Uuid;

use super::row::{Cell, Row};
use super::sheets::{How, Key, SHEETS, Shape, Sheet};
use super::things::{Things, kind_of};
use super::verdict::{Code, Findings, Place, Unproven};

/// What is known after all rows.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Rows that agree.
    pub(super) rows: u64,
    /// Texts that nobody can check any more.
    pub(super) erased: u64,
    /// Entries that have tags by their events, until their rows have come.
    tagged: HashMap<Uuid, Told>,
    /// By table and column: how many rows.
    unproven: BTreeMap<(String, String), u64>,
}

/// The rows of the tables, on their way.
pub(super) struct Rows<'a> {
    pub(super) things: &'a mut Things,
    pub(super) findings: &'a mut Findings,
    pub(super) counts: &'a mut Counts,
    /// How many leaves a signed head proves; what later events tell is not proven.
    pub(super) proven: u64,
}

/// How a cell is to what was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    Agrees,
    Differs,
    /// A text whose words are gone here and there.
    Erased,
}

impl Counts {
    pub(super) fn leave_unproven(&mut self, table: &str, column: &str) {
        let key = (table.to_owned(), column.to_owned());
        let count = self.unproven.entry(key).or_default();
        *count = count.saturating_add(1);
    }

    pub(super) fn unproven(&self) -> Vec<Unproven> {
        let all = self.unproven.iter();
        all.map(|((table, column), rows)| Unproven {
            table: table.clone(),
            column: column.clone(),
            rows: *rows,
        })
        .collect()
    }
}

impl Rows<'_> {
    /// A row of a table.
    pub(super) fn row(
        &mut self,
        index: usize,
        sheet: &Sheet,
        file: &str,
        line: u64,
        row: &Row<'_>,
    ) {
        let place = Place { file: Some(file), line: Some(line), ..Place::default() };
        let Some(key) = key_of(index, sheet, row) else {
            let what = "the row has no id as exports write it";
            return self.findings.add(Code::RowLine, place, what);
        };
        let id = Some(shown(&key));
        let place = Place { id, ..place };
        let parent_has_ended =
            parent_of(sheet, &key).is_some_and(|parent| self.things.objects.has_ended(&parent));
        let told = self.things.objects.fields(&key).filter(|_| !parent_has_ended);
        let Some(told) = told else {
            let what = if parent_has_ended || self.things.objects.has_ended(&key) {
                "the events tell that this was removed for good, and the row is there"
            } else {
                "no event tells of this row"
            };
            return self.findings.add(Code::RowUnknown, place, what);
        };
        if !self.things.objects.see(&key) {
            return self.findings.add(Code::RowTwice, place, "the row stands twice");
        }
        let agrees = self.compare(sheet, row, &told, &place);
        if agrees && self.is_proven(&key, place) {
            self.counts.rows += 1;
        }
        let elsewhere = told.into_iter().find(|(field, told)| {
            let column = sheet.columns.get(usize::from(*field));
            told.value != Value::None
                && column.is_some_and(|column| matches!(column.how, How::Elsewhere(_)))
        });
        if let Some((_, told)) = elsewhere {
            self.counts.tagged.insert(Uuid::from_bytes(key.id), told);
        }
    }

    /// Whether all cells are what was told.
    fn compare(
        &mut self,
        sheet: &Sheet,
        row: &Row<'_>,
        told: &[(u8, Told)],
        place: &Place<'_>,
    ) -> bool {
        let mut agrees = true;
        for (number, column) in (0_u8..).zip(sheet.columns) {
            let told = told.iter().find(|(field, _)| *field == number).map(|(_, told)| told);
            agrees &= match column.how {
                How::Key | How::Elsewhere(_) => true,
                How::Untold => {
                    self.counts.leave_unproven(sheet.table, column.name);
                    true
                }
                How::ToldLater(..) if told.is_none() => {
                    self.counts.leave_unproven(sheet.table, column.name);
                    true
                }
                How::Told(_, shape) | How::ToldLater(_, shape) => {
                    let place = Place { field: Some(column.name), ..place.clone() };
                    self.cell(row.get(column.name), shape, told, place)
                }
            };
        }
        for name in row.columns() {
            let is_known = |column: &super::sheets::Column| {
                column.name == name && !matches!(column.how, How::Elsewhere(_))
            };
            if !sheet.columns.iter().any(is_known) {
                self.counts.leave_unproven(sheet.table, name);
            }
        }
        agrees
    }

    /// Whether a cell is what was told.
    fn cell(
        &mut self,
        cell: Option<&Cell<'_>>,
        shape: Shape,
        told: Option<&Told>,
        place: Place<'_>,
    ) -> bool {
        let place = Place { leaf: told.map(|told| told.position), ..place };
        let Some(cell) = cell else {
            self.findings.add(Code::RowDiffers, place, "the column is left out");
            return false;
        };
        match matches(cell, shape, told) {
            Match::Differs => {
                self.findings.add(Code::RowDiffers, place, difference(cell, told));
                false
            }
            Match::Erased => {
                self.counts.erased += 1;
                true
            }
            Match::Agrees => true,
        }
    }

    /// Whether all that is told of a row is under a head: also what takes something away, which leaves no
    /// value behind.
    fn is_proven(&mut self, key: &objects::Key, place: Place<'_>) -> bool {
        let leaf = self.things.objects.latest(key).filter(|latest| *latest >= self.proven);
        if leaf.is_some() {
            let what = "an event that no head proves yet tells of this: export again in a minute";
            self.findings.add(Code::RowPending, Place { leaf, ..place }, what);
        }
        leaf.is_none()
    }

    /// The tags of an entry, as its rows in a table of pairs have them; `line` is the last of them.
    pub(super) fn tags(&mut self, file: &str, line: u64, entry: Uuid, tags: &[Uuid]) {
        let id = Some(entry.to_string());
        let field = Some("tags");
        let place = Place { file: Some(file), line: Some(line), id, field, ..Place::default() };
        let Some(told) = self.counts.tagged.remove(&entry) else {
            let what = "no event tells that the entry has these tags";
            return self.findings.add(Code::RowUnknown, place, what);
        };
        let place = Place { leaf: Some(told.position), ..place };
        let mut words: Vec<String> = tags.iter().map(Uuid::to_string).collect();
        words.sort_unstable();
        if told.value != Value::Word(words.join(" ")) {
            let what = "the entry has other tags than its events tell";
            return self.findings.add(Code::RowDiffers, place, what);
        }
        // What no head proves yet is told of the entry's own row.
        if told.position < self.proven {
            self.counts.rows += u64::try_from(tags.len()).unwrap_or(0);
        }
    }

    /// After all rows of tags: entries that have some by their events alone.
    pub(super) fn finish_tags(&mut self, file: &str) {
        let mut left: Vec<(Uuid, Told)> = self.counts.tagged.drain().collect();
        left.sort_unstable_by_key(|(entry, _)| *entry);
        for (entry, told) in left {
            let (id, leaf) = (Some(entry.to_string()), Some(told.position));
            let place = Place { file: Some(file), id, leaf, ..Place::default() };
            let what = "the events tell of tags that the entry has no rows of";
            self.findings.add(Code::RowMissing, place, what);
        }
    }

    /// After all rows: what events tell of, and no row shows.
    pub(super) fn finish(&mut self) {
        for key in self.things.objects.unseen() {
            let Some(sheet) = SHEETS.get(usize::from(key.kind)) else { continue };
            let is_gone =
                parent_of(sheet, &key).is_some_and(|parent| self.things.objects.has_ended(&parent));
            if !is_gone {
                let what = "the events tell of this, and there is no row";
                self.add_missing(Code::RowMissing, sheet, &key, what);
            }
        }
        for key in self.things.objects.ended_since(self.proven) {
            if let Some(sheet) = SHEETS.get(usize::from(key.kind)) {
                let what = "only an event that no head proves yet tells that this was removed: \
                            export again in a minute";
                self.add_missing(Code::RowPending, sheet, &key, what);
            }
        }
    }

    fn add_missing(&mut self, code: Code, sheet: &Sheet, key: &objects::Key, what: &str) {
        let file = format!("{}.jsonl", sheet.table);
        let told = self.things.objects.fields(key).unwrap_or_default();
        let leaf = told.iter().map(|(_, told)| told.position).min();
        let place = Place { file: Some(&file), id: Some(shown(key)), leaf, ..Place::default() };
        self.findings.add(code, place, what);
    }
}

const SECOND_US: i64 = 1_000_000;

const NOTHING: Told = Told { position: 0, value: Value::None, salt: None };

/// Whether a cell says what was told.
fn matches(cell: &Cell<'_>, shape: Shape, told: Option<&Told>) -> Match {
    let told = told.unwrap_or(&NOTHING);
    let agrees = match (shape, &told.value, cell) {
        (_, Value::None, cell) => *cell == Cell::Null,
        (Shape::Text, Value::Commitment(commitment), cell) => {
            return matches_text(commitment, told.salt.as_ref(), cell);
        }
        (Shape::Id, Value::Id(id), Cell::Text(text)) => {
            read_id(text) == Some(Uuid::from_bytes(*id))
        }
        (Shape::Int, Value::Int(number), Cell::Int(shown)) => number == shown,
        (Shape::Flag, Value::Int(flag), Cell::Flag(shown)) => *flag == i64::from(*shown),
        (Shape::Word, Value::Word(word), Cell::Text(shown)) => word == shown,
        (Shape::Instant, Value::Int(at), Cell::Text(shown)) => read_instant(shown) == Some(*at),
        (Shape::Second, Value::Int(at), Cell::Text(shown)) => {
            read_instant(shown) == Some(at.saturating_sub(at.rem_euclid(SECOND_US)))
        }
        (Shape::Day, Value::Int(day), Cell::Text(shown)) => read_day(shown) == Some(*day),
        (Shape::Rights, Value::Word(words), Cell::Int(bits)) => read_rights(words) == Some(*bits),
        _ => false,
    };
    if agrees { Match::Agrees } else { Match::Differs }
}

/// A text that can still be read in a table can be read in its events: both are sealed under one key. So
/// one whose words are left out there alone is no erased one.
fn matches_text(commitment: &[u8; 32], salt: Option<&[u8; 32]>, cell: &Cell<'_>) -> Match {
    match (salt, cell) {
        (Some(salt), Cell::Text(text)) if ledger::commit(salt, text.as_bytes()) == *commitment => {
            Match::Agrees
        }
        (None, Cell::Null | Cell::Erased) => Match::Erased,
        (None, Cell::Text(text)) if text.is_empty() => Match::Erased,
        _ => Match::Differs,
    }
}

fn difference(cell: &Cell<'_>, told: Option<&Told>) -> String {
    let told = told.unwrap_or(&NOTHING);
    let is_left_out = matches!(told.value, Value::Commitment(_)) && told.salt.is_none();
    if is_left_out {
        return "the row has words that are left out of its event".to_owned();
    }
    let shown = match cell {
        Cell::Null => "nothing".to_owned(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Int(number) => number.to_string(),
        // What a person wrote is not said again in a verdict that may be passed on.
        Cell::Text(_) if matches!(told.value, Value::Commitment(_)) => "another text".to_owned(),
        Cell::Text(text) => text.chars().take(100).collect(),
        Cell::Erased => "an erased text".to_owned(),
        Cell::Other => "something else".to_owned(),
    };
    let expected = match &told.value {
        Value::None => "nothing".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Id(id) => Uuid::from_bytes(*id).to_string(),
        Value::Word(word) => word.clone(),
        Value::Commitment(_) => "the text it has committed to".to_owned(),
    };
    format!("the row says {shown}, and the last event that tells it says {expected}")
}

/// As exports write ids, and in no other way.
pub(super) fn read_id(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    let mut buffer = Uuid::encode_buffer();
    (*id.hyphenated().encode_lower(&mut buffer) == *text).then_some(id)
}

/// Microseconds since 1970 of an instant, as exports write it.
pub(super) fn read_instant(text: &str) -> Option<i64> {
    let at: Timestamp = text.parse().ok()?;
    (at.to_string() == text && at.subsec_nanosecond() % 1_000 == 0).then(|| at.as_microsecond())
}

fn read_day(text: &str) -> Option<i64> {
    let day: Date = text.parse().ok()?;
    (day.to_string() == text).then(|| domain::day::epoch_day(day))
}

fn read_rights(words: &str) -> Option<i64> {
    let grants: Option<Vec<Grant>> =
        words.split(' ').filter(|word| !word.is_empty()).map(|word| word.parse().ok()).collect();
    Some(Grants::of(grants?).bits())
}

fn key_of(index: usize, sheet: &Sheet, row: &Row<'_>) -> Option<objects::Key> {
    let id = |column: &str| match row.get(column) {
        Some(Cell::Text(text)) => read_id(text).map(Uuid::into_bytes),
        _ => None,
    };
    let (id, other) = match sheet.key {
        Key::Id => (id("id")?, [0; 16]),
        Key::Pair { first, second, .. } => (id(first)?, id(second)?),
    };
    Some(objects::Key { kind: kind_of(index), id, other })
}

/// The thing that a pair goes with.
fn parent_of(sheet: &Sheet, key: &objects::Key) -> Option<objects::Key> {
    let Key::Pair { parent, .. } = sheet.key else { return None };
    let index = SHEETS.iter().position(|sheet| sheet.table == parent)?;
    Some(objects::Key { kind: kind_of(index), id: key.id, other: [0; 16] })
}

fn shown(key: &objects::Key) -> String {
    let first = Uuid::from_bytes(key.id);
    if key.other == [0; 16] {
        return first.to_string();
    }
    format!("{first} {}", Uuid::from_bytes(key.other))
}
