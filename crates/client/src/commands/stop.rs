//! `tp stop`: the timer, wherever it was started.

use jiff::Timestamp;

use super::tell;
use crate::arguments::Stop;
use crate::failure::Failure;
use crate::print::Output;
use crate::session::{Session, Submitted};
use crate::spool::{Act, LocalTimer, Spooled};

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
        None => undecided_start(session)?,
    };
    if let Some(started_at) = timer.as_ref().and_then(LocalTimer::started_at)
        && stopped_at < started_at
    {
        let since = crate::print::clock(started_at, &wall.zone);
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
fn undecided_start(session: &Session<'_>) -> Result<Option<LocalTimer>, Failure> {
    let all = session.waiting()?;
    let start = all.into_iter().rev().find_map(|Spooled { name, waiting }| {
        let started_at = waiting.unsent_start()?;
        let Act::Entry(draft) = waiting.act else {
            return None;
        };
        Some(LocalTimer::Waiting { name, id: waiting.id, started_at, draft })
    });
    Ok(start)
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
    session.spool.change(name, |waiting| {
        is_finished = waiting.finish(stopped_at);
        is_finished
    })?;
    if !is_finished {
        return stop_entry(session, Some(id), stopped_at);
    }
    if !session.is_online() {
        return Ok(Submitted::Kept { id, why: "there is no connection".to_owned() });
    }
    let report = session.send(None)?;
    let done = report.done.into_iter().find(|(done, _)| *done == id);
    Ok(match done {
        Some((_, entry)) => Submitted::Done(entry.map(Box::new)),
        None => Submitted::Kept {
            id,
            why: report
                .postponed
                .or(report.stuck)
                .unwrap_or_else(|| "it needs a decision: see `tp spool`".to_owned()),
        },
    })
}

fn stop_entry(
    session: &mut Session<'_>,
    entry_id: Option<uuid::Uuid>,
    stopped_at: Timestamp,
) -> Result<Submitted, Failure> {
    let act = Act::Stop { entry_id, stopped_at };
    let id = session.machine.new_id();
    session.submit(id, act, "tp stop")
}
