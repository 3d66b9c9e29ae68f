//! Civil days: which days of a zone an interval counts on, to the second.
//!
//! A day begins at the first instant at which the wall clock of the zone has reached its midnight,
//! and lasts until the next day begins. So days never overlap and leave no gap between them:
//!
//! - a day can have 23 or 25 hours, or 23.5 (Lord Howe Island);
//! - where midnight is skipped, the day begins when the clock jumps;
//! - a day that is skipped as a whole is empty (Samoa, 2011-12-30);
//! - where the clock goes back over midnight (Newfoundland until 2011, at 00:01), the repeated
//!   last hour of the old date counts on the new day, which had begun.
//!
//! The rules come from the time zone database compiled into the program, never from the machine.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, date};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use crate::interval::Interval;

/// A civil day as stored: days since 1970-01-01, which is 0.
pub type EpochDay = i64;

/// The first day that can be stored.
pub const FIRST_DAY: Date = date(1970, 1, 1);
/// The last day that can be stored.
pub const LAST_DAY: Date = date(2200, 12, 31);

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone of the IANA database, by its name.
///
/// The name is kept in the database's capitals but is not replaced by another name for the same
/// zone: `Europe/Kiev` stays `Europe/Kiev`. Equality, order and hash are those of the name.
#[derive(Debug, Clone)]
pub struct Zone {
    name: Cow<'static, str>,
    rules: TimeZone,
}

/// A text that is not the name of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// More than [`Zone::MAX_CHARS`] characters.
    #[error("longer than {limit}")]
    TooLong {
        /// The most that is accepted.
        limit: usize,
    },
    /// Not in the database; so are POSIX rules such as `CET-1CEST`, and offsets.
    #[error("unknown time zone")]
    Unknown,
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self { name: Cow::Borrowed("UTC"), rules: TimeZone::UTC };

    /// The most characters a name has.
    pub const MAX_CHARS: usize = 64;

    /// Looks a name up in the bundled database; capitals do not matter.
    ///
    /// Errors: a [`ZoneError`].
    ///
    /// ```
    /// use domain::day::{Zone, ZoneError};
    /// assert_eq!(Zone::parse("europe/berlin")?.as_str(), "Europe/Berlin");
    /// assert_eq!(Zone::parse("CET-1CEST,M3.5.0,M10.5.0/3"), Err(ZoneError::Unknown));
    /// # Ok::<(), ZoneError>(())
    /// ```
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        if name.chars().count() > Self::MAX_CHARS {
            return Err(ZoneError::TooLong { limit: Self::MAX_CHARS });
        }
        let rules = ZONES.get(name).map_err(|_| ZoneError::Unknown)?;
        let is_placeholder = rules.is_unknown() || name.eq_ignore_ascii_case("Factory");
        match rules.iana_name() {
            Some(canonical) if !is_placeholder && canonical.eq_ignore_ascii_case(name) => {
                Ok(Self { name: Cow::Owned(canonical.to_owned()), rules })
            }
            _ => Err(ZoneError::Unknown),
        }
    }

    /// Every name of the bundled database, in its order.
    pub fn names() -> impl Iterator<Item = String> {
        let known = ZONES.available().filter_map(|name| Self::parse(name.as_str()).ok());
        known.map(|zone| zone.name.into_owned())
    }

    /// The name, for example `"Europe/Berlin"`.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The rules. Cheap: they are shared.
    pub fn time_zone(&self) -> TimeZone {
        self.rules.clone()
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl PartialOrd for Zone {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Zone {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name)
    }
}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(name: &str) -> Result<Self, ZoneError> {
        Self::parse(name)
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.name)
    }
}

/// A day or wall time outside the years 1970 to 2200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("outside the years 1970 to 2200")]
pub struct DayOutOfRange;

/// Days from 1970-01-01 to `day`; negative before.
pub fn epoch_day(day: Date) -> EpochDay {
    day.duration_since(FIRST_DAY).as_hours() / 24
}

/// The day that is `days` after 1970-01-01.
///
/// Errors: [`DayOutOfRange`] outside [`FIRST_DAY`] to [`LAST_DAY`].
pub fn date_of(days: EpochDay) -> Result<Date, DayOutOfRange> {
    let hours = days.checked_mul(24).ok_or(DayOutOfRange)?;
    let since = SignedDuration::try_from_hours(hours).ok_or(DayOutOfRange)?;
    FIRST_DAY.checked_add(since).map_err(|_| DayOutOfRange).and_then(in_range)
}

