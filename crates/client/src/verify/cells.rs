//! A cell of a row against what was told of it, and the words of exports as numbers: each has one way to be
//! written.

use domain::permission::{Grant, Grants};
use domain::support::{Area, Areas};
use jiff::Timestamp;
use jiff::civil::Date;
use ledger::event::facts::ValueRef;
use ledger::objects::Told;
use uuid::Uuid;

use super::row::Cell;
use super::sheets::Shape;

/// How a cell is to what was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    Agrees,
    Differs,
    /// A text whose words are gone here and there.
    Erased,
}

const SECOND_US: i64 = 1_000_000;

const NOTHING: Told<'_> = Told { position: 0, value: ValueRef::None, salt: None };

/// Whether a cell says what was told.
pub(super) fn matches(cell: &Cell<'_>, shape: Shape, told: Option<&Told<'_>>) -> Match {
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

pub(super) fn difference(cell: &Cell<'_>, shape: Shape, told: Option<&Told<'_>>) -> String {
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
        ValueRef::Int(number) => number_shown(number, shape),
        ValueRef::Id(id) => Uuid::from_bytes(id).to_string(),
        ValueRef::Word(word) => word.to_owned(),
        ValueRef::Commitment(_) => "the text it has committed to".to_owned(),
    };
    format!("the row says {shown}, and the last event that tells it says {expected}")
}

/// A number as the rows of exports write it; as it is where they write it in no other way.
fn number_shown(number: i64, shape: Shape) -> String {
    let shown = match shape {
        Shape::Instant => instant_shown(number),
        Shape::Second => instant_shown(number.saturating_sub(number.rem_euclid(SECOND_US))),
        Shape::Flag => [(0, "false"), (1, "true")]
            .into_iter()
            .find_map(|(flag, word)| (flag == number).then(|| word.to_owned())),
        Shape::Day => domain::day::date_of(number).ok().map(|day| day.to_string()),
        _ => None,
    };
    shown.unwrap_or_else(|| number.to_string())
}

fn instant_shown(us: i64) -> Option<String> {
    Some(Timestamp::from_microsecond(us).ok()?.to_string())
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
    (day.year() > 0 && day.to_string() == text).then(|| domain::day::epoch_day(day))
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

#[cfg(test)]
mod tests {
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
    fn what_was_told_is_said_as_rows_have_it() {
        let shown = |number, shape| {
            let value = ValueRef::Int(number);
            let words = difference(&Cell::Null, shape, Some(&Told { value, ..NOTHING }));
            words.rsplit(' ').next().unwrap().to_owned()
        };
        let day = read_day("2026-11-22").unwrap();
        let at = read_instant("2026-11-22T17:44:42.641316Z").unwrap();
        for (number, shape, words) in [
            (at, Shape::Instant, "2026-11-22T17:44:42.641316Z"),
            (at, Shape::Second, "2026-11-22T17:44:42Z"),
            (day, Shape::Day, "2026-11-22"),
            (1, Shape::Flag, "true"),
            (0, Shape::Flag, "false"),
            (2, Shape::Flag, "2"),
            (at, Shape::Int, "1795369482641316"),
            (i64::MAX, Shape::Instant, "9223372036854775807"),
            (i64::MIN, Shape::Day, "-9223372036854775808"),
        ] {
            assert_eq!(shown(number, shape), words);
        }
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
