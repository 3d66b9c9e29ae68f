//! Durations and ranges inside a line, also over several words: `1 h 30 min`, `9:00 - 10:30`.

use jiff::civil::Time;

use super::words::Word;
use super::{QuickEntryError, QuickTime};
use crate::duration::{BareNumber, DurationError, MAX_ENTRY_S, parse_duration};

/// The most words of one duration: `1 h 30 min 15 s`.
const MAX_WORDS: usize = 6;

/// A number without a unit above this is text: `ticket 4711` is not three days.
const MAX_BARE_S: i64 = 86_400;

const DAY_S: i64 = 86_400;
const HALF_DAY_S: i64 = 43_200;

/// A time and how many words it took.
pub(super) struct Found {
    pub(super) time: QuickTime,
    pub(super) words: usize,
}

/// Reads a time at the beginning of `rest`, the longest there is.
///
/// Errors: a time that is understood but cannot be: negative, too long, or an empty range.
pub(super) fn read(
    rest: &[Word],
    is_first: bool,
    bare: BareNumber,
) -> Result<Option<Found>, QuickEntryError> {
    let Some((word, text)) = rest.first().and_then(|word| Some((word, word.plain()?))) else {
        return Ok(None);
    };
    let is_edge = is_first || rest.len() == 1;
    if let Some(time) = spaced_range(rest, word.start)? {
        return Ok(Some(Found { time, words: 3 }));
    }
    if let Some(time) = range(text, is_edge, word.start)? {
        return Ok(Some(Found { time, words: 1 }));
    }
    duration(rest, is_edge, word.start, bare)
}

/// `9:00 - 10:30`: both with a colon or a half of the day, or it is too easily text.
fn spaced_range(rest: &[Word], position: usize) -> Result<Option<QuickTime>, QuickEntryError> {
    let [first, dash, second, ..] = rest else {
        return Ok(None);
    };
    let is_dash = dash.plain().is_some_and(|text| text.chars().eq(['-']) || is_long_dash(text));
    let [start, end] = [first, second].map(|word| word.plain().and_then(Clock::read));
    match (start, end) {
        (Some(start), Some(end)) if is_dash && !start.is_bare && !end.is_bare => {
            between(start, end, position).map(Some)
        }
        _ => Ok(None),
    }
}

fn is_long_dash(text: &str) -> bool {
    matches!(text, "\u{2013}" | "\u{2014}")
}

/// `9-10:30` or `9:00-`. Hours alone on both sides need an edge, like a number alone.
fn range(text: &str, is_edge: bool, position: usize) -> Result<Option<QuickTime>, QuickEntryError> {
    let Some((left, right)) = text.split_once(['-', '\u{2013}', '\u{2014}']) else {
        return Ok(None);
    };
    let Some(start) = Clock::read(left).filter(|start| start.seconds < DAY_S) else {
        return Ok(None);
    };
    if right.is_empty() {
        let is_open = is_edge || !start.is_bare;
        return Ok(is_open.then(|| QuickTime::From { start: time_of(start.seconds) }));
    }
    match Clock::read(right) {
        Some(end) if is_edge || !start.is_bare || !end.is_bare => {
            between(start, end, position).map(Some)
        }
        _ => Ok(None),
    }
}

fn between(start: Clock, end: Clock, position: usize) -> Result<QuickTime, QuickEntryError> {
    let [start, end] = complete_halves(start, end);
    if start == end || start >= DAY_S {
        return Err(QuickEntryError::EmptyRange { position });
    }
    Ok(QuickTime::Range {
        start: time_of(start),
        end: time_of(end % DAY_S),
        next_day: end < start || end == DAY_S,
    })
}

