//! Wall time: instants as people write and read them, in a zone.

use app::Me;
use domain::{
    day::{Zone, can_end, is_shown, resolve},
    preference::{ClockFormat, Locale},
};
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::AmbiguousOffset,
};

/// Who reads it: in which zone their days are, and how they write days and times.
pub trait Reader {
    /// Where their days begin.
    fn zone(&self) -> &Zone;
    /// How they write days.
    fn locale(&self) -> Locale;
    /// How they write times.
    fn clock_format(&self) -> ClockFormat;
}

impl Reader for Me {
    fn zone(&self) -> &Zone {
        &self.zone
    }

    fn locale(&self) -> Locale {
        self.locale
    }

    fn clock_format(&self) -> ClockFormat {
        self.clock_format
    }
}

/// Somebody outside of any workspace, of whom nothing but their zone is known.
pub struct Anywhere(Zone);

impl Anywhere {
    /// Somebody whose days are in this zone.
    pub fn new(zone: Zone) -> Self {
        Self(zone)
    }
}

impl Reader for Anywhere {
    fn zone(&self) -> &Zone {
        &self.0
    }

    fn locale(&self) -> Locale {
        Locale::EnGb
    }

    fn clock_format(&self) -> ClockFormat {
        ClockFormat::H24
    }
}

/// The time of day, as the reader writes it.
pub fn time(me: &impl Reader, zone: &Zone, at: Timestamp) -> String {
    me.locale().format_time(local(zone, at).time(), me.clock_format())
}

/// The day and the time of day, in the member's zone: `today at 13:05`, `20 Nov 2026 at 13:05`.
pub fn moment(me: &impl Reader, now: Timestamp, at: Timestamp) -> String {
    let day = local(me.zone(), at).date();
    let time = time(me, me.zone(), at);
    if day == local(me.zone(), now).date() {
        format!("today at {time}")
    } else {
        format!("{} at {time}", me.locale().format_date(day))
    }
}

/// The day, in the member's zone: `20 Nov 2026`.
pub fn day(me: &impl Reader, at: Timestamp) -> String {
    me.locale().format_date(local(me.zone(), at).date())
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
    let wall = read_wall(field, text)?;
    require(is_shown(wall, zone), field, wall, zone)?;
    meanings(field, wall, zone).map(|[first, _]| first)
}

/// Reads a `datetime-local` field that was filled with an instant: unchanged it is that instant, and
/// changed within the hour that autumn repeats it stays in the same of the two.
///
/// Errors: [`app::Error::Invalid`] for `field`.
pub fn read_over(
    field: &'static str,
    text: &str,
    zone: &Zone,
    stored: Timestamp,
) -> Result<Timestamp, app::Error> {
    read_over_if(is_shown, field, text, zone, stored)
}

/// As [`read_over`], for an end: it may be the moment at which the clock jumps.
///
/// Errors: [`app::Error::Invalid`] for `field`.
pub fn read_end_over(
    field: &'static str,
    text: &str,
    zone: &Zone,
    stored: Timestamp,
) -> Result<Timestamp, app::Error> {
    read_over_if(can_end, field, text, zone, stored)
}

fn read_over_if(
    is_there: fn(DateTime, &Zone) -> bool,
    field: &'static str,
    text: &str,
    zone: &Zone,
    stored: Timestamp,
) -> Result<Timestamp, app::Error> {
    let wall = read_wall(field, text)?;
    require(is_there(wall, zone), field, wall, zone)?;
    let [first, second] = meanings(field, wall, zone)?;
    if local(zone, first) == local(zone, stored) {
        return Ok(stored);
    }
    let offset = |at| zone.time_zone().to_offset(at);
    Ok(if offset(second) == offset(stored) { second } else { first })
}

