//! Wall time: instants as people write and read them, in a zone.

use app::Me;
use domain::day::{Zone, resolve};
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
};

/// The time of day, as the member writes it.
pub fn time(me: &Me, zone: &Zone, at: Timestamp) -> String {
    me.locale.format_time(local(zone, at).time(), me.clock_format)
}

/// The day and the time of day, in the member's zone: `today at 13:05`, `20 Nov 2026 at 13:05`.
pub fn moment(me: &Me, now: Timestamp, at: Timestamp) -> String {
    let day = local(&me.zone, at).date();
    let time = time(me, &me.zone, at);
    if day == local(&me.zone, now).date() {
        format!("today at {time}")
    } else {
        format!("{} at {time}", me.locale.format_date(day))
    }
}

/// The day, in the member's zone: `20 Nov 2026`.
pub fn day(me: &Me, at: Timestamp) -> String {
    me.locale.format_date(local(&me.zone, at).date())
}

/// As the value of a `datetime-local` field: `2026-11-21T13:05:12`.
pub fn input(zone: &Zone, at: Timestamp) -> String {
    local(zone, at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The local date and time.
pub fn local(zone: &Zone, at: Timestamp) -> DateTime {
    at.to_zoned(zone.time_zone()).datetime()
}

/// Reads the value of a `datetime-local` field in a zone.
///
/// Errors: [`app::Error::Invalid`] for `field`.
pub fn read(field: &'static str, text: &str, zone: &Zone) -> Result<Timestamp, app::Error> {
    let unreadable = || {
        app::Error::invalid(
            field,
            "not_readable",
            "Write a date and a time, such as 2026-11-21 13:05.",
        )
    };
    let wall: DateTime = text.trim().parse().map_err(|_| unreadable())?;
    resolve(wall, zone).map_err(|_| {
        app::Error::invalid(field, "out_of_range", "Choose an instant from 1970 to 2200.")
    })
}

/// Reads the value of a `date` field.
///
/// Errors: [`app::Error::Invalid`] for `field`.
pub fn read_day(field: &'static str, text: &str) -> Result<Date, app::Error> {
    text.trim()
        .parse()
        .map_err(|_| app::Error::invalid(field, "not_readable", "Write a day, such as 2026-11-21."))
}

/// Reads the value of a `time` field.
///
/// Errors: [`app::Error::Invalid`] for `field`.
pub fn read_time(field: &'static str, text: &str) -> Result<Time, app::Error> {
    text.trim().parse().map_err(|_| {
        app::Error::invalid(field, "not_readable", "Write a time of day, such as 13:05.")
    })
}
