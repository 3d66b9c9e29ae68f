//! The rows of a table against what the events tell of them.

use std::collections::{BTreeMap, HashMap};

use ledger::event::facts::{Value, ValueRef};
use ledger::objects::{self, Objects, Told};
use uuid::Uuid;

use super::cells::{Match, difference, matches, read_id};
use super::row::{Cell, Row};
use super::sheets::{Column, How, Key, SHEETS, Shape, Sheet};
use super::things::{Things, gone_with_parent, kind_of};
use super::verdict::{Code, Findings, Place, Unproven};

/// What is known after all rows.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Rows that agree.
    pub(super) rows: u64,
    /// Texts that nobody can check any more.
    pub(super) erased: u64,
    /// Entries that have tags by their events, until their rows have come.
    tagged: HashMap<Uuid, Tagged>,
    /// By table and column: how many rows.
    unproven: BTreeMap<(String, String), u64>,
}

/// The tags of an entry, and the event that told them.
#[derive(Debug)]
struct Tagged {
    position: u64,
    tags: Value,
}

/// The rows of the tables, on their way.
pub(super) struct Rows<'a> {
    pub(super) things: &'a Things,
    pub(super) findings: &'a mut Findings,
    pub(super) counts: &'a mut Counts,
    /// How many leaves a signed head proves; what later events tell is not proven.
    pub(super) proven: u64,
}

/// A row by itself, against what was told of it; whether it was there already is not known yet.
pub(super) struct RowRead {
    pub(super) key: objects::Key,
    /// Why no event tells of it; else how it is to what they tell.
    compared: Result<Compared, &'static str>,
}

/// How a row is to what was told.
#[derive(Default)]
struct Compared {
    differences: Vec<Difference>,
    erased: u64,
    /// Columns of the sheet that are not proven, by their numbers: a bit each.
    untold: u64,
    /// Other columns.
    others: Vec<String>,
    tagged: Option<Tagged>,
    /// The newest event that told anything of it.
    latest: Option<u64>,
}

/// A column that says something else.
struct Difference {
    column: &'static str,
    leaf: Option<u64>,
    what: String,
}

impl Counts {
    /// Columns of a row: those of the sheet by their bits, and others.
    fn leave_columns_unproven(&mut self, sheet: &Sheet, untold: u64, others: &[String]) {
        let mut bits = untold;
        for column in sheet.columns {
            if bits & 1 == 1 {
                self.leave_unproven(sheet.table, column.name);
            }
            bits >>= 1;
        }
        for column in others {
            self.leave_unproven(sheet.table, column);
        }
    }

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

impl RowRead {
    /// A line of a table, by itself.
    ///
    /// Errors: what is wrong with it, where it is no row.
    pub(super) fn read(
        index: usize,
        sheet: &Sheet,
        objects: &Objects,
        line: &str,
    ) -> Result<Self, &'static str> {
        let row = Row::parse(line).ok_or(NO_ROW)?;
        let key = key_of(index, sheet, &row).ok_or("the row has no id as exports write it")?;
        let is_gone = objects.has_ended(&key) || gone_with_parent(objects, &key).is_some();
        let told = objects.fields(&key).filter(|_| !is_gone);
        let compared = match told {
            Some(told) => {
                let latest = objects.latest(&key);
                Ok(Compared { latest, ..Compared::of(sheet, &row, &told) })
            }
            None if is_gone => Err("the events tell that this was removed for good"),
            None => Err("no event tells of this row"),
        };
        Ok(Self { key, compared })
    }
}

/// What is said of a line that is no row.
pub(super) const NO_ROW: &str = "this is not a row as exports write it";

