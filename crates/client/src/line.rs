//! One line as typed, with everything that depends on the moment of typing fixed: days and instants.
//! What names mean is looked up later, perhaps much later.

use domain::day::{Zone, can_end, is_shown, resolve};
use domain::duration::{BareNumber, format_words};
use domain::quick_entry::{Context, QuickEntryError, QuickTime, parse_quick_entry};
use domain::text::Note;
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use crate::failure::Failure;
use crate::moment::Wall;

/// A line, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) note: String,
    /// The names behind `@`.
    pub(crate) target: Option<Vec<String>>,
    pub(crate) tags: Vec<String>,
    pub(crate) billable: Option<bool>,
    pub(crate) when: When,
}

/// When, as a line says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Not said, except perhaps a day.
    Unsaid { day: Option<Date> },
    /// So long on a day.
    Duration { day: Date, duration_s: i64 },
    /// From, to.
    Range { started_at: Timestamp, stopped_at: Timestamp },
    /// From, still running.
    Since { started_at: Timestamp },
}

/// Reads a line at a moment, in a zone.
///
/// Errors: a sentence about what cannot be understood.
pub(crate) fn read_line(text: &str, wall: &Wall, bare: BareNumber) -> Result<Line, Failure> {
    let context = Context { today: wall.today(), bare_number: bare };
    let read =
        parse_quick_entry(text, &context).map_err(|error| Failure::usage(sentence(&error)))?;
    let day = read.day.unwrap_or(context.today);
    let at = |day: Date, time| {
        resolve(day.to_datetime(time), &wall.zone)
            .map_err(|_| Failure::usage("This day is out of range."))
    };
    let when = match read.time {
        None => When::Unsaid { day: read.day },
        Some(QuickTime::Duration(duration_s)) => When::Duration { day, duration_s },
        Some(QuickTime::Range { start, end, next_day }) => {
            let last = day
                .checked_add(i32::from(next_day).days())
                .map_err(|_| Failure::usage("This day is out of range."))?;
            require_shown(day.to_datetime(start), &wall.zone)?;
            let until = last.to_datetime(end);
            if !can_end(until, &wall.zone) {
                return Err(not_shown(until, &wall.zone));
            }
            When::Range { started_at: at(day, start)?, stopped_at: at(last, end)? }
        }
        Some(QuickTime::From { start }) => {
            require_shown(day.to_datetime(start), &wall.zone)?;
            When::Since { started_at: at(day, start)? }
        }
    };
    let note = Note::parse(&read.note)
        .map_err(|error| Failure::usage(format!("The note cannot be kept: {error}.")))?;
    Ok(Line {
        note: note.into_string(),
        target: read.target.map(|target| target.path),
        tags: read.tags,
        billable: read.billable,
        when,
    })
}

fn require_shown(time: DateTime, zone: &Zone) -> Result<(), Failure> {
    if is_shown(time, zone) { Ok(()) } else { Err(not_shown(time, zone)) }
}

/// A time that a jump of the clock leaves out, in the server's words.
fn not_shown(wall: DateTime, zone: &Zone) -> Failure {
    let (time, day) = (wall.strftime("%H:%M"), wall.date());
    Failure::usage(format!(
        "There is no {time} on {day} in {zone}: the clock goes forward over it."
    ))
}

/// What is wrong with a line, for people. Positions are shown counted from 1.
fn sentence(error: &QuickEntryError) -> String {
    let at = |position: &usize| position + 1;
    match error {
        QuickEntryError::TooLong { limit, actual } => {
            format!("The line has {actual} characters; {limit} is the most.")
        }
        QuickEntryError::UnclosedQuote { position } => {
            format!("The quotation that begins at character {} does not end.", at(position))
        }
        QuickEntryError::TwoTimes { first, second } => format!(
            "There are two times, at characters {} and {}. Put \\ before the one that is text.",
            at(first),
            at(second)
        ),
        QuickEntryError::TwoTargets { first, second } => format!(
            "There are two projects, at characters {} and {}. Put \\ before the one that is text.",
            at(first),
            at(second)
        ),
        QuickEntryError::TwoDays { first, second } => format!(
            "There are two days, at characters {} and {}. Put \\ before the one that is text.",
            at(first),
            at(second)
        ),
        QuickEntryError::TwoBillables { first, second } => format!(
            "It says billable and not billable, at characters {} and {}.",
            at(first),
            at(second)
        ),
        QuickEntryError::NegativeDuration { position } => {
            format!("The duration at character {} is negative.", at(position))
        }
        QuickEntryError::DurationTooLong { position, limit_s } => format!(
            "The duration at character {} is longer than {}.",
            at(position),
            format_words(*limit_s)
        ),
        QuickEntryError::EmptyRange { position } => {
            format!("The range at character {} ends when it starts.", at(position))
        }
        QuickEntryError::NoSuchDay { position } => {
            format!("There is no such day as at character {}.", at(position))
        }
        QuickEntryError::EmptySegment { position } => {
            format!("A name is missing in the project at character {}.", at(position))
        }
        QuickEntryError::TooManySegments { position, .. } => format!(
            "The project at character {} has too many parts; client/project/task is the most.",
            at(position)
        ),
        QuickEntryError::EmptyTag { position } => {
            format!("The tag at character {} has no name.", at(position))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn read(text: &str) -> Result<Line, Failure> {
        // Half past midnight on Friday in Berlin; still Thursday in UTC.
        let wall = Wall {
            now: "2026-11-19T23:30:00Z".parse().unwrap(),
            zone: Zone::parse("Europe/Berlin").unwrap(),
        };
        read_line(text, &wall, BareNumber::Minutes)
    }

    fn when(text: &str) -> When {
        read(text).unwrap().when
    }

    #[test]
    fn days_are_fixed_in_the_members_zone() {
        let duration = |day, duration_s| When::Duration { day, duration_s };
        assert_eq!(when("1:30 standup"), duration(date(2026, 11, 20), 5400));
        assert_eq!(when("standup 90"), duration(date(2026, 11, 20), 5400));
        assert_eq!(when("2h yesterday"), duration(date(2026, 11, 19), 7200));
        assert_eq!(when("standup"), When::Unsaid { day: None });
        let instant = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(
            when("thu 22:00-1:30 release"),
            When::Range {
                started_at: instant("2026-11-19T21:00:00Z"),
                stopped_at: instant("2026-11-20T00:30:00Z"),
            }
        );
        assert_eq!(
            when("9:00- planning"),
            When::Since { started_at: instant("2026-11-20T08:00:00Z") }
        );
    }

    #[test]
    fn the_rest_is_kept_as_names() {
        let line = read("1:30 standup @northwind/planning #meeting #x* ").unwrap();
        assert_eq!(line.note, "standup");
        assert_eq!(line.target, Some(vec!["northwind".to_owned(), "planning".to_owned()]));
        assert_eq!(line.tags, ["meeting", "x"]);
        assert_eq!(line.billable, Some(false));
    }

    #[test]
    fn what_cannot_be_understood_is_said() {
        for (text, part) in [
            ("1:30 a 2h", "characters 1 and 8"),
            ("x \"y", "character 3"),
            ("745h", "744 h"),
            // The clocks go forward from 2:00 to 3:00.
            ("2026-03-29 2:45-3:15 x", "There is no 02:45 on 2026-03-29 in Europe/Berlin"),
            ("2026-02-30 x", "no such day"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
