//! The rows of a table against what the events tell of them.

use std::collections::{BTreeMap, HashMap};

use domain::permission::{Grant, Grants};
use domain::support::{Area, Areas};
use jiff::civil::Date;
use ledger::event::facts::{Value, ValueRef};
use ledger::objects::{self, Objects, Told};
use uuid::Uuid;

use super::row::{Cell, Row};
use super::sheets::{Column, How, Key, SHEETS, Shape, Sheet};
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

/// How a cell is to what was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    Agrees,
    Differs,
    /// A text whose words are gone here and there.
    Erased,
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
        let parent_has_ended =
            parent_of(sheet, &key).is_some_and(|parent| objects.has_ended(&parent));
        let told = objects.fields(&key).filter(|_| !parent_has_ended);
        let compared = match told {
            Some(told) => {
                let latest = objects.latest(&key);
                Ok(Compared { latest, ..Compared::of(sheet, &row, &told) })
            }
            None if parent_has_ended || objects.has_ended(&key) => {
                Err("the events tell that this was removed for good")
            }
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
            Some((Match::Differs, cell)) => difference(cell, told),
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
        if told.tags != Value::Word(words.join(" ")) {
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

const NOTHING: Told<'_> = Told { position: 0, value: ValueRef::None, salt: None };

/// Whether a cell says what was told.
fn matches(cell: &Cell<'_>, shape: Shape, told: Option<&Told<'_>>) -> Match {
    let told = told.unwrap_or(&NOTHING);
    let agrees = match (shape, told.value, cell) {
        (_, ValueRef::None, cell) => *cell == Cell::Null,
        (Shape::Text, ValueRef::Commitment(commitment), cell) => {
            return matches_text(&commitment, told.salt.as_ref(), cell);
        }
        (Shape::Id, ValueRef::Id(id), Cell::Text(text)) => {
            read_id(text) == Some(Uuid::from_bytes(id))
        }
        (Shape::Int, ValueRef::Int(number), Cell::Int(shown)) => number == *shown,
        (Shape::Flag, ValueRef::Int(flag), Cell::Flag(shown)) => flag == i64::from(*shown),
        (Shape::Word, ValueRef::Word(word), Cell::Text(shown)) => word == shown,
        (Shape::Instant, ValueRef::Int(at), Cell::Text(shown)) => read_instant(shown) == Some(at),
        (Shape::Second, ValueRef::Int(at), Cell::Text(shown)) => {
            read_instant(shown) == Some(at.saturating_sub(at.rem_euclid(SECOND_US)))
        }
        (Shape::Day, ValueRef::Int(day), Cell::Text(shown)) => read_day(shown) == Some(day),
        (Shape::Rights, ValueRef::Word(words), Cell::Int(bits)) => {
            read_rights(words) == Some(*bits)
        }
        (Shape::Areas, ValueRef::Word(words), Cell::Int(bits)) => read_areas(words) == Some(*bits),
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

fn difference(cell: &Cell<'_>, told: Option<&Told<'_>>) -> String {
    let told = told.unwrap_or(&NOTHING);
    let is_left_out = matches!(told.value, ValueRef::Commitment(_)) && told.salt.is_none();
    if is_left_out {
        return "the row has words that are left out of its event".to_owned();
    }
    let shown = match cell {
        Cell::Null => "nothing".to_owned(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Int(number) => number.to_string(),
        // What a person wrote is not said again in a verdict that may be passed on.
        Cell::Text(_) if matches!(told.value, ValueRef::Commitment(_)) => "another text".to_owned(),
        Cell::Text(text) => text.chars().take(100).collect(),
        Cell::Erased => "an erased text".to_owned(),
        Cell::Other => "something else".to_owned(),
    };
    let expected = match told.value {
        ValueRef::None => "nothing".to_owned(),
        ValueRef::Int(number) => number.to_string(),
        ValueRef::Id(id) => Uuid::from_bytes(id).to_string(),
        ValueRef::Word(word) => word.to_owned(),
        ValueRef::Commitment(_) => "the text it has committed to".to_owned(),
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
    let bytes = text.as_bytes();
    let (whole, rest) = bytes.split_at_checked(WHOLE_SECOND.len())?;
    let is_form = whole.iter().zip(WHOLE_SECOND).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == form,
    });
    let part = |from: usize, to: usize| whole.get(from..to).map(number);
    if !is_form {
        return None;
    }
    let date = |part: Option<i64>| i8::try_from(part?).ok();
    let year = i16::try_from(part(0, 4)?).ok().filter(|year| *year > 0)?;
    let day = Date::new(year, date(part(5, 7))?, date(part(8, 10))?).ok()?;
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = ((domain::day::epoch_day(day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * SECOND_US + read_fraction(rest)?)
}

/// How an instant begins; noughts are digits.
const WHOLE_SECOND: &[u8] = b"0000-00-00T00:00:00";

/// Microseconds of what stands after the seconds.
fn read_fraction(rest: &[u8]) -> Option<i64> {
    let rest = rest.strip_suffix(b"Z")?;
    let Some(digits) = rest.strip_prefix(b".") else { return rest.is_empty().then_some(0) };
    let is_short = (1..=6).contains(&digits.len()) && !digits.ends_with(b"0");
    let is_number = digits.iter().all(u8::is_ascii_digit);
    let missing = u32::try_from(6_usize.checked_sub(digits.len())?).ok()?;
    (is_short && is_number).then(|| number(digits) * 10_i64.pow(missing))
}

/// A few digits as a number.
fn number(digits: &[u8]) -> i64 {
    digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit & 0x0f))
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

fn read_areas(words: &str) -> Option<i64> {
    let areas: Option<Vec<Area>> = words.split(',').map(|word| word.parse().ok()).collect();
    Some(Areas::of(areas?).bits())
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    /// By the calendar that writes them; years have four digits.
    fn expected(text: &str) -> Option<i64> {
        let at: Timestamp = text.parse().ok()?;
        let is_written_so = at.to_string() == text && at.subsec_nanosecond() % 1_000 == 0;
        let has_year = text.as_bytes().first().is_some_and(u8::is_ascii_digit);
        (is_written_so && has_year && !text.starts_with("0000")).then(|| at.as_microsecond())
    }

    #[test]
    fn instants_are_read_as_they_are_written_and_in_no_other_way() {
        for text in [
            "2026-11-22T12:00:00Z",
            "2026-11-22T12:00:00.5Z",
            "2026-11-22T12:00:00.000001Z",
            "1969-12-31T23:59:59.999999Z",
            "0001-01-01T00:00:00Z",
            "2024-02-29T00:00:00Z",
        ] {
            assert!(expected(text).is_some() && read_instant(text) == expected(text), "{text}");
        }
        // Calendars with zones end a day before their last year does.
        assert_eq!(read_instant("9999-12-31T23:59:59Z"), Some(253_402_300_799 * SECOND_US));
        for text in [
            "",
            "Z",
            "2026-11-22",
            "2026-11-22T12:00:00",
            "2026-11-22t12:00:00Z",
            "2026-11-22 12:00:00Z",
            "2026-11-22T12:00:00z",
            "2026-11-22T12:00:00+00:00",
            "2026-11-22T12:00:00.Z",
            "2026-11-22T12:00:00.50Z",
            "2026-11-22T12:00:00.0Z",
            "2026-11-22T12:00:00.0000001Z",
            "2026-11-22T12:00:00,5Z",
            "2026-11-22T12:00:60Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T12:60:00Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "-001-01-01T00:00:00Z",
            "-000001-01-01T00:00:00Z",
            "+2026-11-22T12:00:00Z",
            "2026-11-22T12:00:00Z ",
            "2026-11-22T12:00:00\u{662}Z",
        ] {
            assert_eq!((read_instant(text), expected(text)), (None, None), "{text}");
        }
    }

    proptest! {
        #[test]
        fn each_instant_is_read_as_it_was_written(us in -62_135_596_800_000_000_i64..253_402_207_200_000_000) {
            let text = Timestamp::from_microsecond(us).unwrap().to_string();
            prop_assert_eq!(read_instant(&text), Some(us));
        }

        #[test]
        fn an_altered_instant_is_read_as_the_calendar_reads_it(
            us in -62_135_596_800_000_000_i64..253_402_207_200_000_000,
            place in any::<prop::sample::Index>(),
            byte in prop::sample::select(b"0123456789-:.TZtz +".to_vec()),
        ) {
            let mut text = Timestamp::from_microsecond(us).unwrap().to_string().into_bytes();
            let at = place.index(text.len());
            text[at] = byte;
            let text = String::from_utf8(text).unwrap();
            prop_assume!(!text.starts_with("9999-12-3"));
            prop_assert_eq!(read_instant(&text), expected(&text), "{}", text);
        }
    }
}
