//! Intervals: the half-open stretch of time `[start, end)` that a stopped time entry covers.
//!
//! Instants are whole seconds of UTC. Which civil days an interval counts on is another subject:
//! see [`crate::day::days_of`]. A running entry has no interval yet; its end is the clock.

use jiff::Timestamp;

use crate::duration::MAX_ENTRY_S;

/// The earliest start: 1970-01-02, so that the local day is in range in every zone.
const EARLIEST_S: i64 = 86_400;
/// The latest end: 2200-12-31, for the same reason.
const LATEST_S: i64 = 7_289_568_000;

/// Half-open `[start, end)`, whole seconds, 0 seconds to 31 days long, in the years 1970 to 2200.
///
/// Length 0 is allowed: a timer started and stopped within one second leaves such an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    start: Timestamp,
    end: Timestamp,
}

/// Why two instants are not an interval, or why it cannot be split there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// The end is before the start.
    #[error("ends before it starts")]
    EndBeforeStart,
    /// Longer than [`MAX_ENTRY_S`].
    #[error("{actual_s} s long, the limit is {limit_s} s")]
    TooLong {
        /// The limit in seconds.
        limit_s: i64,
        /// The length given, in seconds.
        actual_s: i64,
    },
    /// Before 1970-01-02 or after 2200-12-31 (UTC).
    #[error("outside the years 1970 to 2200")]
    OutOfRange,
    /// The instant to split at is not strictly inside.
    #[error("not inside the interval")]
    NotInside,
}

impl Interval {
    /// From `start` to `end`, each cut to its whole second.
    ///
    /// Errors: an [`IntervalError`].
    ///
    /// ```
    /// use domain::interval::{Interval, IntervalError};
    /// let start = "2026-11-20T09:00:00.9Z".parse()?;
    /// let end = "2026-11-20T10:30:00.1Z".parse()?;
    /// assert_eq!(Interval::new(start, end).map(|i| i.seconds()), Ok(5400));
    /// assert_eq!(Interval::new(end, start), Err(IntervalError::EndBeforeStart));
    /// # Ok::<(), jiff::Error>(())
    /// ```
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, IntervalError> {
        let interval = Self { start: truncate_to_second(start), end: truncate_to_second(end) };
        let actual_s = interval.seconds();
        if actual_s < 0 {
            return Err(IntervalError::EndBeforeStart);
        }
        if interval.start.as_second() < EARLIEST_S || interval.end.as_second() > LATEST_S {
            return Err(IntervalError::OutOfRange);
        }
        if actual_s > MAX_ENTRY_S {
            return Err(IntervalError::TooLong { limit_s: MAX_ENTRY_S, actual_s });
        }
        Ok(interval)
    }

    /// The first instant inside.
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// The first instant after it.
    pub const fn end(&self) -> Timestamp {
        self.end
    }

    /// The length in seconds: 0 to [`MAX_ENTRY_S`].
    pub fn seconds(&self) -> i64 {
        self.end.as_second() - self.start.as_second()
    }

    /// Whether the length is 0.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Whether some second belongs to both. The only overlap rule there is.
    ///
    /// Neighbours that touch do not overlap, and an empty interval overlaps nothing.
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.is_empty() && !other.is_empty() && self.start < other.end && other.start < self.end
    }

    /// Whether `at` is inside; the end is not.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }

    /// The parts before and after `at`, cut to its whole second; both are at least a second long.
    ///
    /// Errors: [`IntervalError::NotInside`].
    pub fn split_at(&self, at: Timestamp) -> Result<(Self, Self), IntervalError> {
        let at = truncate_to_second(at);
        if at <= self.start || at >= self.end {
            return Err(IntervalError::NotInside);
        }
        Ok((Self { start: self.start, end: at }, Self { start: at, end: self.end }))
    }
}

/// The whole second `at` falls in: always down, also before 1970.
pub fn truncate_to_second(at: Timestamp) -> Timestamp {
    let second = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
    Timestamp::from_second(second).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn interval(start: i64, end: i64) -> Interval {
        Interval::new(at(start), at(end)).unwrap()
    }

    #[test]
    fn limits() {
        assert!(Interval::new(at(0), at(0)).unwrap().is_empty());
        assert_eq!(Interval::new(at(1), at(0)), Err(IntervalError::EndBeforeStart));
        assert!(Interval::new(at(0), at(MAX_ENTRY_S)).is_ok());
        assert_eq!(
            Interval::new(at(0), at(MAX_ENTRY_S + 1)),
            Err(IntervalError::TooLong { limit_s: MAX_ENTRY_S, actual_s: MAX_ENTRY_S + 1 })
        );
        let epoch = Timestamp::UNIX_EPOCH;
        assert_eq!(Interval::new(epoch, epoch), Err(IntervalError::OutOfRange));
        assert_eq!(Interval::new(Timestamp::MAX, Timestamp::MAX), Err(IntervalError::OutOfRange));
        let latest: Timestamp = "2200-12-31T00:00:00Z".parse().unwrap();
        assert_eq!(latest.as_second(), LATEST_S);
    }

    #[test]
    fn overlap_table() {
        for (a, b, expected) in [
            ((0, 10), (10, 20), false),
            ((0, 10), (9, 20), true),
            ((0, 10), (2, 3), true),
            ((0, 10), (0, 10), true),
            ((0, 10), (5, 5), false),
            ((5, 5), (5, 5), false),
        ] {
            let (a, b) = (interval(a.0, a.1), interval(b.0, b.1));
            assert_eq!(a.overlaps(&b), expected);
            assert_eq!(b.overlaps(&a), expected);
        }
    }

    #[test]
    fn truncation_goes_down() {
        let before_1970: Timestamp = "1969-12-31T23:59:58.5Z".parse().unwrap();
        assert_eq!(truncate_to_second(before_1970).as_second(), -2);
        assert_eq!(truncate_to_second("1970-01-01T00:00:01.9Z".parse().unwrap()).as_second(), 1);
        assert_eq!(truncate_to_second(Timestamp::MIN), Timestamp::MIN);
    }

    proptest! {
        #[test]
        fn splitting_loses_nothing(start in 0_i64..10_000, length in 0_i64..100_000, cut in 0_i64..120_000) {
            let whole = interval(start, start + length);
            match whole.split_at(at(cut)) {
                Ok((a, b)) => {
                    prop_assert_eq!(a.seconds() + b.seconds(), whole.seconds());
                    prop_assert!(!a.overlaps(&b) && a.overlaps(&whole) && b.overlaps(&whole));
                    prop_assert!(whole.contains(at(cut)));
                }
                Err(error) => {
                    prop_assert_eq!(error, IntervalError::NotInside);
                    prop_assert!(cut == start || !whole.contains(at(cut)));
                }
            }
        }

        #[test]
        fn overlap_is_a_shared_second(a in 0_i64..20, b in 0_i64..20, c in 0_i64..20, d in 0_i64..20) {
            let (x, y) = (interval(a, a + b), interval(c, c + d));
            let shared = (0..60).any(|s| x.contains(at(s)) && y.contains(at(s)));
            prop_assert_eq!(x.overlaps(&y), shared);
        }
    }
}
