//! Periods: the days a page or a report is about, both ends included.
//!
//! Unlike intervals, which are half-open, a period is what a person means by "1 to 30 November":
//! the last day belongs to it. Whose today it is, is the caller's to say.

use jiff::SignedDuration;
use jiff::civil::{Date, Weekday};

use crate::choice::choice;
use crate::day::{FIRST_DAY, LAST_DAY};

/// The most days a period has: ten years and a little.
pub const MAX_PERIOD_DAYS: i64 = 3660;

choice! {
    /// The first day of a week, a setting of the workspace.
    WeekStart {
        /// ISO 8601, most of the world.
        Monday => "monday",
        /// The Americas, much of Asia.
        Sunday => "sunday",
        /// Much of the Middle East.
        Saturday => "saturday",
    }
}

impl WeekStart {
    /// The weekday itself.
    pub const fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Monday,
            Self::Sunday => Weekday::Sunday,
            Self::Saturday => Weekday::Saturday,
        }
    }
}

/// The first and the last day of the week that `day` is in.
///
/// ```
/// use domain::period::{WeekStart, week_of};
/// use jiff::civil::date;
/// let friday = date(2026, 11, 20);
/// assert_eq!(week_of(friday, WeekStart::Monday), (date(2026, 11, 16), date(2026, 11, 22)));
/// assert_eq!(week_of(friday, WeekStart::Saturday), (date(2026, 11, 14), date(2026, 11, 20)));
/// ```
pub fn week_of(day: Date, start: WeekStart) -> (Date, Date) {
    let into = i64::from(day.weekday().since(start.weekday()));
    let first = shift(day, -into);
    (first, shift(first, 6))
}

/// Consecutive days, `first` to `last` included: 1 to 3660 of them, in the years 1970 to 2200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    first: Date,
    last: Date,
}

/// Why two days are not a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The last day is before the first.
    #[error("ends before it starts")]
    LastBeforeFirst,
    /// More than [`MAX_PERIOD_DAYS`].
    #[error("{actual_days} days, the limit is {limit_days}")]
    TooLong {
        /// The limit in days.
        limit_days: i64,
        /// The length given, in days.
        actual_days: i64,
    },
    /// Outside the years 1970 to 2200.
    #[error("outside the years 1970 to 2200")]
    OutOfRange,
}

impl Period {
    /// From `first` to `last`, both included.
    ///
    /// Errors: a [`PeriodError`].
    pub fn new(first: Date, last: Date) -> Result<Self, PeriodError> {
        if last < first {
            return Err(PeriodError::LastBeforeFirst);
        }
        if first < FIRST_DAY || last > LAST_DAY {
            return Err(PeriodError::OutOfRange);
        }
        let period = Self { first, last };
        if period.days() > MAX_PERIOD_DAYS {
            let actual_days = period.days();
            return Err(PeriodError::TooLong { limit_days: MAX_PERIOD_DAYS, actual_days });
        }
        Ok(period)
    }

    /// The first day.
    pub const fn first(&self) -> Date {
        self.first
    }

    /// The last day, which belongs to the period.
    pub const fn last(&self) -> Date {
        self.last
    }

    /// How many days: 1 to [`MAX_PERIOD_DAYS`].
    pub fn days(&self) -> i64 {
        self.last.duration_since(self.first).as_hours() / 24 + 1
    }

    /// Whether `day` belongs to the period.
    pub fn contains(&self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }

    /// Every day, in order.
    pub fn iter(&self) -> impl Iterator<Item = Date> + use<> {
        let last = self.last;
        std::iter::successors(Some(self.first), move |day| {
            day.tomorrow().ok().filter(|next| *next <= last)
        })
    }

    /// The period of the same length just before; none before 1970.
    ///
    /// A period of whole months steps by as many months, any other by its number of days.
    ///
    /// ```
    /// use domain::period::Period;
    /// use jiff::civil::date;
    /// let march = Period::new(date(2026, 3, 1), date(2026, 3, 31))?;
    /// assert_eq!(march.previous(), Period::new(date(2026, 2, 1), date(2026, 2, 28)).ok());
    /// let week = Period::new(date(2026, 3, 2), date(2026, 3, 8))?;
    /// assert_eq!(week.previous(), Period::new(date(2026, 2, 23), date(2026, 3, 1)).ok());
    /// # Ok::<(), domain::period::PeriodError>(())
    /// ```
    #[must_use]
    pub fn previous(&self) -> Option<Self> {
        self.step(-1)
    }

    /// The period of the same length just after; none after 2200. See [`previous`](Self::previous).
    #[must_use]
    pub fn next(&self) -> Option<Self> {
        self.step(1)
    }

    fn step(self, direction: i64) -> Option<Self> {
        let Some(months) = self.whole_months() else {
            let days = direction * self.days();
            return Self::new(shift(self.first, days), shift(self.last, days)).ok();
        };
        let first = shift_months(self.first, direction * months);
        Self::new(first, shift_months(first, months - 1).last_of_month()).ok()
    }

    /// How many months the period covers, when it begins and ends with one.
    fn whole_months(self) -> Option<i64> {
        let is_whole = self.first.day() == 1 && self.last == self.last.last_of_month();
        let years = i64::from(self.last.year()) - i64::from(self.first.year());
        let months = i64::from(self.last.month()) - i64::from(self.first.month());
        is_whole.then_some(years * 12 + months + 1)
    }
}

choice! {
    /// Periods with a name, relative to today.
    Preset {
        /// The day itself.
        Today => "today",
        /// The day before.
        Yesterday => "yesterday",
        /// The week today is in, to its end.
        ThisWeek => "this-week",
        /// The week before.
        LastWeek => "last-week",
        /// The calendar month today is in, to its end.
        ThisMonth => "this-month",
        /// The calendar month before.
        LastMonth => "last-month",
        /// This week and the seven before it.
        Last8Weeks => "last-8-weeks",
        /// The calendar year today is in, to its end.
        ThisYear => "this-year",
        /// The calendar year before.
        LastYear => "last-year",
    }
}

