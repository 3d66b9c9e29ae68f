//! `tp spool`: what waits to be sent, and decisions about it.

use std::fs::File;

use domain::duration::format_hm;
use serde_json::json;

use super::find::{ending, ends_with, shown};
use super::{look_again, status, typed_target};
use crate::api::CallError;
use crate::arguments::{Resolve, SpoolArguments, SpoolCommand};
use crate::failure::Failure;
use crate::machine::Machine;
use crate::print::{self, Output, Paint};
use crate::session::Session;
use crate::spool::{Act, Question, Span, Spool, Spooled, TagRef, Target, Waiting};

pub(crate) fn run(
    session: &mut Session<'_>,
    wanted: &SpoolArguments,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    match &wanted.command {
        None => show(session, output),
        Some(SpoolCommand::Resolve(wanted)) => resolve(session, wanted, output),
    }
}

fn show(session: &Session<'_>, output: &mut Output<'_>) -> Result<(), Failure> {
    show_each(&session.spool, output, |waiting, all, output| lines(session, waiting, all, output))
}

/// Shows all that waits, each by its `lines`, and what of it cannot be read.
pub(super) fn show_each(
    spool: &Spool,
    output: &mut Output<'_>,
    lines: impl Fn(&Waiting, &[Spooled], &Output<'_>) -> Vec<String>,
) -> Result<(), Failure> {
    let all = spool.list()?;
    let unreadable = spool.unreadable()?;
    if output.is_json {
        let acts: Vec<&Waiting> = all.iter().map(|spooled| &spooled.waiting).collect();
        return output.json(&json!({ "waiting": acts, "unreadable": unreadable }));
    }
    if all.is_empty() {
        output.line("Nothing waits: all is sent.")?;
    }
    for Spooled { waiting, .. } in &all {
        for line in lines(waiting, &all, output) {
            output.line(&line)?;
        }
    }
    for path in unreadable {
        output.note(&format!("{} is not readable; it is left alone.", path.display()));
    }
    Ok(())
}

/// What an act does, in a line; `all` is what waits.
pub(super) fn what(session: &Session<'_>, waiting: &Waiting, all: &[Spooled]) -> String {
    let zone = session.cache.zone();
    let today = session.cache.today(session.now());
    let at = |at| {
        let day = domain::day::local_day(at, &zone);
        let clock = print::clock(at, &zone);
        if day == today { clock } else { format!("{} {clock}", print::day(day)) }
    };
    match &waiting.act {
        Act::Stop { stopped_at, entry_id, .. } => {
            let timer = entry_id.and_then(|id| timer_words(session, id, all));
            let timer = timer.map(|words| format!("  {words}")).unwrap_or_default();
            format!("stop at {}{timer}", at(*stopped_at))
        }
        Act::Entry(draft) => {
            let when = match draft.span {
                Span::Running { started_at, .. } => format!("start at {}", at(started_at)),
                Span::Range { started_at, stopped_at } => {
                    format!("{}–{}", at(started_at), at(stopped_at))
                }
                Span::Duration { day, duration_s } => {
                    format!("{}  {}", print::day(day), format_hm(duration_s))
                }
            };
            format!("{when}  {}", status::draft_words(session, draft))
        }
    }
}

/// What the timer says that a stop ends, where it is known: it waits here too, or the server told.
fn timer_words(session: &Session<'_>, id: uuid::Uuid, all: &[Spooled]) -> Option<String> {
    let start = all.iter().find(|spooled| spooled.waiting.id == id);
    if let Some(Spooled { waiting: Waiting { act: Act::Entry(draft), .. }, .. }) = start {
        return Some(status::draft_words(session, draft));
    }
    let known = session.cache.timer.iter().chain(&session.cache.recent);
    known
        .into_iter()
        .find(|entry| entry.id == id)
        .map(|entry| print::words(entry, &session.cache.names))
}

fn lines(
    session: &Session<'_>,
    waiting: &Waiting,
    all: &[Spooled],
    output: &Output<'_>,
) -> Vec<String> {
    let what = what(session, waiting, all);
    let short = shown(waiting.id, all);
    let mut lines = vec![format!("{}  {what}", output.paint(Paint::Dim, &short))];
    if waiting.account != session.account {
        let url = &waiting.account.url;
        lines.push(format!(
            "          for another account, at {url}: waits until you sign in there"
        ));
    }
    if let Some(question) = &waiting.question {
        let message = output.paint(Paint::Yellow, &print::clean(&question.message));
        lines.push(format!("          needs your decision: {message}"));
        lines.push(format!(
            "          tp spool resolve {short} {}",
            offers(waiting, &question.code).join(" | ")
        ));
    }
    lines
}

/// Which decisions make sense. What the server would not make is not offered to be made again.
fn offers(waiting: &Waiting, code: &str) -> &'static [&'static str] {
    let is_start = waiting.unsent_start().is_some();
    match code {
        _ if is_start && code.starts_with("timer.") => &["--until TIME", "--keep", "--discard"],
        "timer.stopped_elsewhere" => &["--keep", "--discard"],
        "unknown_tag" => &["--create-tags", "--without-tags", "--discard"],
        "unknown_project" if !is_to_be_made(waiting) => {
            &["--project PATH", "--create-project", "--keep", "--discard"]
        }
        "unknown_project" | "ambiguous_project" => &["--project PATH", "--keep", "--discard"],
        code if code.starts_with("project.") || code.starts_with("task.") => {
            &["--project PATH", "--keep", "--discard"]
        }
        _ => &["--keep", "--project PATH", "--discard"],
    }
}

