//! What was typed into the forms of an entry, as what the application is asked for.

use app::{
    Error, Op,
    time_entry::{AddTimeEntry, Booking, ChangeTimeEntry, NewSpan, Span, TimeEntry, zone_of},
};
use domain::{
    day::Zone,
    duration::{format_clock, format_hm, parse_duration},
    ids::{MemberId, ProjectId, TagId, TaskId, TimeEntryId},
    quick_entry::{Context, QuickEntry, QuickTime, parse_quick_entry},
};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time},
};

use crate::{extract::typed_id, wall, web::Typed};

/// The id that a form brings for what it makes, and the keyed hash by which the same form is known
/// when it is sent again because its answer was lost.
///
/// Errors: [`Error::Invalid`] for an id that names nothing; [`Error::Bug`] from the vault.
pub(crate) fn made_as(
    op: &Op,
    operation: &str,
    form: &Typed,
    what: &str,
) -> Result<(Option<TimeEntryId>, Option<[u8; 32]>), Error> {
    let Some(id) = form.some("new_id").map(typed_id).transpose()? else {
        return Ok((None, None));
    };
    Ok((Some(id), Some(op.body_mac(operation, what.as_bytes())?)))
}

/// An entry to be added.
///
/// Errors: [`Error::Invalid`].
pub(super) fn new_entry(op: &mut Op, form: &Typed) -> Result<AddTimeEntry, Error> {
    let said: Vec<_> = form.pairs().filter(|(name, _)| *name != "new_id").collect();
    let said = serde_urlencoded::to_string(said).map_err(|error| Error::bug(error.to_string()))?;
    let (id, body) = made_as(op, "page.addTimeEntry", form, &said)?;
    let member = read_id::<MemberId>("member_id", form.some("member"))?;
    let member = member.filter(|member| *member != op.me().member);
    let zone = match member {
        Some(member) => zone_of(op, member)?,
        None => op.me().zone.clone(),
    };
    Ok(AddTimeEntry {
        id,
        member,
        booking: booking(form)?,
        note: app::input::note("note", form.get("note"))?,
        // Left open, it is as the project says.
        billable: form.some("billable").map(|_| form.is_ticked("billable")),
        span: new_span(op, form, &zone)?,
        body,
    })
}

/// From the day with two times, or a duration. A time before the first is on the next day.
fn new_span(op: &Op, form: &Typed, zone: &Zone) -> Result<NewSpan, Error> {
    let day = wall::read_day("day", form.get("day"))?;
    match (form.some("start"), form.some("stop"), form.some("duration")) {
        (Some(start), Some(stop), None) => {
            let start = wall::read_time("started_at", start)?;
            let stop = wall::read_time("stopped_at", stop)?;
            let (start, stop) = range(day, start, stop, stop < start, zone)?;
            Ok(NewSpan::Range { start, stop })
        }
        (None, None, Some(text)) => Ok(match read_length(op, text, day, zone)? {
            Length::Seconds(seconds) => NewSpan::Duration { day, seconds },
            Length::Range(start, stop) => NewSpan::Range { start, stop },
        }),
        _ => Err(Error::invalid(
            "duration_s",
            "needs_span",
            "Give from and until, or how long it took.",
        )),
    }
}

/// Two times of a day, the second perhaps of the next.
fn range(
    day: Date,
    start: Time,
    stop: Time,
    is_next_day: bool,
    zone: &Zone,
) -> Result<(Timestamp, Timestamp), Error> {
    let next = day
        .checked_add(1.day())
        .map_err(|_| Error::invalid("day", "out_of_range", "Choose a day from 1970 to 2200."))?;
    let last = if is_next_day { next } else { day };
    let (start, stop) = (day.to_datetime(start), last.to_datetime(stop));
    let from = wall::read("started_at", &start.to_string(), zone)?;
    let until = wall::read_end("stopped_at", &stop.to_string(), zone, from)?;
    Ok((from, until))
}

/// What stands in a field that says how long something took.
enum Length {
    Seconds(i64),
    /// `9-10:30`.
    Range(Timestamp, Timestamp),
}

fn read_length(op: &Op, text: &str, day: Date, zone: &Zone) -> Result<Length, Error> {
    if let Ok(seconds) = parse_duration(text, op.settings().bare_number) {
        return Ok(Length::Seconds(seconds));
    }
    let context = Context { today: day, bare_number: op.settings().bare_number };
    let read = parse_quick_entry(text, &context).ok();
    let time = read.as_ref().and_then(|read| read.time);
    let alone = QuickEntry { time, ..QuickEntry::default() };
    match time {
        Some(QuickTime::Range { start, end, next_day }) if read == Some(alone) => {
            range(day, start, end, next_day, zone).map(|(start, stop)| Length::Range(start, stop))
        }
        _ => Err(Error::invalid(
            "duration_s",
            "not_readable",
            "Write a duration, such as 1:30, 1.5 or 90m, or a range, such as 9-10:30.",
        )),
    }
}

/// A length as its field is filled; seconds only where there are some.
pub(super) fn length_text(seconds: i64) -> String {
    if seconds % 60 == 0 { format_hm(seconds) } else { format_clock(seconds) }
}

