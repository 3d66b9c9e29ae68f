//! The one-line entry: `1:30 standup @northwind/planning #meeting $`.
//!
//! One grammar for the web, the API and `tp`. The text says what a person meant; which project
//! `@northwind/planning` is, and whether the tag exists, is the application's to find. Nothing is
//! created here. The formal description, with examples, is `docs/quick-entry.md`.
//!
//! `words` cuts the line into words and knows about quoting, `time` reads durations and
//! ranges, `print` writes the canonical text, `complete` tells an editor what is being typed.

mod complete;
mod print;
mod time;
mod words;

#[cfg(test)]
mod tests;

use jiff::civil::{Date, Time, Weekday};

use crate::day;
use crate::duration::BareNumber;

pub use complete::{Completion, CompletionKind, complete_at};
pub use print::{echo, name_text};
use words::Word;

/// The most characters a line has.
pub const MAX_CHARS: usize = 500;

/// The most names in a target: client, project, task.
pub const MAX_SEGMENTS: usize = 3;

/// What the meaning of a line depends on besides the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Today in the member's zone; `yesterday` and `mon` count from it.
    pub today: Date,
    /// What a number without a unit means.
    pub bare_number: BareNumber,
}

/// What a line says. What it does not say is empty or `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuickEntry {
    /// The words that are nothing else, joined by single spaces. Not yet a [`crate::text::Note`].
    pub note: String,
    /// What the time is booked on.
    pub target: Option<TargetText>,
    /// Names of tags, in order, each once. Compare them with [`crate::text::fold`].
    pub tags: Vec<String>,
    /// `$` or `!$`; `None` leaves it to the project.
    pub billable: Option<bool>,
    /// How long, or from when to when.
    pub time: Option<QuickTime>,
    /// The day, when the line names one.
    pub day: Option<Date>,
}

impl QuickEntry {
    /// The canonical text; see [`Display`](std::fmt::Display).
    pub fn to_text(&self) -> String {
        self.to_string()
    }
}

/// The names after `@`, 1 to 3 of them, none empty.
///
/// One is a project, three are client, project and task; two are client and project or project
/// and task, whichever exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetText {
    /// The names, outermost first.
    pub path: Vec<String>,
}

/// The time a line gives. Times of day are wall times of the member's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuickTime {
    /// Seconds, 0 to [`crate::duration::MAX_ENTRY_S`].
    Duration(i64),
    /// From one time of day to another.
    Range {
        /// When it began.
        start: Time,
        /// When it ended.
        end: Time,
        /// Whether the end is on the next day: exactly when it is not after the start.
        next_day: bool,
    },
    /// From a time of day on, still running.
    From {
        /// When it began.
        start: Time,
    },
}

/// Why a line cannot be understood. Positions count characters from 0 and name where the word
/// concerned begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuickEntryError {
    /// More than [`MAX_CHARS`].
    #[error("{actual} characters, the limit is {limit}")]
    TooLong {
        /// The most that is accepted.
        limit: usize,
        /// What was given.
        actual: usize,
    },
    /// A quotation that does not end.
    #[error("quotation not closed, at {position}")]
    UnclosedQuote {
        /// The opening quotation mark.
        position: usize,
    },
    /// Two durations or ranges.
    #[error("two times, at {first} and {second}")]
    TwoTimes {
        /// The one that counted.
        first: usize,
        /// The one too many.
        second: usize,
    },
    /// Two targets.
    #[error("two targets, at {first} and {second}")]
    TwoTargets {
        /// The one that counted.
        first: usize,
        /// The one too many.
        second: usize,
    },
    /// Two different days.
    #[error("two days, at {first} and {second}")]
    TwoDays {
        /// The one that counted.
        first: usize,
        /// The one too many.
        second: usize,
    },
    /// Billable and not billable.
    #[error("billable and not, at {first} and {second}")]
    TwoBillables {
        /// The one that counted.
        first: usize,
        /// The one that contradicts it.
        second: usize,
    },
    /// A duration below zero.
    #[error("negative duration, at {position}")]
    NegativeDuration {
        /// Where it stands.
        position: usize,
    },
    /// A duration of more than [`crate::duration::MAX_ENTRY_S`].
    #[error("duration longer than {limit_s} s, at {position}")]
    DurationTooLong {
        /// Where it stands.
        position: usize,
        /// The limit in seconds.
        limit_s: i64,
    },
    /// A range that ends when it starts.
    #[error("empty range, at {position}")]
    EmptyRange {
        /// Where it stands.
        position: usize,
    },
    /// A date that does not exist, or outside the years 1970 to 2200.
    #[error("no such day, at {position}")]
    NoSuchDay {
        /// Where it stands.
        position: usize,
    },
    /// A target with a name missing: `@northwind/`.
    #[error("name missing in target, at {position}")]
    EmptySegment {
        /// Where the target stands.
        position: usize,
    },
    /// A target of more than [`MAX_SEGMENTS`] names.
    #[error("more than {limit} names in target, at {position}")]
    TooManySegments {
        /// Where the target stands.
        position: usize,
        /// The most that is accepted.
        limit: usize,
    },
    /// A tag without a name: `#""`.
    #[error("tag without a name, at {position}")]
    EmptyTag {
        /// Where it stands.
        position: usize,
    },
}