fn is_to_be_made(waiting: &Waiting) -> bool {
    matches!(&waiting.act, Act::Entry(draft) if draft.create_project)
}

fn resolve(
    session: &mut Session<'_>,
    wanted: &Resolve,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let spooled = find(&session.spool, &wanted.id)?;
    if wanted.discard {
        return discard(session, &spooled, output);
    }
    if spooled.waiting.account != session.account {
        return Err(other_account(&spooled.waiting));
    }
    let mut decided = spooled.waiting.clone();
    decide(session, wanted, &mut decided)?;
    decided.question = None;
    let decided_act = decided.act.clone();
    let mut is_changed = false;
    session.spool.change(&spooled.name, |waiting| {
        is_changed = *waiting == spooled.waiting && waiting.request.is_none();
        if is_changed {
            *waiting = decided;
        }
        is_changed
    })?;
    if !is_changed {
        return Err(Failure::refused(
            "no_decision_needed",
            "This entry is being sent, or may have been: no decision is needed yet.",
        ));
    }
    let id = spooled.waiting.id;
    let mut why = "there is no connection".to_owned();
    if session.is_online() {
        let mut report = session.send(None)?;
        session.tell(&report, output)?;
        if let Some(place) = report.done.iter().position(|(done, _)| *done == id) {
            let (_, entry) = report.done.swap_remove(place);
            let submitted = crate::session::Submitted::Done(entry.map(Box::new));
            return super::tell(session, "sent", &submitted, output);
        }
        if let Some(question) = question_of(session, id)? {
            if decided_act != spooled.waiting.act {
                note_decided(session, id, output)?;
            }
            return Err(Failure::refused(&question.code, question.message));
        }
        why = report.why_waiting();
    }
    let submitted = crate::session::Submitted::Kept { id, why };
    super::tell(session, "decided", &submitted, output)
}

/// What the last attempt to send an act left to decide.
fn question_of(session: &Session<'_>, id: uuid::Uuid) -> Result<Option<Question>, Failure> {
    let left = session.waiting()?.into_iter().find(|spooled| spooled.waiting.id == id);
    Ok(left.and_then(|spooled| spooled.waiting.question))
}

/// Says beside what is still to be decided that this decision was taken.
fn note_decided(
    session: &Session<'_>,
    id: uuid::Uuid,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let all = session.waiting()?;
    if let Some(Spooled { waiting, .. }) = all.iter().find(|spooled| spooled.waiting.id == id) {
        let what = what(session, waiting, &all);
        output.note(&format!("decided: {what}. It needs one more decision."));
    }
    Ok(())
}

/// Says beside the answer what an act still needs.
pub(super) fn note_question(
    session: &Session<'_>,
    id: uuid::Uuid,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if let Some(question) = question_of(session, id)? {
        output.note(&print::clean(&question.message));
    }
    Ok(())
}

