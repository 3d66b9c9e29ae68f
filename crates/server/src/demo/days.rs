//! Twelve weeks of somebody's days.

use std::ops::RangeInclusive;

use app::Error;
use domain::day::{local_day, resolve};
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

use super::{
    cast::{MEETINGS, PROJECTS, Person, TAGS},
    zone,
};

/// Weeks before today that the demo has.
pub(super) const WEEKS: i64 = 12;

/// An entry to be added.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) start: Timestamp,
    pub(super) stop: Timestamp,
    /// Counted from 1.
    pub(super) project: u32,
    /// Counted from 0 among the project's tasks.
    pub(super) task: Option<usize>,
    /// Counted from 1.
    pub(super) tag: Option<u32>,
    pub(super) note: &'static str,
}

/// A person's entries of the demo, oldest first, none of them in the future.
pub(super) fn plan(
    person: &Person,
    seed: u16,
    number: u32,
    now: Timestamp,
) -> Result<Vec<Planned>, Error> {
    plan_between(person, seed, number, now, 0..=WEEKS * 7)
}

/// A person's entries of so many days back, oldest first, none of them in the future.
pub(super) fn plan_between(
    person: &Person,
    seed: u16,
    number: u32,
    now: Timestamp,
    days_back: RangeInclusive<i64>,
) -> Result<Vec<Planned>, Error> {
    let zone = zone(person)?;
    let today = local_day(now, &zone);
    let mut planned = Vec::new();
    for back in days_back.rev() {
        let day = today.checked_sub(back.days()).map_err(|_| Error::bug("an early day"))?;
        // The same day back from today is the same work, whatever today is.
        let mut random = Rng::with_seed(
            u64::from(seed) << 40 | u64::from(number) << 20 | u64::try_from(back).unwrap_or(0),
        );
        if is_working(day, &mut random) {
            plan_day(person, &zone, day, &mut random, &mut planned)?;
        }
    }
    // The last hour is left free for what runs now.
    let latest = now.checked_sub(SignedDuration::from_hours(1));
    let latest = latest.map_err(|_| Error::bug("an early clock"))?;
    planned.retain(|entry| entry.stop <= latest);
    Ok(planned)
}

/// Monday to Friday with a day off now and then; a weekend day now and then.
fn is_working(day: Date, random: &mut Rng) -> bool {
    let is_weekend = day.weekday().to_monday_zero_offset() >= 5;
    random.u32(0..100) < if is_weekend { 6 } else { 95 }
}

fn plan_day(
    person: &Person,
    zone: &domain::day::Zone,
    day: Date,
    random: &mut Rng,
    planned: &mut Vec<Planned>,
) -> Result<(), Error> {
    let begin = day.at(8, 30, 0, 0);
    let begin = resolve(begin, zone).map_err(|_| Error::bug("an early day"))?;
    let mut at = plus(begin, random.i64(0..=45) * 60)?;
    let mut left_s = person.hours * 3_600 + random.i64(-40..=50) * 60;
    let mut has_eaten = false;
    let mut is_first = true;
    while left_s > 600 {
        let is_meeting = is_first || random.u32(0..100) < 9;
        let entry = if is_meeting {
            meeting(at, is_first, random)?
        } else {
            work(person, at, left_s, random)?
        };
        left_s -= entry.stop.as_second() - entry.start.as_second();
        at = plus(entry.stop, random.i64(0..=4) * 120)?;
        if !has_eaten && at.as_second() - begin.as_second() > 4 * 3_600 {
            has_eaten = true;
            at = plus(at, random.i64(30..=60) * 60)?;
        }
        planned.push(entry);
        is_first = false;
    }
    Ok(())
}

fn meeting(at: Timestamp, is_first: bool, random: &mut Rng) -> Result<Planned, Error> {
    let minutes = if is_first { 15 } else { random.i64(2..=4) * 15 };
    let notes = notes_of(MEETINGS);
    let nth = if is_first { 0 } else { random.usize(1..notes.len()) };
    Ok(Planned {
        start: at,
        stop: plus(at, minutes * 60)?,
        project: MEETINGS,
        task: None,
        tag: Some(1),
        note: notes.get(nth).copied().unwrap_or_default(),
    })
}

fn work(person: &Person, at: Timestamp, left_s: i64, random: &mut Rng) -> Result<Planned, Error> {
    let nth = random.usize(0..person.projects.len());
    let project = person.projects.get(nth).copied().unwrap_or(MEETINGS);
    let notes = notes_of(project);
    let seconds = (random.i64(25..=105) * 60 + random.i64(0..60)).min(left_s);
    let tags = u32::try_from(TAGS.len()).unwrap_or(1);
    Ok(Planned {
        start: at,
        stop: plus(at, seconds)?,
        project,
        task: (random.u32(0..100) < 60).then(|| random.usize(0..3)),
        tag: (random.u32(0..100) < 30).then(|| random.u32(2..=tags)),
        note: random.choice(notes.iter()).copied().unwrap_or_default(),
    })
}

fn notes_of(project: u32) -> &'static [&'static str] {
    let nth = usize::try_from(project).unwrap_or(1).saturating_sub(1);
    PROJECTS.get(nth).map_or(&[], |project| project.notes)
}

fn plus(at: Timestamp, seconds: i64) -> Result<Timestamp, Error> {
    at.checked_add(SignedDuration::from_secs(seconds)).map_err(|_| Error::bug("a late clock"))
}
