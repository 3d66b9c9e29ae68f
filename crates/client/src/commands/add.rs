//! `tp add LINE`: an entry from one line.

use std::io::BufRead;

use super::{draft, tell};
use crate::arguments::Add;
use crate::failure::Failure;
use crate::line::{When, read_line};
use crate::print::Output;
use crate::session::Session;
use crate::spool::{Act, Span};

pub(crate) fn run(
    session: &mut Session<'_>,
    wanted: &Add,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let text = if wanted.line.is_empty() { read_one_line()? } else { wanted.line.join(" ") };
    let line = read_line(&text, &session.wall(), session.cache.bare_number())?;
    let span = match line.when {
        When::Duration { day, duration_s } => Span::Duration { day, duration_s },
        When::Range { started_at, stopped_at } => Span::Range { started_at, stopped_at },
        When::Since { started_at } => {
            return super::start::start(session, &line, started_at, wanted.may_make, &text, output);
        }
        When::Unsaid { .. } => {
            return Err(Failure::usage(
                "Say how long it took, as 1:30, 90m or 9:00-10:30; or `tp start` the timer.",
            ));
        }
    };
    let draft = draft(session, &line, span, wanted.may_make)?;
    let id = session.machine.new_id();
    let submitted = session.submit(id, Act::Entry(draft), &text)?;
    tell(session, "added", &submitted, output)
}

/// One line of the standard input, where no shell takes `#` and `$` away.
fn read_one_line() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut text)
        .map_err(|error| Failure::usage(format!("The standard input cannot be read: {error}.")))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}