impl Preset {
    /// The days meant when it is `today`.
    ///
    /// Exact for any today in the years 1971 to 2199; nearer to the ends of what can be stored it
    /// may reach beyond them, and a stored day is never there.
    pub fn period(self, today: Date, start: WeekStart) -> Period {
        let (monday, sunday) = week_of(today, start);
        let month = today.first_of_month();
        let year = today.first_of_year();
        let (first, last) = match self {
            Self::Today => (today, today),
            Self::Yesterday => (shift(today, -1), shift(today, -1)),
            Self::ThisWeek => (monday, sunday),
            Self::LastWeek => (shift(monday, -7), shift(sunday, -7)),
            Self::ThisMonth => (month, month.last_of_month()),
            Self::LastMonth => (shift_months(month, -1), shift(month, -1)),
            Self::Last8Weeks => (shift(monday, -7 * 7), sunday),
            Self::ThisYear => (year, year.last_of_year()),
            Self::LastYear => (shift_months(year, -12), shift(year, -1)),
        };
        Period { first, last }
    }
}

fn shift(day: Date, days: i64) -> Date {
    // `days` is at most a few thousand here; saturates at the ends of the calendar.
    day.saturating_add(SignedDuration::from_hours(days * 24))
}

fn shift_months(day: Date, months: i64) -> Date {
    jiff::Span::new().try_months(months).map_or(day, |span| day.saturating_add(span))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn period(first: Date, last: Date) -> Period {
        Period::new(first, last).unwrap()
    }

    #[test]
    fn limits() {
        let day = date(2026, 11, 20);
        assert_eq!(period(day, day).days(), 1);
        assert_eq!(Period::new(day, shift(day, -1)), Err(PeriodError::LastBeforeFirst));
        assert!(Period::new(day, shift(day, 3659)).is_ok());
        assert_eq!(
            Period::new(day, shift(day, 3660)),
            Err(PeriodError::TooLong { limit_days: 3660, actual_days: 3661 })
        );
        assert_eq!(Period::new(date(1969, 12, 31), FIRST_DAY), Err(PeriodError::OutOfRange));
        assert_eq!(Period::new(LAST_DAY, date(2201, 1, 1)), Err(PeriodError::OutOfRange));
    }

    #[test]
    fn presets_on_a_friday() {
        let today = date(2026, 11, 20);
        for (preset, first, last) in [
            (Preset::Today, today, today),
            (Preset::Yesterday, date(2026, 11, 19), date(2026, 11, 19)),
            (Preset::ThisWeek, date(2026, 11, 16), date(2026, 11, 22)),
            (Preset::LastWeek, date(2026, 11, 9), date(2026, 11, 15)),
            (Preset::ThisMonth, date(2026, 11, 1), date(2026, 11, 30)),
            (Preset::LastMonth, date(2026, 10, 1), date(2026, 10, 31)),
            (Preset::Last8Weeks, date(2026, 9, 28), date(2026, 11, 22)),
            (Preset::ThisYear, date(2026, 1, 1), date(2026, 12, 31)),
            (Preset::LastYear, date(2025, 1, 1), date(2025, 12, 31)),
        ] {
            assert_eq!(preset.period(today, WeekStart::Monday), period(first, last), "{preset}");
            assert_eq!(preset.as_str().parse(), Ok(preset));
        }
        let eight = Preset::Last8Weeks.period(today, WeekStart::Sunday);
        assert_eq!(eight, period(date(2026, 9, 27), date(2026, 11, 21)));
        assert_eq!(eight.days(), 56);
        assert!("Today".parse::<Preset>().is_err());
    }

    #[test]
    fn months_and_years_step_as_such() {
        let year = period(date(2028, 1, 1), date(2028, 12, 31));
        assert_eq!(year.previous(), Some(period(date(2027, 1, 1), date(2027, 12, 31))));
        let quarter = period(date(2026, 1, 1), date(2026, 3, 31));
        assert_eq!(quarter.next(), Some(period(date(2026, 4, 1), date(2026, 6, 30))));
        let first_year = period(date(1970, 1, 1), date(1970, 12, 31));
        assert_eq!(first_year.previous(), None);
        assert_eq!(period(LAST_DAY, LAST_DAY).next(), None);
    }

    proptest! {
        #[test]
        fn neighbours_touch_and_return(start in 2000_i64..60_000, days in 1_i64..900) {
            let first = crate::day::date_of(start).unwrap();
            let this = period(first, shift(first, days - 1));
            let (before, after) = (this.previous().unwrap(), this.next().unwrap());
            prop_assert_eq!(shift(before.last(), 1), this.first());
            prop_assert_eq!(shift(this.last(), 1), after.first());
            if this.whole_months().is_none() && before.whole_months().is_none() {
                prop_assert_eq!(before.next(), Some(this));
            }
            prop_assert_eq!(i64::try_from(this.iter().count()).unwrap(), this.days());
            prop_assert_eq!(this.iter().last(), Some(this.last()));
            prop_assert!(this.iter().all(|day| this.contains(day)));
        }

        #[test]
        fn a_day_is_in_its_week(start in 0_i64..80_000) {
            let day = crate::day::date_of(start).unwrap();
            for week_start in WeekStart::ALL {
                let (first, last) = week_of(day, *week_start);
                prop_assert!(first <= day && day <= last);
                prop_assert_eq!(first.weekday(), week_start.weekday());
                prop_assert_eq!(shift(first, 6), last);
            }
        }
    }
}
