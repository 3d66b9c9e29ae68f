//! `tp sync`: sends what waits. Making contact has sent it already; this says what is left.

use serde_json::json;

use crate::failure::Failure;
use crate::print::Output;
use crate::session::{Session, counted};

pub(crate) fn run(session: &mut Session<'_>, output: &mut Output<'_>) -> Result<(), Failure> {
    if session.is_online() {
        let now = session.machine.now();
        if session.cache.ask_names(&session.api, now).is_ok() {
            session.save();
        }
        let report = session.send(None)?;
        if !report.done.is_empty() || report.asked > 0 {
            session.tell(&report, output)?;
        }
        if let Some(why) = report.stuck {
            output.note(&format!("the server stumbles over an entry, which is kept: {why}"));
        }
    }
    let waiting = session.waiting()?;
    let undecided = waiting.iter().filter(|s| s.waiting.question.is_some()).count();
    if output.is_json {
        output.json(&json!({ "waiting": waiting.len(), "undecided": undecided }))?;
    } else if waiting.is_empty() {
        output.line("Nothing waits: all is sent.")?;
    } else {
        let count = counted(waiting.len(), "action is waiting", "actions are waiting");
        output.line(&format!("{count} to be sent."))?;
    }
    if waiting.len() > undecided {
        session.require_online()?;
        return Err(Failure::refused("waiting", "Not everything could be sent."));
    }
    if undecided > 0 {
        let what = counted(undecided, "action needs", "actions need");
        let what = format!("{what} your decision: see `tp spool`.");
        return Err(Failure::refused("undecided", what));
    }
    Ok(())
}
