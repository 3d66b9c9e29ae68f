//! The range of days a report is asked for.

use app::Error;
use domain::period::{Period, PeriodError};

use crate::wall;

/// Reads the first and the last day of a range.
///
/// Errors: [`Error::Invalid`] for `first`, `last` or both.
pub fn read_period(first: &str, last: &str) -> Result<Period, Error> {
    let (first, last) = match (wall::read_day("first", first), wall::read_day("last", last)) {
        (Ok(first), Ok(last)) => (first, last),
        (Err(Error::Invalid(mut first)), Err(Error::Invalid(last))) => {
            first.0.extend(last.0);
            return Err(Error::Invalid(first));
        }
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    Period::new(first, last).map_err(|error| match error {
        PeriodError::LastBeforeFirst => {
            Error::invalid("last", "before_first", "The last day is before the first.")
        }
        PeriodError::TooLong { limit_days, actual_days } => Error::invalid(
            "last",
            "too_long",
            format!("These are {actual_days} days; {limit_days} is the limit."),
        ),
        PeriodError::OutOfRange => {
            Error::invalid("last", "out_of_range", "Choose days from 1970 to 2200.")
        }
    })
}
