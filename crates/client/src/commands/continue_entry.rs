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

/// What the last entry says: what was typed here last, or of the server's newest the one made last,
/// whichever was made later. What waits for a decision has not happened.
fn last(session: &mut Session<'_>, span: Span) -> Result<Draft, Failure> {
    find::refresh_recent(session)?;
    let waiting = session.waiting()?;
    let entries = waiting.iter().filter(|spooled| {
        spooled.waiting.question.is_none() && matches!(spooled.waiting.act, Act::Entry(_))
    });
    let here = entries.max_by_key(|spooled| spooled.waiting.made_at);
    // They are listed by when they are, and one may be of a day to come. One that runs by what was last
    // told has been stopped here: there is no timer.
    let there = session.cache.recent.iter().max_by_key(|entry| entry.created_at);
    match (here, there) {
        (Some(here), Some(there)) if there.created_at > here.waiting.made_at => Ok(of(there, span)),
        (Some(here), _) => again(here, span),
        (None, Some(there)) => Ok(of(there, span)),
        (None, None) => Err(Failure::refused("not_found", "There is no entry to continue.")),
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
        create_project: false,
        billable: Some(entry.billable),
        span,
    }
}
