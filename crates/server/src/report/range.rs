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
    Period::new(first, last).map_err(|error| {
        let code = match error {
            PeriodError::LastBeforeFirst => "before_first",
            PeriodError::TooLong { .. } => "too_long",
            PeriodError::OutOfRange => "out_of_range",
        };
        Error::invalid("last", code, sentence(error))
    })
}

/// What is wrong with a range, for people.
pub fn sentence(error: PeriodError) -> String {
    match error {
        PeriodError::LastBeforeFirst => "The last day is before the first.".to_owned(),
        PeriodError::TooLong { limit_days, actual_days } => {
            format!("These are {actual_days} days; {limit_days} is the limit.")
        }
        PeriodError::OutOfRange => "Choose days from 1970 to 2200.".to_owned(),
    }
}
