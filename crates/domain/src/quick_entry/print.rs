//! The canonical text of a line, and the echo shown while typing.

use std::fmt;

use jiff::civil::Time;

use super::{QuickEntry, QuickTime, weekday};
use crate::duration::{format_clock, format_hm, format_words};

/// The canonical text: time, day, note, target, tags, billable; dates and times in full.
///
/// Reading it gives an equal entry, whatever today is and whatever a bare number means, as long
/// as it has at most [`MAX_CHARS`](super::MAX_CHARS) characters and the entry is one that
/// reading can give.
impl fmt::Display for QuickEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.time.map(time_text));
        parts.extend(self.day.map(|day| day.to_string()));
        if !self.note.is_empty() {
            parts.push(note_text(&self.note));
        }
        if let Some(target) = &self.target {
            let names: Vec<String> = target.path.iter().map(|name| name_text(name)).collect();
            parts.push(format!("@{}", names.join("/")));
        }
        parts.extend(self.tags.iter().map(|tag| format!("#{}", name_text(tag))));
        parts.extend(self.billable.map(|is| if is { "$" } else { "!$" }.to_owned()));
        f.write_str(&parts.join(" "))
    }
}

/// What the time of a line means, in a few words: `"= 1 h 30 min"`, `"from 09:00"`; empty when
/// there is none.
///
/// A range is measured on the clock face; on the day the clocks change the entry is an hour
/// longer or shorter, so who knows day and zone says that instead.
pub fn echo(entry: &QuickEntry) -> String {
    match entry.time {
        None => String::new(),
        Some(QuickTime::Duration(seconds)) => format!("= {}", format_words(seconds)),
        Some(QuickTime::Range { start, end, next_day }) => {
            let days = i64::from(next_day) * 86_400;
            let seconds = end.duration_since(start).as_secs() + days;
            format!("= {}", format_words(seconds))
        }
        Some(QuickTime::From { start }) => format!("from {}", clock_text(start)),
    }
}

fn time_text(time: QuickTime) -> String {
    match time {
        QuickTime::Duration(seconds) if seconds % 60 == 0 => format_hm(seconds),
        QuickTime::Duration(seconds) => format_clock(seconds),
        QuickTime::Range { start, end, .. } if end == Time::midnight() => {
            format!("{}-24:00", clock_text(start))
        }
        QuickTime::Range { start, end, .. } => format!("{}-{}", clock_text(start), clock_text(end)),
        QuickTime::From { start } => format!("{}-", clock_text(start)),
    }
}

fn clock_text(time: Time) -> String {
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    if second == 0 {
        format!("{hour:02}:{minute:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}")
    }
}

/// The words of a note, each with a backslash where it could mean something else; a note with
/// other white space than single spaces in one quotation.
fn note_text(note: &str) -> String {
    let is_regular =
        note.split(' ').all(|word| !word.is_empty() && !word.contains(char::is_whitespace));
    if !is_regular {
        return quoted(note);
    }
    note.split(' ').map(word_text).collect::<Vec<_>>().join(" ")
}

fn word_text(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\");
    if has_meaning(word) { format!("\\{escaped}") } else { escaped }
}

/// Whether a word could be read as something else than text. Errs on the side of yes.
fn has_meaning(word: &str) -> bool {
    let lower = word.to_lowercase();
    let first = word.chars().next().unwrap_or(' ');
    first.is_ascii_digit()
        || "@#$!\"+-\u{2212}.,".contains(first) && word.chars().nth(1).is_some()
        || "$\"".contains(first)
        || lower.starts_with("pt")
        || matches!(lower.as_str(), "today" | "yesterday")
        || weekday(&lower).is_some()
}

/// The name of a tag or a segment of a target as a line has it: quoted unless plain.
pub fn name_text(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.&+'()".contains(c);
    if name.chars().all(is_plain) { name.to_owned() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