/// Seconds of the day of both ends. When one names its half of the day and the other, up to 12,
/// does not, the other is in the half that makes the range shorter: `11-1pm` is two hours.
fn complete_halves(start: Clock, end: Clock) -> [i64; 2] {
    let options = |clock: Clock, other: Clock| {
        let is_open =
            other.has_half && !clock.has_half && (3600..HALF_DAY_S + 3600).contains(&clock.seconds);
        let morning = clock.seconds % HALF_DAY_S;
        if is_open { [morning, morning + HALF_DAY_S] } else { [clock.seconds; 2] }
    };
    let length = |[start, end]: &[i64; 2]| match (end - start).rem_euclid(DAY_S) {
        0 => DAY_S,
        seconds => seconds,
    };
    let [early, late] = options(start, end);
    let [sooner, later] = options(end, start);
    let choices = [[early, sooner], [late, sooner], [early, later], [late, later]];
    choices.into_iter().min_by_key(length).unwrap_or([start.seconds, end.seconds])
}

fn time_of(second_of_day: i64) -> Time {
    Time::midnight().wrapping_add(jiff::SignedDuration::from_secs(second_of_day))
}

/// A time of day as typed.
#[derive(Clone, Copy)]
struct Clock {
    /// 0 to 86400; the last for `24:00`.
    seconds: i64,
    /// `am` or `pm` was given.
    has_half: bool,
    /// Only the hour was given, without a half of the day.
    is_bare: bool,
}

impl Clock {
    /// `9`, `9:30`, `09:30:15`, `9am`, `9:30 pm` without the space, `24:00`.
    fn read(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let (digits, half_s) = [("am", 0), ("pm", HALF_DAY_S), ("a", 0), ("p", HALF_DAY_S)]
            .into_iter()
            .find_map(|(suffix, half)| Some((lower.strip_suffix(suffix)?, Some(half))))
            .unwrap_or((lower.as_str(), None));
        let mut parts = digits.split(':');
        let hour = number(parts.next()?, 1)?;
        let sixtieth =
            |part: Option<&str>| part.map_or(Some(0), |p| number(p, 2).filter(|n| *n < 60));
        let (minutes, seconds) = (parts.next(), parts.next());
        let past = sixtieth(minutes)? * 60 + sixtieth(seconds)?;
        let hour_s = match half_s {
            Some(half) => (1..=12).contains(&hour).then_some(hour % 12 * 3600 + half)?,
            None => hour * 3600,
        };
        let total = hour_s + past;
        let is_clock = parts.next().is_none() && total <= DAY_S;
        let is_bare = minutes.is_none() && half_s.is_none();
        is_clock.then_some(Self { seconds: total, has_half: half_s.is_some(), is_bare })
    }
}

/// A number of `least` to two digits.
fn number(digits: &str, least: usize) -> Option<i64> {
    let fits = (least..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| digits.parse().ok()).flatten()
}

/// The longest duration at the beginning of `rest`.
fn duration(
    rest: &[Word],
    is_edge: bool,
    position: usize,
    bare: BareNumber,
) -> Result<Option<Found>, QuickEntryError> {
    let plain: Vec<&str> = rest.iter().take(MAX_WORDS).map_while(Word::plain).collect();
    for words in (1..=plain.len()).rev() {
        let Some(text) = plain.get(..words).map(|words| words.join(" ")) else {
            continue;
        };
        if words > 1 && !text.ends_with(char::is_alphabetic) {
            continue; // `1h 30 people`: a number of its own belongs to what follows.
        }
        if is_bare(&text) && !(is_edge && counts_as_bare(&text, bare)) {
            continue;
        }
        let seconds = match parse_duration(&text, bare) {
            Ok(seconds) => seconds,
            Err(DurationError::TooLong { .. }) => MAX_ENTRY_S + 1,
            Err(_) => continue,
        };
        if seconds < 0 {
            return Err(QuickEntryError::NegativeDuration { position });
        }
        if seconds > MAX_ENTRY_S {
            return Err(QuickEntryError::DurationTooLong { position, limit_s: MAX_ENTRY_S });
        }
        return Ok(Some(Found { time: QuickTime::Duration(seconds), words }));
    }
    Ok(None)
}

/// Whether the text is an integer, perhaps with a sign.
fn is_bare(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn counts_as_bare(text: &str, bare: BareNumber) -> bool {
    parse_duration(text, bare).is_ok_and(|seconds| seconds.abs() <= MAX_BARE_S)
}
