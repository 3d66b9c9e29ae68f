//! What several forms let people choose from, and collecting what is wrong with several fields.

use std::sync::LazyLock;

use domain::{day::Zone, period::WeekStart};

use crate::page::Select;

/// Names of zones to choose from.
pub(crate) fn zones() -> Vec<String> {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| Zone::names().collect());
    NAMES.clone()
}

/// First days of a week.
pub(crate) fn week_starts(chosen: &str) -> Select {
    let words = WeekStart::ALL.iter().map(|day| (day.as_str(), week_start_word(*day)));
    Select::of(words, chosen)
}

/// The first day of a week.
pub(crate) const fn week_start_word(day: WeekStart) -> &'static str {
    match day {
        WeekStart::Monday => "Monday",
        WeekStart::Sunday => "Sunday",
        WeekStart::Saturday => "Saturday",
    }
}

/// Collects what is wrong with several fields, so that all sentences are shown at once.
pub(crate) fn collect<T>(
    wrong: &mut Vec<app::FieldError>,
    read: Result<T, app::Error>,
) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(app::Error::Invalid(fields)) => {
            wrong.extend(fields.0);
            None
        }
        Err(_) => None,
    }
}
