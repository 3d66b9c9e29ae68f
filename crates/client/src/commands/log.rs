//! `tp log`: entries by day, with totals.
//!
//! A day's total is what that civil day got, in each entry's zone: an entry over midnight stands on
//! both days with its share, as in every report.

use std::collections::BTreeMap;

use domain::day::in_range;
use domain::duration::format_hm;
use domain::period::week_of;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use wire::time_entry::TimeEntry;

use crate::api::CallError;
use crate::arguments::Log;
use crate::cache::Cache;
use crate::failure::Failure;
use crate::print::{self, Output, Paint};
use crate::session::Session;

/// The longest entry has 31 days, so one that reaches into a range may begin so much earlier.
const REACH_DAYS: i64 = 31;

/// A range of days with what each got.
#[derive(Debug, Serialize)]
pub(super) struct Listing {
    pub(super) first: Date,
    pub(super) last: Date,
    pub(super) total_s: i64,
    pub(super) days: Vec<Day>,
}

/// A day.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the JSON")]
pub(super) struct Day {
    pub(super) day: Date,
    pub(super) seconds: i64,
    pub(super) entries: Vec<Part>,
}

/// What a day got of an entry.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    pub(super) seconds: i64,
    pub(super) entry: TimeEntry,
}

pub(crate) fn run(
    session: &mut Session<'_>,
    wanted: &Log,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    session.require_online()?;
    let (first, last) = range(session, wanted)?;
    let listing = ask(session, first, last)?;
    if output.is_json {
        return output.json(&listing);
    }
    for line in table(&listing, &session.cache, output) {
        output.line(&line)?;
    }
    Ok(())
}

/// The days asked for; today when nothing is said.
fn range(session: &Session<'_>, wanted: &Log) -> Result<(Date, Date), Failure> {
    let wall = session.wall();
    if let Some(day) = &wanted.week {
        return Ok(week_of(wall.day(day)?, session.cache.week_start()));
    }
    if let Some(first) = &wanted.first {
        let first = wall.day(first)?;
        let last = match &wanted.last {
            Some(last) => wall.day(last)?,
            None => wall.today(),
        };
        if last < first {
            return Err(Failure::usage("The last day is before the first."));
        }
        return Ok((first, last));
    }
    let day = match &wanted.day {
        Some(day) => wall.day(day)?,
        None => wall.today(),
    };
    Ok((day, day))
}

/// Asks for own entries and gives each day its share.
pub(super) fn ask(session: &mut Session<'_>, first: Date, last: Date) -> Result<Listing, Failure> {
    let earlier = first
        .checked_sub(REACH_DAYS.days())
        .ok()
        .and_then(|day| in_range(day).ok())
        .unwrap_or(first);
    let entries = session
        .api
        .time_entries(session.workspace(), session.account.member_id, earlier, last)
        .map_err(CallError::into_failure)?;
    for entry in entries.iter().take(20) {
        session.cache.remember(entry);
    }
    session.save();
    Ok(by_day(entries, first, last, session.now()))
}

fn by_day(entries: Vec<TimeEntry>, first: Date, last: Date, now: Timestamp) -> Listing {
    let mut days: BTreeMap<Date, Vec<Part>> = BTreeMap::new();
    for entry in entries {
        for (day, seconds) in print::shares(&entry, now) {
            if (first..=last).contains(&day) {
                let entry = entry.clone();
                days.entry(day).or_default().push(Part { seconds, entry });
            }
        }
    }
    let days: Vec<Day> = days
        .into_iter()
        .map(|(day, mut entries)| {
            entries.sort_by_key(|part| (part.entry.started_at, part.entry.id));
            Day { day, seconds: entries.iter().map(|part| part.seconds).sum(), entries }
        })
        .collect();
    Listing { first, last, total_s: days.iter().map(|day| day.seconds).sum(), days }
}

