//! Moments and days as people type them behind `--at`, `--start`, `--day`.

use domain::day::{Zone, local_day, resolve};
use domain::duration::{BareNumber, parse_duration};
use domain::quick_entry::{Context, QuickTime, parse_quick_entry};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use crate::failure::Failure;

/// What moments are relative to.
#[derive(Debug, Clone)]
pub(crate) struct Wall {
    pub(crate) now: Timestamp,
    pub(crate) zone: Zone,
}

impl Wall {
    /// Today in the zone.
    pub(crate) fn today(&self) -> Date {
        local_day(self.now, &self.zone)
    }

    /// A moment: `9:00`, `9am`, `yesterday 22:00`, `-15m` (a quarter of an hour ago),
    /// `2026-11-20T09:00`, or an instant of RFC 3339. Whole seconds.
    ///
    /// A time of day is of `day`. Errors: a sentence that names the forms.
    pub(crate) fn moment(&self, typed: &str, day: Date) -> Result<Timestamp, Failure> {
        let typed = typed.trim();
        let found = typed
            .parse::<Timestamp>()
            .ok()
            .or_else(|| self.civil(typed))
            .or_else(|| self.ago(typed))
            .or_else(|| self.time_of_day(typed, day));
        found.map(domain::interval::truncate_to_second).ok_or_else(|| {
            Failure::usage(format!(
                "\"{typed}\" is not a time. Write 9:00, 9am, \"yesterday 22:00\", -15m or \
                     2026-11-20T09:00."
            ))
        })
    }

    /// A moment that has passed, for the timer.
    pub(crate) fn past(&self, typed: &str) -> Result<Timestamp, Failure> {
        let at = self.moment(typed, self.today())?;
        if at > self.now {
            return Err(Failure::usage(format!(
                "{typed} has not come yet. Write \"yesterday {typed}\" for the day before."
            )));
        }
        Ok(at)
    }

    /// A day: `today`, `yesterday`, `mon`, `2026-11-20`.
    pub(crate) fn day(&self, typed: &str) -> Result<Date, Failure> {
        let context = Context { today: self.today(), bare_number: BareNumber::Minutes };
        let read = parse_quick_entry(typed.trim(), &context).ok();
        let day = read.filter(|read| {
            read.note.is_empty()
                && read.target.is_none()
                && read.tags.is_empty()
                && read.billable.is_none()
                && read.time.is_none()
        });
        day.and_then(|read| read.day).ok_or_else(|| {
            Failure::usage(format!(
                "\"{typed}\" is not a day. Write today, yesterday, mon or 2026-11-20."
            ))
        })
    }

    fn civil(&self, typed: &str) -> Option<Timestamp> {
        if typed.len() < 11 {
            return None; // A date alone is not a moment.
        }
        let wall: DateTime = typed.parse().ok()?;
        resolve(wall, &self.zone).ok()
    }

    fn ago(&self, typed: &str) -> Option<Timestamp> {
        let positive = typed.strip_prefix(['-', '\u{2212}'])?;
        let seconds = parse_duration(positive, BareNumber::Minutes).ok()?;
        let since = jiff::SignedDuration::from_secs(seconds);
        (seconds >= 0).then(|| self.now.checked_sub(since).ok()).flatten()
    }

    /// By the grammar of the one-line entry: a time of day is the beginning of an open range there.
    fn time_of_day(&self, typed: &str, day: Date) -> Option<Timestamp> {
        let context = Context { today: self.today(), bare_number: BareNumber::Minutes };
        let read = parse_quick_entry(&format!("{typed}-"), &context).ok()?;
        let Some(QuickTime::From { start }) = read.time else {
            return None;
        };
        let is_more = !read.note.is_empty() || read.target.is_some() || !read.tags.is_empty();
        if is_more || read.billable.is_some() {
            return None;
        }
        resolve(read.day.unwrap_or(day).to_datetime(start), &self.zone).ok()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn wall() -> Wall {
        Wall {
            now: "2026-11-20T10:30:15Z".parse().unwrap(),
            zone: Zone::parse("Europe/Berlin").unwrap(),
        }
    }

    #[test]
    fn moments() {
        let today = wall().today();
        for (typed, expected) in [
            ("9:00", "2026-11-20T08:00:00Z"),
            ("9", "2026-11-20T08:00:00Z"),
            ("9am", "2026-11-20T08:00:00Z"),
            ("09:30:15", "2026-11-20T08:30:15Z"),
            ("2pm", "2026-11-20T13:00:00Z"),
            ("yesterday 22:00", "2026-11-19T21:00:00Z"),
            ("mon 9:00", "2026-11-16T08:00:00Z"),
            ("2026-07-01 9:00", "2026-07-01T07:00:00Z"),
            ("2026-07-01T09:00", "2026-07-01T07:00:00Z"),
            ("2026-07-01T09:00:30.5", "2026-07-01T07:00:30Z"),
            ("2026-07-01T09:00:00Z", "2026-07-01T09:00:00Z"),
            ("2026-07-01T09:00:00+02:00", "2026-07-01T07:00:00Z"),
            ("-15m", "2026-11-20T10:15:15Z"),
            ("-15", "2026-11-20T10:15:15Z"),
            ("-1:30", "2026-11-20T09:00:15Z"),
            // The night the clocks go forward: 02:30 does not exist.
            ("2026-03-29T02:30", "2026-03-29T01:30:00Z"),
        ] {
            let at = wall().moment(typed, today).unwrap();
            assert_eq!(at.to_string(), expected, "{typed}");
        }
        let other = wall().moment("9:00", date(2026, 10, 1)).unwrap();
        assert_eq!(other.to_string(), "2026-10-01T07:00:00Z");
        for typed in ["", "soon", "25:00", "9:00 standup", "2026-11-20", "1h", "9:00-10:00", "--5"]
        {
            let read = wall().moment(typed, today);
            assert!(matches!(read, Err(Failure::Usage(_))), "{typed}");
        }
    }

    #[test]
    fn the_timer_knows_no_future() {
        assert!(wall().past("11:30").is_ok());
        assert!(matches!(wall().past("11:31"), Err(Failure::Usage(_))));
    }

    #[test]
    fn days() {
        for (typed, expected) in [
            ("today", date(2026, 11, 20)),
            ("Yesterday", date(2026, 11, 19)),
            ("thu", date(2026, 11, 19)),
            ("2026-02-28", date(2026, 2, 28)),
        ] {
            assert_eq!(wall().day(typed).unwrap(), expected, "{typed}");
        }
        for typed in ["", "2026-02-30", "tomorrow", "9:00", "mon tue", "mon x"] {
            assert!(wall().day(typed).is_err(), "{typed}");
        }
    }
}
