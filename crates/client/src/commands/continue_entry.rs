//! `tp continue [ID]`: the timer again, with what an entry says.

use super::{find, tell};
use crate::arguments::Continue;
use crate::failure::Failure;
use crate::print::Output;
use crate::session::Session;
use crate::spool::{Act, Draft, LocalTimer, Span, Spooled, TagRef, Target};

pub(crate) fn run(
    session: &mut Session<'_>,
    wanted: &Continue,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let wall = session.wall();
    let started_at = match &wanted.at {
        Some(at) => wall.past(at)?,
        None => session.now_s(),
    };
    let timer = session.timer()?;
    let span = Span::Running { started_at, replaces: timer.as_ref().map(LocalTimer::id) };
    let draft = match &wanted.id {
        Some(typed) => match find::find(session, typed)? {
            find::Place::Spool(spooled) => again(&spooled, span)?,
            find::Place::Server(entry) => of(&entry, span),
        },
        None if timer.is_some() => {
            return Err(Failure::refused(
                "timer.already_running",
                "The timer is running. Name an entry to continue that one instead.",
            ));
        }
        None => last(session, span)?,
    };
    let id = session.machine.new_id();
    let submitted = session.submit(id, Act::Entry(draft), "tp continue")?;
    tell(session, "started", &submitted, output)
}

/// What the last entry says: of what waits here, else the server's newest.
fn last(session: &mut Session<'_>, span: Span) -> Result<Draft, Failure> {
    let waiting = session.waiting()?;
    let here = waiting.iter().rev().find(|spooled| matches!(spooled.waiting.act, Act::Entry(_)));
    if let Some(spooled) = here {
        return again(spooled, span);
    }
    find::refresh_recent(session)?;
    // One that runs by what was last told has been stopped here: there is no timer.
    match session.cache.recent.first() {
        Some(entry) => Ok(of(entry, span)),
        None => Err(Failure::refused("not_found", "There is no entry to continue.")),
    }
}

fn again(spooled: &Spooled, span: Span) -> Result<Draft, Failure> {
    match &spooled.waiting.act {
        Act::Entry(draft) => Ok(Draft { span, ..draft.clone() }),
        Act::Stop { .. } => Err(Failure::usage("This is a stop, not an entry.")),
    }
}

fn of(entry: &wire::time_entry::TimeEntry, span: Span) -> Draft {
    let target = match entry.project_id {
        Some(project_id) => Target::Known { project_id, task_id: entry.task_id },
        None => Target::Nothing,
    };
    Draft {
        note: entry.note.clone(),
        target,
        tags: entry.tag_ids.iter().map(|id| TagRef::Known { id: *id }).collect(),
        create_tags: false,
        billable: Some(entry.billable),
        span,
    }
}
