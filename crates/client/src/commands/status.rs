//! `tp status`: the timer, today's total, what waits.

use domain::duration::{format_clock, format_hm};
use serde_json::json;

use super::log;
use crate::failure::Failure;
use crate::print::{self, Output, Paint};
use crate::session::{Contact, Session, counted};
use crate::spool::{Draft, LocalTimer, TagRef, Target};

pub(crate) fn run(session: &mut Session<'_>, output: &mut Output<'_>) -> Result<(), Failure> {
    let now = session.now();
    let today = session.cache.today(now);
    let total_s = if session.is_online() {
        match log::ask(session, today, today) {
            Ok(listing) => Some(listing.total_s),
            Err(Failure::Offline(_)) => {
                session.contact = Contact::Offline("the last question had no answer".to_owned());
                None
            }
            Err(failure) => return Err(failure),
        }
    } else {
        None
    };
    let timer = session.timer()?;
    let waiting = session.waiting()?;
    let undecided = waiting.iter().filter(|s| s.waiting.question.is_some()).count();
    let unreadable = session.spool.unreadable()?;
    if output.is_json {
        return output.json(&json!({
            "connected": session.is_online(),
            "timer": timer.as_ref().map(|timer| timer_json(session, timer)),
            "today": today,
            "today_s": total_s,
            "waiting": waiting.len(),
            "undecided": undecided,
            "unreadable": unreadable.len(),
        }));
    }
    match &timer {
        Some(timer) => {
            let running_s =
                timer.started_at().map_or(0, |at| (now.as_second() - at.as_second()).max(0));
            let clock = output.paint(Paint::Green, &format_clock(running_s));
            let zone = session.cache.zone();
            let since = timer.started_at().map(|at| print::clock(at, &zone));
            let since = since.map(|at| format!("since {at}")).unwrap_or_default();
            output.line(&format!("{clock}  {since}  {}", timer_words(session, timer)))?;
        }
        None => output.line("No timer is running.")?,
    }
    if let Some(total_s) = total_s {
        output.line(&format!("Today  {}", format_hm(total_s)))?;
    }
    if !waiting.is_empty() {
        let count = counted(waiting.len(), "action is waiting", "actions are waiting");
        let count = output.paint(Paint::Yellow, &count);
        let decide = if undecided > 0 {
            format!(
                "; {} your decision: see `tp spool`",
                counted(undecided, "of them needs", "of them need")
            )
        } else {
            String::new()
        };
        output.line(&format!("{count} to be sent{decide}."))?;
    }
    for path in unreadable {
        output.note(&format!("{} is not readable; it is left alone.", path.display()));
    }
    match &session.contact {
        Contact::Online => {}
        Contact::Offline(why) => {
            let zone = session.cache.zone();
            let asked = print::clock(session.cache.asked_at, &zone);
            let day = print::day(session.cache.today(session.cache.asked_at));
            output.note(&format!(
                "this is what was known on {day} at {asked}: {}.",
                crate::api::bare(why)
            ));
        }
        Contact::SignedOut => output.note(&crate::api::signed_out().to_string()),
    }
    Ok(())
}

fn timer_json(session: &Session<'_>, timer: &LocalTimer) -> serde_json::Value {
    match timer {
        LocalTimer::Known(entry) => json!({
            "id": entry.id,
            "started_at": entry.started_at,
            "note": entry.note,
            "target": session.cache.names.label(entry.project_id, entry.task_id),
            "is_waiting": false,
        }),
        LocalTimer::Waiting { id, started_at, draft, .. } => json!({
            "id": id,
            "started_at": started_at,
            "note": draft.note,
            "target": target_label(session, draft),
            "is_waiting": true,
        }),
    }
}

fn timer_words(session: &Session<'_>, timer: &LocalTimer) -> String {
    match timer {
        LocalTimer::Known(entry) => print::words(entry, &session.cache.names),
        LocalTimer::Waiting { draft, .. } => {
            format!("{}  (not sent yet)", draft_words(session, draft))
        }
    }
}

/// What an entry that was not sent says.
pub(super) fn draft_words(session: &Session<'_>, draft: &Draft) -> String {
    let tags: Vec<String> = draft
        .tags
        .iter()
        .map(|tag| match tag {
            TagRef::Known { id } => session.cache.names.tag_label(*id),
            TagRef::Named { name } => name.clone(),
        })
        .collect();
    let label = target_label(session, draft);
    let is_billable = draft.billable.unwrap_or(false);
    print::words_of(label.as_deref(), &draft.note, &tags, is_billable)
}

fn target_label(session: &Session<'_>, draft: &Draft) -> Option<String> {
    match &draft.target {
        Target::Nothing => None,
        Target::Known { project_id, task_id } => {
            session.cache.names.label(Some(*project_id), *task_id)
        }
        Target::Named { path } => Some(format!("@{}", path.join("/"))),
    }
}