/// `day` itself when it can be stored.
///
/// Errors: [`DayOutOfRange`] outside [`FIRST_DAY`] to [`LAST_DAY`].
pub fn in_range(day: Date) -> Result<Date, DayOutOfRange> {
    if (FIRST_DAY..=LAST_DAY).contains(&day) { Ok(day) } else { Err(DayOutOfRange) }
}

/// The day `at` falls on in `zone`.
pub fn local_day(at: Timestamp, zone: &Zone) -> Date {
    let shown = zone.rules.to_datetime(at).date();
    // The clock may have gone back over midnight after the next day had begun.
    match shown.tomorrow() {
        Ok(next) if at >= start_of_day(next, zone) => next,
        _ => shown,
    }
}

/// The first instant of `day` and the first instant after it.
///
/// Both are equal for a day that the zone skipped.
///
/// ```
/// use domain::day::{Zone, day_bounds};
/// use jiff::civil::date;
/// // Midnight is skipped: the day begins at 01:00 and has 23 hours.
/// let (start, end) = day_bounds(date(2018, 11, 4), &Zone::parse("America/Sao_Paulo")?);
/// assert_eq!(start.to_string(), "2018-11-04T03:00:00Z");
/// assert_eq!(end.as_second() - start.as_second(), 23 * 3600);
/// # Ok::<(), domain::day::ZoneError>(())
/// ```
pub fn day_bounds(day: Date, zone: &Zone) -> (Timestamp, Timestamp) {
    let end = day.tomorrow().map_or(Timestamp::MAX, |next| start_of_day(next, zone));
    (start_of_day(day, zone), end)
}

/// The instant at which the wall clock first reaches midnight of `day`, or jumps over it.
fn start_of_day(day: Date, zone: &Zone) -> Timestamp {
    let midnight = day.to_datetime(jiff::civil::Time::midnight());
    let (begin, fallback) = match zone.rules.to_ambiguous_timestamp(midnight).offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset.to_timestamp(midnight), None),
        AmbiguousOffset::Fold { before, .. } => (before.to_timestamp(midnight), None),
        AmbiguousOffset::Gap { before, after } => {
            // Read with the offset after it, a skipped midnight lies before the jump; read with
            // the offset before it, at or after the jump. The jump is where the day begins.
            let jump = after
                .to_timestamp(midnight)
                .ok()
                .and_then(|early| zone.rules.following(early).next().map(|t| t.timestamp()));
            (before.to_timestamp(midnight), jump)
        }
    };
    let begin = begin.unwrap_or(if day < FIRST_DAY { Timestamp::MIN } else { Timestamp::MAX });
    fallback.filter(|jump| *jump <= begin).unwrap_or(begin)
}

/// What each civil day of `zone` gets of `interval`: the day and its seconds, in order.
///
/// The seconds add up to `interval.seconds()`, always. Days that get nothing are left out, except
/// that an empty interval gives its start day with 0 seconds.
///
/// ```
/// use domain::{day::{Zone, days_of}, interval::Interval};
/// use jiff::civil::date;
/// // The night the clocks went back in Berlin: 22:00 to 04:00 is seven hours, five on Sunday.
/// let night = Interval::new("2026-10-24T22:00+02".parse()?, "2026-10-25T04:00+01".parse()?)?;
/// assert_eq!(
///     days_of(&night, &Zone::parse("Europe/Berlin")?),
///     [(date(2026, 10, 24), 2 * 3600), (date(2026, 10, 25), 5 * 3600)],
/// );
/// // Samoa went from Thursday 29 to Saturday 31 December 2011.
/// let night = Interval::new("2011-12-29T23:00-10".parse()?, "2011-12-31T01:00+14".parse()?)?;
/// assert_eq!(
///     days_of(&night, &Zone::parse("Pacific/Apia")?),
///     [(date(2011, 12, 29), 3600), (date(2011, 12, 31), 3600)],
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn days_of(interval: &Interval, zone: &Zone) -> Vec<(Date, i64)> {
    let mut day = local_day(interval.start(), zone);
    let mut from = interval.start();
    let mut days = Vec::with_capacity(2);
    loop {
        let next = day.tomorrow();
        let until = match next {
            Ok(next) => start_of_day(next, zone).min(interval.end()),
            Err(_) => interval.end(),
        };
        let seconds = until.as_second() - from.as_second();
        if seconds > 0 || interval.is_empty() {
            days.push((day, seconds));
        }
        match next {
            Ok(next) if until < interval.end() => (day, from) = (next, until),
            _ => return days,
        }
    }
}