/// The lines of the table: a head and the entries of each day, and the total of several days.
fn table(listing: &Listing, cache: &Cache, output: &Output<'_>) -> Vec<String> {
    if listing.days.is_empty() {
        let range = if listing.first == listing.last {
            print::day(listing.first)
        } else {
            format!("{} to {}", print::day(listing.first), print::day(listing.last))
        };
        return vec![format!("Nothing on {range}.")];
    }
    let parts = || listing.days.iter().flat_map(|day| &day.entries);
    let widest = |width: fn(&Part) -> usize| parts().map(width).max().unwrap_or(0);
    let span_width = widest(|part| print::span(&part.entry).chars().count());
    let labels = parts().map(|part| print::label(&part.entry, &cache.names).chars().count());
    let label_width = labels.max().unwrap_or(0);
    let length_width = listing
        .days
        .iter()
        .map(|day| format_hm(day.seconds).len())
        .chain([format_hm(listing.total_s).len()])
        .max()
        .unwrap_or(0);
    let mut lines = Vec::new();
    for day in &listing.days {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let head = head(&print::day(day.day), day.seconds, span_width, length_width);
        lines.push(output.paint(Paint::Bold, &head));
        for Part { seconds, entry } in &day.entries {
            let id = output.paint(Paint::Dim, &print::short(entry.id));
            let span = format!("{:<span_width$}", print::span(entry));
            let span = if entry.running { output.paint(Paint::Green, &span) } else { span };
            let length = format!("{:>length_width$}", format_hm(*seconds));
            let label = print::label(entry, &cache.names);
            let rest = print::rest(entry, &cache.names);
            let words = match label_width {
                0 => rest,
                width => format!("{label:<width$}  {rest}"),
            };
            let line = format!("{id}  {span}  {length}  {words}");
            lines.push(line.trim_end().to_owned());
        }
    }
    if listing.days.len() > 1 {
        lines.push(String::new());
        let head = head("Total", listing.total_s, span_width, length_width);
        lines.push(output.paint(Paint::Bold, &head));
    }
    lines
}

/// A name on the left and a length in the column of lengths.
fn head(name: &str, seconds: i64, span_width: usize, length_width: usize) -> String {
    let left = (8 + 2 + span_width).max(name.chars().count());
    format!("{name:<left$}  {:>length_width$}", format_hm(seconds))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::testing::{cache, entry};

    fn listing() -> Listing {
        let mut duration = entry(3, "2026-11-20T08:00:00Z", None);
        (duration.started_at, duration.running, duration.duration_s) = (None, false, 36_000);
        duration.note = "long".to_owned();
        duration.project_id = Some(uuid::Uuid::from_u128(13));
        let entries = vec![
            entry(2, "2026-11-20T21:00:00Z", Some("2026-11-21T00:30:00Z")),
            duration,
            entry(1, "2026-11-20T08:00:00Z", Some("2026-11-20T09:30:00Z")),
            entry(4, "2026-11-18T08:00:00Z", Some("2026-11-18T09:30:00Z")),
        ];
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        by_day(entries, date(2026, 11, 20), date(2026, 11, 21), now)
    }

    #[test]
    fn the_sum_of_the_days_is_the_sum_of_what_they_got() {
        let listing = listing();
        assert_eq!(listing.days.len(), 2);
        assert_eq!(listing.days[0].seconds, 36_000 + 5400 + 7200);
        assert_eq!(listing.days[1].seconds, 5400);
        assert_eq!(listing.total_s, 36_000 + 5400 + 7200 + 5400);
    }

    #[test]
    fn a_table() {
        let (mut out, mut notes) = (Vec::new(), Vec::new());
        let output =
            Output { is_json: false, has_colours: false, out: &mut out, notes: &mut notes };
        let what = "Northwind Ltd ▸ Planning  standup  #Meeting  $";
        let expected = [
            "Fri 20 Nov 2026        13:30".to_owned(),
            "00000003               10:00  Internal                  long  #Meeting  $".to_owned(),
            format!("00000001  09:00–10:30   1:30  {what}"),
            format!("00000002  22:00–01:30   2:00  {what}"),
            String::new(),
            "Sat 21 Nov 2026         1:30".to_owned(),
            format!("00000002  22:00–01:30   1:30  {what}"),
            String::new(),
            "Total                  15:00".to_owned(),
        ];
        assert_eq!(table(&listing(), &cache(), &output), expected);
        let empty = by_day(
            Vec::new(),
            date(2026, 11, 20),
            date(2026, 11, 20),
            "2026-11-21T12:00:00Z".parse().unwrap(),
        );
        assert_eq!(table(&empty, &cache(), &output), ["Nothing on Fri 20 Nov 2026."]);
    }
}
