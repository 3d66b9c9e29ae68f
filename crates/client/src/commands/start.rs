//! `tp start [LINE…]`: the timer.

use jiff::Timestamp;

use super::{draft, tell};
use crate::arguments::{MayMake, Start};
use crate::failure::Failure;
use crate::line::{Line, When, read_line};
use crate::print::Output;
use crate::session::Session;
use crate::spool::{Act, LocalTimer, Span};

pub(crate) fn run(
    session: &mut Session<'_>,
    wanted: &Start,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let text = wanted.line.join(" ");
    let wall = session.wall();
    let line = read_line(&text, &wall, session.cache.bare_number())?;
    let at = wanted.at.as_deref().map(|at| wall.past(at)).transpose()?;
    let started_at = match (line.when, at) {
        (When::Unsaid { day: None }, at) => at.unwrap_or(session.now_s()),
        (When::Since { started_at }, None) => started_at,
        (When::Since { .. }, Some(_)) => {
            return Err(Failure::usage("The line says when it began, and so does --at."));
        }
        (When::Unsaid { day: Some(_) }, _) => {
            return Err(Failure::usage(
                "A timer runs now. Say when it began with --at \"yesterday 22:00\".",
            ));
        }
        (When::Duration { .. } | When::Range { .. }, _) => {
            return Err(Failure::usage(
                "The timer measures by itself. Use `tp add` for time that has a length, or --at 9:00.",
            ));
        }
    };
    start(session, &line, started_at, wanted.may_make, &text, output)
}

/// Starts the timer at an instant.
pub(crate) fn start(
    session: &mut Session<'_>,
    line: &Line,
    started_at: Timestamp,
    may_make: MayMake,
    text: &str,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if started_at > session.now() {
        return Err(Failure::usage("A timer cannot start in the future."));
    }
    let span =
        Span::Running { started_at, replaces: session.timer()?.as_ref().map(LocalTimer::id) };
    let draft = draft(session, line, span, may_make)?;
    let id = session.machine.new_id();
    let submitted = session.submit(id, Act::Entry(draft), text)?;
    tell(session, "started", &submitted, output)
}
