//! Durations: whole seconds in an `i64`, read from what people type and printed for them.
//!
//! There is no duration type: a duration is a number of seconds named `…_s`. There are no floats;
//! a decimal hour is computed with integers and rounded to the nearest second. `m` is always
//! minutes, never months, and there are no days, because a "day" of work is not 24 hours.

use crate::choice::choice;

/// The longest single time entry: 31 days, in seconds.
pub const MAX_ENTRY_S: i64 = 31 * 86_400;

/// The longest duration that is read, either sign: 3660 days, in seconds.
pub const MAX_DURATION_S: i64 = 3660 * 86_400;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3600;

/// Most digits after the decimal mark; nine keep every product within 64 bits.
const MAX_FRACTION_DIGITS: usize = 9;

choice! {
    /// What a number without a unit means, a setting of the workspace. The default is minutes.
    BareNumber {
        /// `90` is an hour and a half.
        Minutes => "minutes",
        /// `2` is two hours.
        Hours => "hours",
    }
}

/// Why a text is not a duration. Positions count characters from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// There is nothing but white space.
    #[error("empty")]
    Empty,
    /// Something else than a duration stands at `position`.
    #[error("not a duration, at {position}")]
    Unreadable {
        /// Characters before the one that does not fit.
        position: usize,
    },
    /// Minutes or seconds after a colon, or minutes after `1h`, that reach 60.
    #[error("sixty or more, at {position}")]
    SixtyOrMore {
        /// Characters before the number.
        position: usize,
    },
    /// More than [`MAX_DURATION_S`], either sign.
    #[error("longer than {limit_s} s")]
    TooLong {
        /// The limit in seconds.
        limit_s: i64,
    },
}

const TOO_LONG: DurationError = DurationError::TooLong { limit_s: MAX_DURATION_S };

/// Reads a duration as people write it, in seconds, with its sign.
///
/// | form | means |
/// |---|---|
/// | `1:30`, `1:30:15` | hours, minutes, seconds; two digits after each colon |
/// | `1.5`, `1,5`, `.5` | decimal hours |
/// | `90` | minutes or hours, as `bare` says |
/// | `90m`, `2 h`, `1h30m`, `1 hour 30 mins`, `1.5h`, `45s` | units, larger first, each once |
/// | `1h30` | the number after hours is minutes, below 60 |
/// | `PT1H30M` | ISO 8601, time part only |
///
/// A sign (`-`, `−`, `+`) may stand in front. Case does not matter; white space may stand between
/// numbers and units.
///
/// Errors: a [`DurationError`]. Negative durations are not an error here; most callers refuse them.
///
/// ```
/// use domain::duration::{BareNumber, parse_duration};
/// assert_eq!(parse_duration("1h30", BareNumber::Minutes), Ok(5400));
/// assert_eq!(parse_duration("1,5", BareNumber::Minutes), Ok(5400));
/// assert_eq!(parse_duration("90", BareNumber::Minutes), Ok(5400));
/// assert_eq!(parse_duration("2", BareNumber::Hours), Ok(7200));
/// assert_eq!(parse_duration("-15m", BareNumber::Hours), Ok(-900));
/// ```
pub fn parse_duration(text: &str, bare: BareNumber) -> Result<i64, DurationError> {
    let mut scan = Scan { rest: text, at: 0 };
    scan.skip_spaces();
    if scan.is_done() {
        return Err(DurationError::Empty);
    }
    let sign = if scan.eat(|c| c == '-' || c == '\u{2212}') {
        -1
    } else {
        scan.eat(|c| c == '+');
        1
    };
    let seconds = if scan.eat_pt() {
        let first = scan.number()?;
        units(&mut scan, first)?
    } else {
        plain(&mut scan, bare)?
    };
    scan.skip_spaces();
    if !scan.is_done() {
        return Err(scan.unreadable());
    }
    if seconds > MAX_DURATION_S { Err(TOO_LONG) } else { Ok(sign * seconds) }
}

fn plain(scan: &mut Scan<'_>, bare: BareNumber) -> Result<i64, DurationError> {
    let first = scan.number()?;
    if first.fraction.is_empty() && scan.eat(|c| c == ':') {
        return clock(scan, first.whole);
    }
    let mut ahead = scan.clone();
    ahead.skip_spaces();
    if !ahead.is_done() {
        return units(scan, first);
    }
    match bare {
        BareNumber::Minutes if first.fraction.is_empty() => first.times(MINUTE_S),
        _ => first.times(HOUR_S),
    }
}

