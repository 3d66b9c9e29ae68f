//! `tp stop`: the timer, wherever it was started.

use jiff::{SignedDuration, Timestamp};

use super::find::shown;
use super::tell;
use crate::arguments::Stop;
use crate::failure::Failure;
use crate::print::{self, Output};
use crate::session::{Session, Submitted};
use crate::spool::{Act, LocalTimer, Spooled};

/// Longer than that no timer is stopped without a word about when.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

pub(crate) fn run(
    session: &mut Session<'_>,
    wanted: &Stop,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let wall = session.wall();
    let stopped_at = match &wanted.at {
        Some(at) => wall.past(at)?,
        None => session.now_s(),
    };
    let timer = match session.timer()? {
        Some(timer) => Some(timer),
        None => undecided_start(session, wanted.at.is_none().then_some(stopped_at))?,
    };
    if let Some(started_at) = timer.as_ref().and_then(LocalTimer::started_at)
        && stopped_at < started_at
    {
        let since = print::clock(started_at, &wall.zone);
        return Err(Failure::usage(format!("The timer began after that, at {since}.")));
    }
    let submitted = match timer {
        Some(LocalTimer::Waiting { name, id, .. }) => finish_here(session, &name, id, stopped_at)?,
        Some(LocalTimer::Known(entry)) => stop_entry(session, Some(entry.id), stopped_at)?,
        None if session.is_online() => {
            return Err(Failure::refused("timer.not_running", "No timer is running."));
        }
        // It may have been started elsewhere: found out when there is a connection.
        None => stop_entry(session, None, stopped_at)?,
    };
    tell(session, "stopped", &submitted, output)
}

/// A start that waits for a decision: the only timer there is here.
///
/// Errors: it is to end `now`, and is older than a day: most likely that is not when it ended.
fn undecided_start(
    session: &Session<'_>,
    now: Option<Timestamp>,
) -> Result<Option<LocalTimer>, Failure> {
    let all = session.waiting()?;
    let start = all.into_iter().rev().find_map(|Spooled { name, waiting }| {
        let started_at = waiting.unsent_start()?;
        let Act::Entry(draft) = waiting.act else {
            return None;
        };
        Some((name, waiting.id, started_at, draft))
    });
    let Some((name, id, started_at, draft)) = start else {
        return Ok(None);
    };
    if now.is_some_and(|now| now.duration_since(started_at) > A_DAY) {
        let short = shown(id, &session.spool.list()?);
        let zone = session.cache.zone();
        let day = print::day(domain::day::local_day(started_at, &zone));
        let clock = print::clock(started_at, &zone);
        return Err(Failure::refused(
            "decision_needed",
            format!(
                "No timer is running. A start of {day} at {clock} waits for a decision: say when it \
                 ended with `tp spool resolve {short} --until TIME`."
            ),
        ));
    }
    Ok(Some(LocalTimer::Waiting { name, id, started_at, draft }))
}

/// Makes one finished entry of a start that was never sent. When it may have been sent, the stop
/// follows it as an act of its own.
fn finish_here(
    session: &mut Session<'_>,
    name: &str,
    id: uuid::Uuid,
    stopped_at: Timestamp,
) -> Result<Submitted, Failure> {
    let mut is_finished = false;
    let finished = session.spool.change(name, |waiting| {
        is_finished = waiting.finish(stopped_at);
        is_finished
    })?;
    match finished {
        Some(finished) if is_finished => session.settle(&finished, None),
        _ => stop_entry(session, Some(id), stopped_at),
    }
}

fn stop_entry(
    session: &mut Session<'_>,
    entry_id: Option<uuid::Uuid>,
    stopped_at: Timestamp,
) -> Result<Submitted, Failure> {
    let act = Act::Stop { entry_id, stopped_at, by_start: false };
    let id = session.machine.new_id();
    session.submit(id, act, "tp stop")
}