fn decide(
    session: &mut Session<'_>,
    wanted: &Resolve,
    decided: &mut Waiting,
) -> Result<(), Failure> {
    if wanted.keep {
        decided.is_decided = true;
        return Ok(());
    }
    if let Some(until) = &wanted.until {
        let Some(started_at) = decided.unsent_begin() else {
            return Err(Failure::usage("--until is for what has a start."));
        };
        let zone = session.cache.zone();
        let base = domain::day::local_day(started_at, &zone);
        let wall = session.wall();
        let stopped_at = wall.moment(until, base)?;
        if stopped_at > wall.now {
            return Err(Failure::usage(format!("{until} has not come yet.")));
        }
        if !decided.end_at(stopped_at) {
            return Err(Failure::usage("The end is before the start."));
        }
        return Ok(());
    }
    let Act::Entry(draft) = &mut decided.act else {
        return Err(Failure::usage("This is a stop: --keep or --discard it."));
    };
    if let Some(project) = &wanted.project {
        draft.retarget(typed_target(session, project)?);
    }
    if wanted.create_project {
        if !matches!(draft.target, Target::Named { .. }) {
            return Err(Failure::usage("This entry names no project that is not known here."));
        }
        draft.create_project = true;
    }
    if wanted.create_tags {
        draft.create_tags = true;
    }
    if wanted.without_tags {
        let named = |tag: &TagRef| match tag {
            TagRef::Known { .. } => None,
            TagRef::Named { name } => Some(name.clone()),
        };
        let named: Vec<String> = draft.tags.iter().filter_map(named).collect();
        look_again(session, |known| named.iter().any(|name| known.find_tag(name).is_none()));
        draft.tags.retain(|tag| match tag {
            TagRef::Known { .. } => true,
            TagRef::Named { name } => session.cache.names.find_tag(name).is_some(),
        });
    }
    Ok(())
}

pub(super) fn other_account(waiting: &Waiting) -> Failure {
    let url = &waiting.account.url;
    let message = format!("This is for an account at {url}: sign in there first.");
    Failure::refused("other_account", message)
}

/// The right to send, so that nobody else sends meanwhile.
pub(super) fn sending_alone(spool: &Spool, machine: &dyn Machine) -> Result<File, Failure> {
    spool.lock_sending(machine)?.ok_or_else(|| {
        let message = "Another tp is sending what waits. Try again in a moment.";
        Failure::refused("being_sent", message)
    })
}

/// Gives an act up, and with a start its stop. What may have arrived is asked for where it was sent
/// to, and nobody sends meanwhile.
fn discard(
    session: &Session<'_>,
    spooled: &Spooled,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let _lock = sending_alone(&session.spool, session.machine)?;
    let Some(waiting) = session.spool.get(&spooled.name)? else {
        return Err(Failure::refused("not_found", "It has been sent in this moment."));
    };
    let (id, what) = (waiting.id, what(session, &waiting, &session.spool.list()?));
    if waiting.request.is_some() {
        // It may have arrived: only its own server knows, and tells only its own account.
        if waiting.account != session.account {
            return Err(other_account(&waiting));
        }
        session.require_online()?;
        match session.api.time_entry(session.workspace(), id) {
            Err(CallError::Refused(problem)) if problem.code == "not_found" => {}
            Ok(_) => {
                return Err(Failure::refused(
                    "arrived",
                    "This entry has arrived at the server. Delete it there.",
                ));
            }
            Err(error) => return Err(error.into_failure()),
        }
    }
    session.spool.give_up(&spooled.name, id)?;
    tell_given_up(id, &what, output)
}

pub(super) fn tell_given_up(
    id: uuid::Uuid,
    what: &str,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if output.is_json {
        return output.json(&json!({ "discarded": id }));
    }
    output.line(&format!("Given up: {what}"))
}

/// What waits under an id, or under its last digits.
pub(super) fn find(spool: &Spool, typed: &str) -> Result<Spooled, Failure> {
    let ending = ending(typed)?;
    let all = spool.list()?;
    let mut found = all.into_iter().filter(|spooled| ends_with(spooled.waiting.id, &ending));
    match (found.next(), found.next()) {
        (Some(spooled), None) => Ok(spooled),
        (None, _) => Err(Failure::refused(
            "not_found",
            format!("Nothing that waits ends with {ending}. `tp spool` shows what does."),
        )),
        _ => Err(Failure::usage(format!("Several ids end with {ending}. Give more digits."))),
    }
}