/// Reads a `datetime-local` field that says when something ended: in the hour that autumn repeats,
/// the first time that is not before its start.
///
/// Errors: [`app::Error::Invalid`] for `field`.
pub fn read_end(
    field: &'static str,
    text: &str,
    zone: &Zone,
    start: Timestamp,
) -> Result<Timestamp, app::Error> {
    let wall = read_wall(field, text)?;
    require(can_end(wall, zone), field, wall, zone)?;
    let [first, second] = meanings(field, wall, zone)?;
    Ok(if first < start { second } else { first })
}

fn read_wall(field: &'static str, text: &str) -> Result<DateTime, app::Error> {
    text.trim().parse().map_err(|_| {
        app::Error::invalid(
            field,
            "not_readable",
            "Write a date and a time, such as 2026-11-21 13:05.",
        )
    })
}

/// Refuses a time that a jump of the clock leaves out, instead of taking another one for it.
fn require(
    is_there: bool,
    field: &'static str,
    wall: DateTime,
    zone: &Zone,
) -> Result<(), app::Error> {
    if is_there {
        return Ok(());
    }
    let (time, day) = (wall.strftime("%H:%M"), wall.date());
    let message = format!("There is no {time} on {day} in {zone}: the clock goes forward over it.");
    Err(app::Error::invalid(field, "no_such_time", message))
}

/// The instants that a wall time can be: two in the hour that autumn repeats, else twice the same.
fn meanings(
    field: &'static str,
    wall: DateTime,
    zone: &Zone,
) -> Result<[Timestamp; 2], app::Error> {
    let first = resolve(wall, zone).map_err(|_| {
        app::Error::invalid(field, "out_of_range", "Choose an instant from 1970 to 2200.")
    })?;
    let second = match zone.time_zone().to_ambiguous_timestamp(wall).offset() {
        AmbiguousOffset::Fold { after, .. } => after.to_timestamp(wall).ok(),
        AmbiguousOffset::Gap { .. } | AmbiguousOffset::Unambiguous { .. } => None,
    };
    Ok([first, second.unwrap_or(first)])
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

/// The zone's place where its clock shows another time than the member's: `New York` for
/// `America/New_York`; else empty.
pub fn zone_place(me: &Me, zone: &Zone, at: Timestamp) -> String {
    if local(zone, at) == local(&me.zone, at) { String::new() } else { place_of(zone.as_str()) }
}

/// The last part of a zone's name, in words; a row has no room for more.
pub fn place_of(name: &str) -> String {
    name.rsplit_once('/').map_or(name, |(_, place)| place).replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_named_by_its_place() {
        for (zone, place) in [
            ("America/New_York", "New York"),
            ("America/Argentina/Buenos_Aires", "Buenos Aires"),
            ("UTC", "UTC"),
        ] {
            assert_eq!(place_of(zone), place);
        }
    }

    #[test]
    fn the_hour_that_autumn_repeats_is_read_in_the_fold_it_was_written_in() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (first, second) = (at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z"));
        let noon = at("2026-10-25T11:00:00Z");
        for (stored, text, expected) in [
            (first, input(&zone, first), first),
            (second, input(&zone, second), second),
            // Browsers leave out seconds that are zero.
            (second, "2026-10-25T02:30".to_owned(), second),
            (second, "2026-10-25T02:45".to_owned(), at("2026-10-25T01:45:00Z")),
            (first, "2026-10-25T02:45".to_owned(), at("2026-10-25T00:45:00Z")),
            (noon, "2026-10-25T12:15".to_owned(), at("2026-10-25T11:15:00Z")),
        ] {
            assert_eq!(read_over("x", &text, &zone, stored).unwrap(), expected, "{text}");
        }
        let end = |text| read_end("x", text, &zone, at("2026-10-25T00:50:00Z")).unwrap();
        assert_eq!(end("2026-10-25T02:10"), at("2026-10-25T01:10:00Z"));
        assert_eq!(end("2026-10-25T02:55"), at("2026-10-25T00:55:00Z"));
        assert!(read_over("x", "", &zone, first).is_err());
    }
}