/// Reads a line.
///
/// Errors: a [`QuickEntryError`].
///
/// ```
/// use domain::duration::BareNumber;
/// use domain::quick_entry::{Context, QuickTime, parse_quick_entry};
/// let context = Context {
///     today: jiff::civil::date(2026, 11, 20),
///     bare_number: BareNumber::Minutes,
/// };
/// let entry = parse_quick_entry("1:30 standup @northwind/planning #meeting $", &context)?;
/// assert_eq!(entry.note, "standup");
/// assert_eq!(entry.target.as_ref().unwrap().path, ["northwind", "planning"]);
/// assert_eq!(entry.tags, ["meeting"]);
/// assert_eq!(entry.billable, Some(true));
/// assert_eq!(entry.time, Some(QuickTime::Duration(5400)));
/// # Ok::<(), domain::quick_entry::QuickEntryError>(())
/// ```
pub fn parse_quick_entry(text: &str, context: &Context) -> Result<QuickEntry, QuickEntryError> {
    let actual = text.chars().count();
    if actual > MAX_CHARS {
        return Err(QuickEntryError::TooLong { limit: MAX_CHARS, actual });
    }
    let line = words::split(text);
    if let Some(position) = line.unclosed {
        return Err(QuickEntryError::UnclosedQuote { position });
    }
    let mut reading = Reading::default();
    let mut rest = line.words.as_slice();
    let mut is_first = true;
    while let Some(word) = rest.first() {
        let used = if let Some(found) = time::read(rest, is_first, context.bare_number)? {
            reading.time.set(found.time, word.start).map_err(Clash::times)?;
            found.words
        } else {
            reading.take(word, context.today)?;
            1
        };
        rest = rest.get(used..).unwrap_or_default();
        is_first = false;
    }
    Ok(reading.finish())
}

/// What has been read so far, with the positions for the refusals.
#[derive(Default)]
struct Reading {
    note: Vec<String>,
    target: Slot<TargetText>,
    tags: Vec<String>,
    billable: Slot<bool>,
    time: Slot<QuickTime>,
    day: Slot<Date>,
}

impl Reading {
    /// Reads a word that is not a time.
    fn take(&mut self, word: &Word, today: Date) -> Result<(), QuickEntryError> {
        if let Some(names) = word.after('@') {
            let target = target(&names, word.start)?;
            return self.target.set(target, word.start).map_err(Clash::targets);
        }
        if let Some((name, is_unbillable)) = word.tag() {
            return self.tag(name, is_unbillable, word.start);
        }
        let plain = word.plain().unwrap_or_default();
        let billable = match plain {
            "$" => Some(true),
            "!$" => Some(false),
            _ => None,
        };
        if let Some(billable) = billable {
            return self.set_billable(billable, word.start);
        }
        if let Some(day) = named_day(plain, today, word.start)? {
            return self.day.agree(day, word.start).map_err(Clash::days);
        }
        if !word.text.is_empty() {
            self.note.push(word.text.clone());
        }
        Ok(())
    }