/// The instant at which the wall clock of `zone` shows `wall`.
///
/// A time that a jump forward skipped is moved on by the length of the jump (02:30 becomes
/// 03:30); of a time that is shown twice the first is meant. These are the rules of RFC 5545 and
/// of most calendars.
///
/// Errors: [`DayOutOfRange`].
///
/// ```
/// use domain::day::{Zone, resolve};
/// use jiff::civil::date;
/// let berlin = Zone::parse("Europe/Berlin")?;
/// let skipped = resolve(date(2026, 3, 29).at(2, 30, 0, 0), &berlin)?;
/// assert_eq!(skipped.to_string(), "2026-03-29T01:30:00Z");
/// let twice = resolve(date(2026, 10, 25).at(2, 30, 0, 0), &berlin)?;
/// assert_eq!(twice.to_string(), "2026-10-25T00:30:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: RFC 5545, section 3.3.5; Temporal's `disambiguation: "compatible"`.
pub fn resolve(wall: DateTime, zone: &Zone) -> Result<Timestamp, DayOutOfRange> {
    in_range(wall.date())?;
    zone.rules.to_ambiguous_timestamp(wall).compatible().map_err(|_| DayOutOfRange)
}

/// Whether the wall clock of `zone` shows `wall` at all: a jump forward leaves times out.
///
/// ```
/// use domain::day::{Zone, is_shown};
/// use jiff::civil::date;
/// let berlin = Zone::parse("Europe/Berlin")?;
/// assert!(!is_shown(date(2026, 3, 29).at(2, 30, 0, 0), &berlin));
/// assert!(is_shown(date(2026, 3, 29).at(3, 0, 0, 0), &berlin));
/// # Ok::<(), domain::day::ZoneError>(())
/// ```
pub fn is_shown(wall: DateTime, zone: &Zone) -> bool {
    !matches!(zone.rules.to_ambiguous_timestamp(wall).offset(), AmbiguousOffset::Gap { .. })
}