/// What follows the first colon.
fn clock(scan: &mut Scan<'_>, hours: i64) -> Result<i64, DurationError> {
    let minutes = scan.sixtieths()?;
    let seconds = if scan.eat(|c| c == ':') { scan.sixtieths()? } else { 0 };
    hours
        .checked_mul(HOUR_S)
        .and_then(|s| s.checked_add(minutes * MINUTE_S + seconds))
        .ok_or(TOO_LONG)
}

/// `first` and its unit, and further numbers with smaller units.
fn units(scan: &mut Scan<'_>, first: Number<'_>) -> Result<i64, DurationError> {
    let mut number = first;
    let mut total: i64 = 0;
    let mut previous_s = i64::MAX;
    loop {
        scan.skip_spaces();
        let at = scan.at;
        let word = scan.take_while(char::is_alphabetic);
        let is_tail = word.is_empty() && previous_s == HOUR_S && number.fraction.is_empty();
        let unit_s = if is_tail {
            MINUTE_S
        } else {
            unit_seconds(word).ok_or(DurationError::Unreadable { position: at })?
        };
        if is_tail && number.whole >= 60 {
            return Err(DurationError::SixtyOrMore { position: number.at });
        }
        if unit_s >= previous_s {
            return Err(DurationError::Unreadable { position: at });
        }
        total = total.checked_add(number.times(unit_s)?).ok_or(TOO_LONG)?;
        previous_s = unit_s;
        scan.skip_spaces();
        if is_tail || scan.is_done() {
            return Ok(total);
        }
        number = scan.number()?;
    }
}

fn unit_seconds(word: &str) -> Option<i64> {
    match word.to_ascii_lowercase().as_str() {
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(HOUR_S),
        "m" | "min" | "mins" | "minute" | "minutes" => Some(MINUTE_S),
        "s" | "sec" | "secs" | "second" | "seconds" => Some(1),
        _ => None,
    }
}

/// A number as typed: the whole part and the digits after the decimal mark, if any.
struct Number<'a> {
    at: usize,
    whole: i64,
    fraction: &'a str,
}

impl Number<'_> {
    /// The number of seconds when one is `unit_s`, rounded to the nearest second, a half up.
    fn times(&self, unit_s: i64) -> Result<i64, DurationError> {
        let (mut numerator, mut scale) = (0_i64, 1_i64);
        for digit in self.fraction.chars().filter_map(|c| c.to_digit(10)) {
            numerator = numerator * 10 + i64::from(digit);
            scale *= 10;
        }
        let part = (2 * numerator * unit_s + scale) / (2 * scale);
        self.whole.checked_mul(unit_s).and_then(|s| s.checked_add(part)).ok_or(TOO_LONG)
    }
}

/// A cursor over the text that counts characters.
#[derive(Clone)]
struct Scan<'a> {
    rest: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    fn unreadable(&self) -> DurationError {
        DurationError::Unreadable { position: self.at }
    }

    fn take_while(&mut self, test: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !test(c)).unwrap_or(self.rest.len());
        let (head, tail) = self.rest.split_at(end);
        self.rest = tail;
        self.at += head.chars().count();
        head
    }

    fn skip_spaces(&mut self) {
        self.take_while(char::is_whitespace);
    }

    fn eat(&mut self, test: impl Fn(char) -> bool) -> bool {
        match self.rest.strip_prefix(test) {
            Some(tail) => {
                self.rest = tail;
                self.at += 1;
                true
            }
            None => false,
        }
    }

    fn eat_pt(&mut self) -> bool {
        let mut ahead = self.clone();
        let found = ahead.eat(|c| matches!(c, 'P' | 'p')) && ahead.eat(|c| matches!(c, 'T' | 't'));
        if found {
            *self = ahead;
        }
        found
    }

    /// Digits, with a decimal mark and digits behind it if there are any.
    fn number(&mut self) -> Result<Number<'a>, DurationError> {
        let at = self.at;
        let digits = self.take_while(|c| c.is_ascii_digit());
        let mut ahead = self.clone();
        let mut fraction = "";
        if ahead.eat(|c| matches!(c, '.' | ',')) {
            fraction = ahead.take_while(|c| c.is_ascii_digit());
            if !fraction.is_empty() {
                *self = ahead;
            }
        }
        if digits.is_empty() && fraction.is_empty() || fraction.len() > MAX_FRACTION_DIGITS {
            return Err(DurationError::Unreadable { position: at });
        }
        let whole = if digits.is_empty() { Ok(0) } else { digits.parse() };
        Ok(Number { at, whole: whole.map_err(|_| TOO_LONG)?, fraction })
    }

    /// Exactly two digits below 60.
    fn sixtieths(&mut self) -> Result<i64, DurationError> {
        let position = self.at;
        let digits = self.take_while(|c| c.is_ascii_digit());
        match digits.parse::<i64>() {
            Ok(value) if digits.len() == 2 && value < 60 => Ok(value),
            Ok(_) if digits.len() == 2 => Err(DurationError::SixtyOrMore { position }),
            _ => Err(DurationError::Unreadable { position }),
        }
    }
}