impl Compared {
    fn of(sheet: &Sheet, row: &Row<'_>, told: &[(u8, Told<'_>)]) -> Self {
        let mut compared = Self::default();
        for (number, column) in (0_u8..).zip(sheet.columns) {
            let told = told.iter().find(|(field, _)| *field == number).map(|(_, told)| told);
            match column.how {
                How::Elsewhere(_) => compared.tagged = told.and_then(Tagged::of),
                How::ToldLater(..) | How::Untold if told.is_none() => {
                    compared.untold |= 1_u64.checked_shl(u32::from(number)).unwrap_or(0);
                }
                How::Key | How::Untold => {}
                How::Told(_, shape) | How::ToldLater(_, shape) => {
                    compared.cell(column.name, row.get(column.name), shape, told);
                }
            }
        }
        let is_known = |name: &str| {
            let is_it =
                |column: &Column| column.name == name && !matches!(column.how, How::Elsewhere(_));
            sheet.columns.iter().any(is_it)
        };
        let others = row.columns().filter(|name| !is_known(name));
        compared.others.extend(others.map(str::to_owned));
        compared
    }

    fn cell(
        &mut self,
        column: &'static str,
        cell: Option<&Cell<'_>>,
        shape: Shape,
        told: Option<&Told<'_>>,
    ) {
        let what = match cell.map(|cell| (matches(cell, shape, told), cell)) {
            Some((Match::Agrees, _)) => return,
            Some((Match::Erased, _)) => {
                self.erased += 1;
                return;
            }
            Some((Match::Differs, cell)) => difference(cell, shape, told),
            None => "the column is left out".to_owned(),
        };
        self.differences.push(Difference { column, leaf: told.map(|told| told.position), what });
    }
}

impl Tagged {
    fn of(told: &Told<'_>) -> Option<Self> {
        let is_some = told.value != ValueRef::None;
        is_some.then(|| Self { position: told.position, tags: told.value.to_value() })
    }
}

impl Rows<'_> {
    /// A row of a table.
    pub(super) fn row(&mut self, sheet: &Sheet, file: &str, line: u64, row: RowRead) {
        let key = row.key;
        let place = || {
            let id = Some(shown(&key));
            Place { file: Some(file), line: Some(line), id, ..Place::default() }
        };
        let compared = match row.compared {
            Ok(compared) => compared,
            Err(what) => return self.findings.add(Code::RowUnknown, place(), what),
        };
        if !self.things.objects.see(&key) {
            return self.findings.add(Code::RowTwice, place(), "the row stands twice");
        }
        let agrees = compared.differences.is_empty();
        for Difference { column, leaf, what } in compared.differences {
            let place = Place { field: Some(column), leaf, ..place() };
            self.findings.add(Code::RowDiffers, place, what);
        }
        self.counts.erased += compared.erased;
        self.counts.leave_columns_unproven(sheet, compared.untold, &compared.others);
        if agrees && self.is_proven(compared.latest, place) {
            self.counts.rows += 1;
        }
        if let Some(tagged) = compared.tagged {
            self.counts.tagged.insert(Uuid::from_bytes(key.id), tagged);
        }
    }

    /// Whether all that is told of a row is under a head: also what takes something away, which leaves no
    /// value behind.
    fn is_proven<'b>(&mut self, latest: Option<u64>, place: impl Fn() -> Place<'b>) -> bool {
        let leaf = latest.filter(|latest| *latest >= self.proven);
        if leaf.is_some() {
            let what = "an event that no head proves yet tells of this: export again in a minute";
            self.findings.add(Code::RowPending, Place { leaf, ..place() }, what);
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
        let is_once_each = words.is_sorted_by(|one, next| one < next);
        if !is_once_each || told.tags != Value::Word(words.join(" ")) {
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
        let mut left: Vec<(Uuid, Tagged)> = self.counts.tagged.drain().collect();
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
            if gone_with_parent(&self.things.objects, &key).is_none() {
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

fn shown(key: &objects::Key) -> String {
    let first = Uuid::from_bytes(key.id);
    if key.other == [0; 16] {
        return first.to_string();
    }
    format!("{first} {}", Uuid::from_bytes(key.other))
}