/// Whether something can end at `wall` in `zone`: at a time that is shown, and at the one at which the
/// clock jumps, up to which everything is there.
///
/// ```
/// use domain::day::{Zone, can_end};
/// use jiff::civil::date;
/// let berlin = Zone::parse("Europe/Berlin")?;
/// assert!(can_end(date(2026, 3, 29).at(2, 0, 0, 0), &berlin));
/// assert!(!can_end(date(2026, 3, 29).at(2, 30, 0, 0), &berlin));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn can_end(wall: DateTime, zone: &Zone) -> bool {
    let just_before = wall.checked_sub(SignedDuration::from_nanos(1));
    is_shown(wall, zone) || just_before.is_ok_and(|before| is_shown(before, zone))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: &[&str] = &[
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",
        "America/St_Johns",
        "America/Havana",
        "America/Scoresbysund",
        "Africa/Casablanca",
        "Africa/Monrovia",
        "Asia/Gaza",
        "Asia/Kathmandu",
        "Asia/Tehran",
        "Asia/Beirut",
        "Antarctica/Troll",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Chatham",
        "Pacific/Kwajalein",
        "Pacific/Kiritimati",
        "Etc/GMT+12",
    ];

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    fn hours(day: Date, name: &str) -> i64 {
        let (start, end) = day_bounds(day, &zone(name));
        (end.as_second() - start.as_second()) / 3600
    }

    #[test]
    fn zones() {
        assert_eq!(zone("Europe/Kiev").as_str(), "Europe/Kiev");
        assert_eq!(zone("utc"), Zone::UTC);
        assert_eq!(Zone::UTC.time_zone(), TimeZone::UTC);
        for name in [
            "",
            " ",
            "Europe",
            "Europe/Atlantis",
            "CET-1CEST",
            "+02:00",
            "Etc/Unknown",
            "Factory",
            "Europe/Berlin ",
            "../../etc/passwd",
            "/usr/share/zoneinfo/UTC",
            ":UTC",
        ] {
            assert_eq!(Zone::parse(name), Err(ZoneError::Unknown), "{name}");
        }
        assert_eq!(Zone::parse(&"a".repeat(65)), Err(ZoneError::TooLong { limit: 64 }));
    }

    #[test]
    fn epoch_days() {
        assert_eq!(epoch_day(date(1970, 1, 1)), 0);
        assert_eq!(epoch_day(date(2026, 11, 20)), 20_777);
        assert_eq!(date_of(20_777), Ok(date(2026, 11, 20)));
        assert_eq!(date_of(epoch_day(LAST_DAY)), Ok(LAST_DAY));
        for days in [-1, epoch_day(LAST_DAY) + 1, i64::MIN, i64::MAX] {
            assert_eq!(date_of(days), Err(DayOutOfRange));
        }
    }

    #[test]
    fn lengths_of_days() {
        assert_eq!(hours(date(2026, 3, 29), "Europe/Berlin"), 23);
        assert_eq!(hours(date(2026, 10, 25), "Europe/Berlin"), 25);
        assert_eq!(hours(date(2026, 11, 20), "Europe/Berlin"), 24);
        assert_eq!(hours(date(2018, 11, 4), "America/Sao_Paulo"), 23);
        assert_eq!(hours(date(2011, 12, 29), "Pacific/Apia"), 24);
        assert_eq!(hours(date(2011, 12, 30), "Pacific/Apia"), 0);
        assert_eq!(hours(date(2011, 12, 31), "Pacific/Apia"), 24);
    }

    #[test]
    fn a_repeated_hour_before_midnight_counts_on_the_day_that_had_begun() {
        // Newfoundland, 2010-11-07: at 00:01 back to 23:01 of the day before.
        let newfoundland = zone("America/St_Johns");
        let first_midnight: Timestamp = "2010-11-07T00:00-02:30".parse().unwrap();
        let (start, end) = day_bounds(date(2010, 11, 7), &newfoundland);
        assert_eq!(start, first_midnight);
        assert_eq!(end.as_second() - start.as_second(), 25 * 3600);
        let repeated: Timestamp = "2010-11-06T23:30-03:30".parse().unwrap();
        assert_eq!(local_day(repeated, &newfoundland), date(2010, 11, 7));
    }

    #[test]
    fn a_jump_that_begins_before_midnight_and_ends_after_it() {
        // Toronto, 1919-03-30: from 23:30 to 00:30 of the next day, which begins there.
        let (start, _) = day_bounds(date(1919, 3, 31), &zone("America/Toronto"));
        assert_eq!(start.to_string(), "1919-03-31T04:30:00Z");
    }

    #[test]
    fn an_empty_interval_has_one_day() {
        let at: Timestamp = "2026-11-20T23:30:00Z".parse().unwrap();
        let empty = Interval::new(at, at).unwrap();
        assert_eq!(days_of(&empty, &zone("Europe/Berlin")), [(date(2026, 11, 21), 0)]);
    }

    #[test]
    fn far_dates_do_not_panic() {
        for name in NAMES {
            for day in [Date::MIN, Date::MAX, FIRST_DAY, LAST_DAY] {
                let (start, end) = day_bounds(day, &zone(name));
                assert!(start <= end);
            }
            for at in [Timestamp::MIN, Timestamp::MAX] {
                local_day(at, &zone(name));
            }
        }
        assert_eq!(resolve(DateTime::MAX, &Zone::UTC), Err(DayOutOfRange));
    }

    proptest! {
        #[test]
        fn days_add_up(
            name in proptest::sample::select(NAMES),
            start in 86_400_i64..4_000_000_000,
            length in prop_oneof![0_i64..200_000, 0_i64..=crate::duration::MAX_ENTRY_S],
        ) {
            let zone = zone(name);
            let at = |s| Timestamp::from_second(s).unwrap();
            let interval = Interval::new(at(start), at(start + length)).unwrap();
            let days = days_of(&interval, &zone);
            prop_assert_eq!(days.iter().map(|(_, s)| s).sum::<i64>(), interval.seconds());
            prop_assert!(days.windows(2).all(|pair| pair[0].0 < pair[1].0));
            prop_assert_eq!(days[0].0, local_day(interval.start(), &zone));
            for (day, seconds) in days {
                let (first, end) = day_bounds(day, &zone);
                let from = first.max(interval.start());
                let until = end.min(interval.end());
                prop_assert_eq!(until.as_second() - from.as_second(), seconds);
            }
        }

        #[test]
        fn every_instant_is_inside_its_day(
            name in proptest::sample::select(NAMES),
            second in 86_400_i64..4_000_000_000,
        ) {
            let zone = zone(name);
            let at = Timestamp::from_second(second).unwrap();
            let (start, end) = day_bounds(local_day(at, &zone), &zone);
            prop_assert!(start <= at && at < end);
        }

        #[test]
        fn a_wall_time_resolves_to_itself_or_was_skipped(
            name in proptest::sample::select(NAMES),
            second in 86_400_i64..4_000_000_000,
        ) {
            let zone = zone(name);
            let at = Timestamp::from_second(second).unwrap();
            let wall = zone.time_zone().to_datetime(at);
            let resolved = resolve(wall, &zone).unwrap();
            prop_assert!(resolved <= at, "the first of two");
            prop_assert_eq!(zone.time_zone().to_datetime(resolved), wall);
        }
    }
}