/// Hours, minutes and seconds: `"1:12:48"`, `"-0:00:15"`.
pub fn format_clock(seconds: i64) -> String {
    let (sign, h, m, s) = parts(seconds);
    format!("{sign}{h}:{m:02}:{s:02}")
}

/// Hours and minutes, cut toward zero: `"4:08"`, `"-0:15"`; less than a minute is `"0:00"`.
///
/// Cut, not rounded, so that a running clock never shows a minute that has not passed. Columns
/// of such values need not add up to the cut total; where they must, print seconds.
pub fn format_hm(seconds: i64) -> String {
    let (sign, h, m, _) = parts(seconds - seconds % MINUTE_S);
    format!("{sign}{h}:{m:02}")
}

/// Units a person reads: `"1 h 30 min"`, `"45 s"`, `"-15 min"`, `"0 min"`. Exact to the second.
pub fn format_words(seconds: i64) -> String {
    let (sign, h, m, s) = parts(seconds);
    let words: Vec<String> = [(h, "h"), (m, "min"), (s, "s")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if words.is_empty() { "0 min".to_owned() } else { format!("{sign}{}", words.join(" ")) }
}

/// Hours with two decimals and a point: `"1.50"`, `"-0.25"`. Half a hundredth rounds away from
/// zero, so 18 seconds are `"0.01"`.
pub fn format_decimal_hours(seconds: i64) -> String {
    let hundredths = (u128::from(seconds.unsigned_abs()) * 100 + 1800) / 3600;
    let sign = if seconds < 0 && hundredths > 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Sign, hours, minutes, seconds.
fn parts(seconds: i64) -> (&'static str, u64, u64, u64) {
    let total = seconds.unsigned_abs();
    (if seconds < 0 { "-" } else { "" }, total / 3600, total / 60 % 60, total % 60)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::BareNumber::{Hours, Minutes};
    use super::*;

    #[test]
    fn every_form_people_write() {
        for (text, seconds) in [
            ("90m", 5400),
            ("90min", 5400),
            ("1h30", 5400),
            ("1h 30", 5400),
            ("1h5", 3900),
            ("1h30m", 5400),
            ("1:30", 5400),
            ("0:05", 300),
            ("1:30:15", 5415),
            ("1.5", 5400),
            ("1,5", 5400),
            (".25", 900),
            ("1.5h", 5400),
            ("1.5 m", 90),
            ("2h", 7200),
            ("2 h", 7200),
            ("30 min", 1800),
            ("45s", 45),
            ("45 seconds", 45),
            ("3 HOURS 2 Mins 1 sec", 10_921),
            ("PT1H30M", 5400),
            ("pt15s", 15),
            ("-15m", -900),
            ("\u{2212}1:00", -3600),
            ("+0:30", 1800),
            ("1h90m", 9000),
            (" 0 ", 0),
            ("1\u{a0}h", 3600),
            ("100:00", 360_000),
        ] {
            assert_eq!(parse_duration(text, Minutes), Ok(seconds), "{text}");
            assert_eq!(parse_duration(text, Hours), Ok(seconds), "{text}");
        }
        assert_eq!(parse_duration("90", Minutes), Ok(5400));
        assert_eq!(parse_duration("2", Hours), Ok(7200));
        assert_eq!(parse_duration("-2", Hours), Ok(-7200));
    }

    #[test]
    fn decimal_hours_round_to_the_nearest_second() {
        assert_eq!(parse_duration("0.33", Minutes), Ok(1188));
        assert_eq!(parse_duration("0.333333333", Minutes), Ok(1200));
        assert_eq!(parse_duration("0.0001", Minutes), Ok(0));
        assert_eq!(parse_duration("0.00014", Minutes), Ok(1));
        assert_eq!(parse_duration("0.5s", Minutes), Ok(1));
    }

    #[test]
    fn refusals_name_the_place() {
        let unreadable = |position| Err(DurationError::Unreadable { position });
        for (text, expected) in [
            ("", Err(DurationError::Empty)),
            ("  ", Err(DurationError::Empty)),
            ("-", unreadable(1)),
            ("abc", unreadable(0)),
            ("1:5", unreadable(2)),
            ("1:", unreadable(2)),
            ("1:60", Err(DurationError::SixtyOrMore { position: 2 })),
            ("1h60", Err(DurationError::SixtyOrMore { position: 2 })),
            ("1:30 h", unreadable(5)),
            ("5.", unreadable(1)),
            ("1d", unreadable(1)),
            ("30m1h", unreadable(4)),
            ("1h1h", unreadable(3)),
            ("30m15", unreadable(5)),
            ("1h30x", unreadable(4)),
            ("P1D", unreadable(0)),
            ("PT", unreadable(2)),
            ("1 30", unreadable(2)),
            ("1.5.5", unreadable(3)),
            ("--5", unreadable(1)),
            ("٣", unreadable(0)),
            ("0.1234567891", unreadable(0)),
        ] {
            assert_eq!(parse_duration(text, Minutes), expected, "{text}");
        }
        for text in ["87841h", "99999999999999999999", "9223372036854775807:00", "-5270401m"] {
            assert_eq!(parse_duration(text, Minutes), Err(TOO_LONG), "{text}");
        }
        assert_eq!(parse_duration("87840h", Minutes), Ok(MAX_DURATION_S));
    }

    #[test]
    fn printing() {
        assert_eq!(format_clock(4368), "1:12:48");
        assert_eq!(format_clock(-15), "-0:00:15");
        assert_eq!(format_hm(14_939), "4:08");
        assert_eq!(format_hm(-900), "-0:15");
        assert_eq!(format_hm(-59), "0:00");
        assert_eq!(format_words(5400), "1 h 30 min");
        assert_eq!(format_words(3601), "1 h 1 s");
        assert_eq!(format_words(0), "0 min");
        assert_eq!(format_words(-900), "-15 min");
        assert_eq!(format_decimal_hours(5400), "1.50");
        assert_eq!(format_decimal_hours(18), "0.01");
        assert_eq!(format_decimal_hours(17), "0.00");
        assert_eq!(format_decimal_hours(-17), "0.00");
        assert_eq!(format_decimal_hours(-900), "-0.25");
        for extreme in [i64::MIN, i64::MAX] {
            assert!(!format_clock(extreme).is_empty());
            assert!(!format_hm(extreme).is_empty());
            assert!(!format_words(extreme).is_empty());
            assert!(!format_decimal_hours(extreme).is_empty());
        }
    }

    proptest! {
        #[test]
        fn printed_durations_are_read_back(s in -MAX_DURATION_S..=MAX_DURATION_S) {
            prop_assert_eq!(parse_duration(&format_clock(s), Minutes), Ok(s));
            prop_assert_eq!(parse_duration(&format_words(s), Hours), Ok(s));
            prop_assert_eq!(parse_duration(&format_hm(s), Hours), Ok(s - s % 60));
            let decimal = parse_duration(&format_decimal_hours(s), Minutes).unwrap();
            prop_assert!((decimal - s).abs() <= 18);
        }

        #[test]
        fn units_add_up(h in 0_i64..1000, m in 0_i64..60, s in 0_i64..60) {
            let total = h * 3600 + m * 60 + s;
            for text in [format!("{h}h{m}m{s}s"), format!("PT{h}H{m}M{s}S"), format!("{h}:{m:02}:{s:02}")] {
                prop_assert_eq!(parse_duration(&text, Minutes), Ok(total));
            }
            let parts = [format!("{h}h"), format!("{m}m"), format!("{s}s")];
            let sum: i64 = parts.iter().map(|p| parse_duration(p, Hours).unwrap()).sum();
            prop_assert_eq!(sum, total);
        }

        #[test]
        fn anything_is_read_or_refused(text in any::<String>()) {
            let _ = parse_duration(&text, Minutes);
        }
    }
}