    fn tag(
        &mut self,
        name: String,
        is_unbillable: bool,
        position: usize,
    ) -> Result<(), QuickEntryError> {
        if name.is_empty() {
            return Err(QuickEntryError::EmptyTag { position });
        }
        if !self.tags.contains(&name) {
            self.tags.push(name);
        }
        if is_unbillable { self.set_billable(false, position) } else { Ok(()) }
    }

    fn set_billable(&mut self, billable: bool, position: usize) -> Result<(), QuickEntryError> {
        self.billable.agree(billable, position).map_err(Clash::billables)
    }

    fn finish(self) -> QuickEntry {
        QuickEntry {
            note: self.note.join(" "),
            target: self.target.into_value(),
            tags: self.tags,
            billable: self.billable.into_value(),
            time: self.time.into_value(),
            day: self.day.into_value(),
        }
    }
}

/// A thing a line can say once, and where it said it.
struct Slot<T>(Option<(T, usize)>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: PartialEq> Slot<T> {
    /// Errors: a clash when it was said before.
    fn set(&mut self, value: T, position: usize) -> Result<(), Clash> {
        if let Some((_, first)) = &self.0 {
            return Err(Clash { first: *first, second: position });
        }
        self.0 = Some((value, position));
        Ok(())
    }

    /// Errors: a clash when something else was said before.
    fn agree(&mut self, value: T, position: usize) -> Result<(), Clash> {
        match &self.0 {
            Some((said, _)) if *said == value => Ok(()),
            _ => self.set(value, position),
        }
    }

    fn into_value(self) -> Option<T> {
        self.0.map(|(value, _)| value)
    }
}

/// The positions of two things of which there may be one.
struct Clash {
    first: usize,
    second: usize,
}

impl Clash {
    fn times(self) -> QuickEntryError {
        QuickEntryError::TwoTimes { first: self.first, second: self.second }
    }

    fn targets(self) -> QuickEntryError {
        QuickEntryError::TwoTargets { first: self.first, second: self.second }
    }

    fn days(self) -> QuickEntryError {
        QuickEntryError::TwoDays { first: self.first, second: self.second }
    }

    fn billables(self) -> QuickEntryError {
        QuickEntryError::TwoBillables { first: self.first, second: self.second }
    }
}

fn target(names: &[words::Glyph], position: usize) -> Result<TargetText, QuickEntryError> {
    let path: Vec<String> = names
        .split(|glyph| glyph.is('/'))
        .map(|segment| segment.iter().map(|glyph| glyph.c).collect())
        .collect();
    if path.iter().any(String::is_empty) {
        return Err(QuickEntryError::EmptySegment { position });
    }
    if path.len() > MAX_SEGMENTS {
        return Err(QuickEntryError::TooManySegments { position, limit: MAX_SEGMENTS });
    }
    Ok(TargetText { path })
}

/// The day a word names, if any. A weekday is the latest one that is not in the future, so the
/// weekday of today is today.
fn named_day(word: &str, today: Date, position: usize) -> Result<Option<Date>, QuickEntryError> {
    let missing = QuickEntryError::NoSuchDay { position };
    if is_date_shaped(word) {
        let day = word.parse().map_err(|_| missing)?;
        return day::in_range(day).map(Some).map_err(|_| missing);
    }
    let lower = word.to_lowercase();
    let days_ago = match lower.as_str() {
        "today" => 0,
        "yesterday" => 1,
        name => match weekday(name) {
            Some(weekday) => today.weekday().since(weekday),
            None => return Ok(None),
        },
    };
    let day = day::date_of(day::epoch_day(today) - i64::from(days_ago));
    day.map(Some).map_err(|_| missing)
}

/// Whether the word has the form `2026-11-20`.
fn is_date_shaped(word: &str) -> bool {
    word.len() == 10
        && word.char_indices().all(|(at, c)| match at {
            4 | 7 => c == '-',
            _ => c.is_ascii_digit(),
        })
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "mon" | "monday" => Weekday::Monday,
        "tue" | "tues" | "tuesday" => Weekday::Tuesday,
        "wed" | "wednesday" => Weekday::Wednesday,
        "thu" | "thur" | "thurs" | "thursday" => Weekday::Thursday,
        "fri" | "friday" => Weekday::Friday,
        "sat" | "saturday" => Weekday::Saturday,
        "sun" | "sunday" => Weekday::Sunday,
        _ => return None,
    })
}