/// What the entry would be booked on.
///
/// Errors: [`Error::Invalid`].
pub(super) fn booking(form: &Typed) -> Result<Booking, Error> {
    let mut tags = form
        .all("tag")
        .map(|tag| {
            tag.parse::<TagId>()
                .map_err(|_| Error::invalid("tag_ids", "not_found", "There is no such tag."))
        })
        .collect::<Result<Vec<_>, _>>()?;
    tags.sort_unstable();
    tags.dedup();
    let project = read_id::<ProjectId>("project_id", form.some("project"))?;
    // A task goes with its project.
    let task = read_id::<TaskId>("task_id", form.some("task").filter(|_| project.is_some()))?;
    Ok(Booking { project, task, tags })
}

fn read_id<I: std::str::FromStr>(
    field: &'static str,
    text: Option<&str>,
) -> Result<Option<I>, Error> {
    let read = text.map(str::parse).transpose();
    read.map_err(|_| Error::invalid(field, "not_found", "There is no such thing to choose."))
}

/// What the form says otherwise than the entry: a field that was not touched changes nothing, also
/// where its text says less than what is stored, such as wall time in the hour that autumn repeats.
///
/// Errors: [`Error::Stale`] when the entry is no longer the one the form was filled from;
/// [`Error::Invalid`].
pub(super) fn change(op: &Op, form: &Typed, entry: &TimeEntry) -> Result<ChangeTimeEntry, Error> {
    if form.version().is_some_and(|version| version != entry.version) {
        return Err(Error::Stale(entry.version));
    }
    let booking = booking(form)?;
    let is_moved = booking.project != entry.project;
    let billable = form.is_ticked("billable");
    let note = app::input::note("note", form.get("note"))?;
    let mut tags = entry.tags.clone();
    tags.sort_unstable();
    let change = ChangeTimeEntry {
        project: is_moved.then_some(booking.project),
        task: (booking.task != entry.task).then_some(booking.task),
        tags: (booking.tags != tags).then_some(booking.tags),
        note: (note.as_str() != entry.note).then_some(note),
        // On another project too it is what the box says.
        billable: (is_moved || billable != entry.is_billable).then_some(billable),
        expected_version: form.version(),
        ..ChangeTimeEntry::default()
    };
    match entry.span {
        Span::Interval { start, stop } => change_of_ends(form, entry, start, stop, change),
        Span::Duration { seconds } => change_of_length(op, form, entry, seconds, change),
    }
}

fn change_of_ends(
    form: &Typed,
    entry: &TimeEntry,
    start: Timestamp,
    stop: Option<Timestamp>,
    change: ChangeTimeEntry,
) -> Result<ChangeTimeEntry, Error> {
    let zone = &entry.zone;
    let new_start = match form.some("started_at") {
        None => start,
        Some(text) => wall::read_over("started_at", text, zone, start)?,
    };
    let new_stop = match (stop, form.some("stopped_at")) {
        (Some(stop), Some(text)) => Some(wall::read_end_over("stopped_at", text, zone, stop)?),
        (Some(stop), None) => Some(stop),
        (None, Some(text)) => Some(wall::read_end("stopped_at", text, zone, new_start)?),
        (None, None) => None,
    };
    Ok(ChangeTimeEntry {
        started_at: Some(new_start).filter(|at| *at != start),
        stopped_at: new_stop.filter(|at| Some(*at) != stop),
        ..change
    })
}

fn change_of_length(
    op: &Op,
    form: &Typed,
    entry: &TimeEntry,
    seconds: i64,
    change: ChangeTimeEntry,
) -> Result<ChangeTimeEntry, Error> {
    let day = match form.some("day") {
        Some(text) => wall::read_day("day", text)?,
        None => entry.first_day,
    };
    let change = ChangeTimeEntry { day: Some(day).filter(|day| *day != entry.first_day), ..change };
    let text = form.some("duration").filter(|text| *text != length_text(seconds));
    let length = text.map(|text| read_length(op, text, day, &entry.zone)).transpose()?;
    Ok(match length {
        None => change,
        Some(Length::Seconds(new)) => {
            ChangeTimeEntry { duration_s: Some(new).filter(|new| *new != seconds), ..change }
        }
        Some(Length::Range(start, stop)) => {
            ChangeTimeEntry { day: None, started_at: Some(start), stopped_at: Some(stop), ..change }
        }
    })
}

/// Where the entry would be split: of two instants that the text can mean, the one inside it.
///
/// Errors: [`Error::Invalid`].
pub(super) fn split_point(form: &Typed, entry: &TimeEntry) -> Result<Timestamp, Error> {
    let text = form.get("split_at");
    let (Some(start), Some(stop)) = (entry.start(), entry.stop()) else {
        return wall::read("split_at", text, &entry.zone);
    };
    let at = wall::read_over("split_at", text, &entry.zone, super::present::middle(start, stop))?;
    if start < at && at < stop {
        return Ok(at);
    }
    wall::read_end("split_at", text, &entry.zone, start)
}
