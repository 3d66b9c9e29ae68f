//! What people and programs see: lines, JSON, colours only on a terminal.

use std::io::{ErrorKind, Write};

use domain::day::{Zone, days_of};
use domain::duration::format_hm;
use domain::interval::Interval;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use uuid::Uuid;
use wire::time_entry::TimeEntry;

use crate::cache::{Cache, Names};
use crate::failure::Failure;

/// Where a command writes.
pub(crate) struct Output<'a> {
    /// Whether programs read it.
    pub(crate) is_json: bool,
    pub(crate) has_colours: bool,
    pub(crate) out: &'a mut dyn Write,
    /// For what is said beside the answer.
    pub(crate) notes: &'a mut dyn Write,
}

/// How something looks on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Bold,
    Dim,
    Green,
    Yellow,
}

impl Output<'_> {
    /// A line for people.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        writeln!(self.out, "{text}").map_err(|error| stopped(&error))
    }

    /// A line of JSON for programs.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(anyhow::Error::from)?;
        self.line(&text)
    }

    /// A remark beside the answer. That nobody reads it is no failure.
    pub(crate) fn note(&mut self, text: &str) {
        let _ = writeln!(self.notes, "tp: {text}");
    }

    /// The text in a colour, where there are colours.
    pub(crate) fn paint(&self, paint: Paint, text: &str) -> String {
        if !self.has_colours || text.is_empty() {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Bold => 1,
            Paint::Dim => 2,
            Paint::Green => 32,
            Paint::Yellow => 33,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

fn stopped(error: &std::io::Error) -> Failure {
    if error.kind() == ErrorKind::BrokenPipe {
        Failure::Closed
    } else {
        Failure::Local(anyhow::anyhow!("could not write the output: {error}"))
    }
}

/// The last eight digits of an id, for people to type.
pub(crate) fn short(id: Uuid) -> String {
    domain::ids::short(domain::ids::TimeEntryId::from_uuid(id))
}

/// Text on one line, without anything a terminal would obey.
pub(crate) fn clean(text: &str) -> String {
    let is_harmful = |c: char| {
        c.is_control()
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    let visible: String = text.chars().map(|c| if is_harmful(c) { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `09:05`
pub(crate) fn clock(at: Timestamp, zone: &Zone) -> String {
    let time = zone.time_zone().to_datetime(at).time();
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// `Fri 20 Nov 2026`
pub(crate) fn day(day: Date) -> String {
    let locale = domain::preference::Locale::EnGb;
    format!("{} {}", locale.weekday_short(day.weekday()), locale.format_date(day))
}

/// The project as a column of a table, and its width there at most.
pub(crate) fn label(entry: &TimeEntry, names: &Names) -> String {
    let label = names.label(entry.project_id, entry.task_id);
    let label = label.map(|label| clean(&label)).unwrap_or_default();
    if label.chars().count() <= MOST_LABEL_CHARS {
        return label;
    }
    let head: String = label.chars().take(MOST_LABEL_CHARS - 1).collect();
    format!("{head}…")
}

/// Note, tags and `$`: what stands beside the project in a table.
pub(crate) fn rest(entry: &TimeEntry, names: &Names) -> String {
    let tags: Vec<String> = entry.tag_ids.iter().map(|id| names.tag_label(*id)).collect();
    let is_empty = entry.note.is_empty() && tags.is_empty() && !entry.billable;
    if is_empty && entry.project_id.is_some() {
        return String::new();
    }
    words_of(None, &entry.note, &tags, entry.billable)
}

/// The widest column of projects.
const MOST_LABEL_CHARS: usize = 40;

/// Project, note, tags and `$`, for one line; `(no note)` when there is nothing.
pub(crate) fn words(entry: &TimeEntry, names: &Names) -> String {
    let tags: Vec<String> = entry.tag_ids.iter().map(|id| names.tag_label(*id)).collect();
    words_of(
        names.label(entry.project_id, entry.task_id).as_deref(),
        &entry.note,
        &tags,
        entry.billable,
    )
}

/// As [`words`], of what is not an entry yet.
pub(crate) fn words_of(
    label: Option<&str>,
    note: &str,
    tags: &[String],
    is_billable: bool,
) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(label.map(clean));
    if !note.is_empty() {
        parts.push(clean(note));
    }
    parts.extend(tags.iter().map(|tag| format!("#{}", clean(tag))));
    if is_billable {
        parts.push("$".to_owned());
    }
    if parts.is_empty() { "(no note)".to_owned() } else { parts.join("  ") }
}

/// `09:00–10:30  1:30  …`, in the entry's zone.
pub(crate) fn entry_line(entry: &TimeEntry, cache: &Cache, now: Timestamp) -> String {
    let seconds = seconds_of(entry, now);
    let parts = [
        span(entry),
        format_hm(seconds),
        words(entry, &cache.names),
        format!("[{}]", short(entry.id)),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("  ")
}

/// `09:00–10:30`, `09:00–`, or nothing for a duration on a day.
pub(crate) fn span(entry: &TimeEntry) -> String {
    let zone = zone_of(entry);
    match (entry.started_at, entry.stopped_at) {
        (Some(start), Some(stop)) => format!("{}–{}", clock(start, &zone), clock(stop, &zone)),
        (Some(start), None) => format!("{}–", clock(start, &zone)),
        _ => String::new(),
    }
}

/// The length of an entry; of a running one, until now.
pub(crate) fn seconds_of(entry: &TimeEntry, now: Timestamp) -> i64 {
    match entry.started_at {
        Some(start) if entry.running => (now.as_second() - start.as_second()).max(0),
        _ => entry.duration_s,
    }
}

/// What each civil day gets of an entry, in the entry's zone.
pub(crate) fn shares(entry: &TimeEntry, now: Timestamp) -> Vec<(Date, i64)> {
    let end = entry.stopped_at.or(entry.running.then_some(now));
    match (entry.started_at, end) {
        (Some(start), Some(end)) => match Interval::new(start, end.max(start)) {
            Ok(interval) => days_of(&interval, &zone_of(entry)),
            // A timer forgotten for more than 31 days: all of it on its first day, until it is put right.
            Err(_) => vec![(entry.day, seconds_of(entry, now))],
        },
        _ => vec![(entry.day, entry.duration_s)],
    }
}

fn zone_of(entry: &TimeEntry) -> Zone {
    Zone::parse(&entry.zone).unwrap_or(Zone::UTC)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::testing::{cache, entry};

    #[test]
    fn terminals_obey_nothing() {
        assert_eq!(clean("a\u{1b}[31m b\n\tc\u{202e}d  e"), "a [31m b c d e");
    }

    #[test]
    fn one_entry() {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        let cache = cache();
        let stopped = entry(1, "2026-11-20T08:00:00Z", Some("2026-11-20T09:30:00Z"));
        assert_eq!(
            entry_line(&stopped, &cache, now),
            "09:00–10:30  1:30  Northwind Ltd ▸ Planning  standup  #Meeting  $  [00000001]"
        );
        let running = entry(2, "2026-11-20T08:00:00Z", None);
        assert!(entry_line(&running, &cache, now).starts_with("09:00–  4:00  "));
        let mut duration = entry(3, "2026-11-20T08:00:00Z", None);
        (duration.started_at, duration.running, duration.duration_s) = (None, false, 900);
        (duration.project_id, duration.note) = (None, String::new());
        (duration.tag_ids, duration.billable) = (Vec::new(), false);
        assert_eq!(entry_line(&duration, &cache, now), "0:15  (no note)  [00000003]");
    }

    #[test]
    fn an_entry_over_midnight_counts_on_both_days() {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let night = entry(1, "2026-11-20T21:00:00Z", Some("2026-11-21T00:30:00Z"));
        assert_eq!(shares(&night, now), [(date(2026, 11, 20), 7200), (date(2026, 11, 21), 5400)]);
    }

    #[test]
    fn colours_only_where_there_are_some() {
        let (mut out, mut notes) = (Vec::new(), Vec::new());
        let mut output =
            Output { is_json: false, has_colours: false, out: &mut out, notes: &mut notes };
        assert_eq!(output.paint(Paint::Bold, "a"), "a");
        output.has_colours = true;
        assert_eq!(output.paint(Paint::Bold, "a"), "\u{1b}[1ma\u{1b}[0m");
    }

    #[test]
    fn days_are_written_in_full() {
        assert_eq!(day(date(2026, 11, 20)), "Fri 20 Nov 2026");
    }
}
