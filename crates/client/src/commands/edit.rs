//! `tp edit ID`: changes an entry. Needs a connection, unless the entry has not been sent yet.

use domain::duration::parse_duration;
use domain::text::Note;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use wire::time_entry::{ChangeTimeEntry, TimeEntry};

use super::{find, look_again, tell_entry, typed_target};
use crate::api::CallError;
use crate::arguments::Edit;
use crate::failure::Failure;
use crate::moment::Wall;
use crate::print::Output;
use crate::session::Session;
use crate::spool::{Act, Draft, Span, Spooled, TagRef, Target};

pub(crate) fn run(
    session: &mut Session<'_>,
    wanted: &Edit,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if !has_change(wanted) {
        return Err(Failure::usage("Say what to change: see `tp edit --help`."));
    }
    match find::find(session, &wanted.id)? {
        find::Place::Spool(spooled) => edit_here(session, wanted, &spooled, output),
        find::Place::Server(entry) => edit_there(session, wanted, &entry, output),
    }
}

fn has_change(wanted: &Edit) -> bool {
    wanted.note.is_some()
        || wanted.project.is_some()
        || !wanted.tags.is_empty()
        || wanted.start.is_some()
        || wanted.stop.is_some()
        || wanted.duration.is_some()
        || wanted.day.is_some()
        || wanted.billable
        || wanted.not_billable
}

/// Changes an entry of the server's, at the version that was read.
fn edit_there(
    session: &mut Session<'_>,
    wanted: &Edit,
    entry: &TimeEntry,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    session.require_online()?;
    let wall = Wall {
        now: session.now(),
        zone: domain::day::Zone::parse(&entry.zone).unwrap_or_else(|_| session.cache.zone()),
    };
    let moment = |typed: &Option<String>| -> Result<Option<Timestamp>, Failure> {
        typed.as_ref().map(|at| wall.moment(at, entry.day)).transpose()
    };
    let mut change = ChangeTimeEntry {
        note: wanted.note.as_deref().map(note).transpose()?,
        billable: billable(wanted),
        started_at: moment(&wanted.start)?,
        stopped_at: moment(&wanted.stop)?,
        day: wanted.day.as_ref().map(|day| wall.day(day)).transpose()?,
        duration_s: duration(session, wanted)?,
        ..ChangeTimeEntry::default()
    };
    if let Some(project) = &wanted.project {
        (change.project_id, change.task_id) = match typed_target(session, project)? {
            Target::Known { project_id, task_id } => (Some(Some(project_id)), Some(task_id)),
            _ => (Some(None), Some(None)),
        };
    }
    if !wanted.tags.is_empty() {
        let tags = tags(session, wanted);
        let known = tags.into_iter().map(|tag| match tag {
            TagRef::Known { id } => Ok(id),
            TagRef::Named { name } => {
                Err(Failure::refused("unknown_tag", format!("There is no tag #{name} yet.")))
            }
        });
        change.tag_ids = Some(known.collect::<Result<Vec<Uuid>, Failure>>()?);
    }
    let workspace = session.workspace();
    let changed = session
        .api
        .change_time_entry(workspace, entry.id, &change, entry.version)
        .map_err(|error| match error {
            CallError::Refused(problem) if problem.status == 412 => Failure::refused(
                &problem.code,
                "Somebody has changed this entry in this moment. Look at it and try again.",
            ),
            CallError::Later {
                is_maybe_done: true,
                why,
            } => Failure::Offline(format!(
                "No answer ({why}), so the change may be made or not. The same command again makes sure."
            )),
            error => error.into_failure(),
        })?;
    session.cache.remember(&changed);
    session.save();
    tell_entry(session, "changed", &changed, output)
}

/// Changes an entry that has not been sent.
fn edit_here(
    session: &mut Session<'_>,
    wanted: &Edit,
    spooled: &Spooled,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let Act::Entry(draft) = &spooled.waiting.act else {
        return Err(Failure::usage("This is a stop, not an entry."));
    };
    let changed = change_draft(session, wanted, draft.clone())?;
    let mut is_changed = false;
    session.spool.change(&spooled.name, |waiting| {
        is_changed = waiting.request.is_none() && waiting.act == spooled.waiting.act;
        if is_changed {
            waiting.act = Act::Entry(changed);
            waiting.question = None;
        }
        is_changed
    })?;
    if !is_changed {
        return Err(Failure::Offline(
            "This entry may have been sent already. It can be changed once the server answers."
                .to_owned(),
        ));
    }
    if session.is_online() {
        let report = session.send(None)?;
        session.tell(&report, output)?;
        let done = report.done.iter().find(|(id, _)| *id == spooled.waiting.id);
        if let Some((_, Some(entry))) = done {
            return tell_entry(session, "added", entry, output);
        }
        super::spool::note_question(session, spooled.waiting.id, output)?;
    }
    if output.is_json {
        return output.json(&serde_json::json!({ "kept": { "id": spooled.waiting.id } }));
    }
    output.line("Changed here; it still waits to be sent.")
}

fn change_draft(
    session: &mut Session<'_>,
    wanted: &Edit,
    mut draft: Draft,
) -> Result<Draft, Failure> {
    if let Some(text) = &wanted.note {
        draft.note = note(text)?;
    }
    if let Some(project) = &wanted.project {
        draft.retarget(typed_target(session, project)?);
    }
    if !wanted.tags.is_empty() {
        draft.tags = tags(session, wanted);
    }
    if let Some(billable) = billable(wanted) {
        draft.billable = Some(billable);
    }
    draft.span = change_span(session, wanted, draft.span)?;
    Ok(draft)
}

fn change_span(session: &Session<'_>, wanted: &Edit, span: Span) -> Result<Span, Failure> {
    let wall = session.wall();
    let length = duration(session, wanted)?;
    let day = wanted.day.as_ref().map(|day| wall.day(day)).transpose()?;
    let base = match span {
        Span::Running { started_at, .. } | Span::Range { started_at, .. } => {
            domain::day::local_day(started_at, &wall.zone)
        }
        Span::Duration { day, .. } => day,
    };
    let start = wanted.start.as_ref().map(|at| wall.moment(at, base)).transpose()?;
    let stop = wanted.stop.as_ref().map(|at| wall.moment(at, base)).transpose()?;
    let changed = match span {
        Span::Duration { day: before, duration_s } => match (start, stop) {
            (None, None) => Span::Duration {
                day: day.unwrap_or(before),
                duration_s: length.unwrap_or(duration_s),
            },
            (Some(started_at), Some(stopped_at)) => Span::Range { started_at, stopped_at },
            _ => return Err(Failure::usage("Give both --start and --stop.")),
        },
        _ if day.is_some() => {
            return Err(Failure::usage("Give --start and --stop with their day instead."));
        }
        Span::Running { started_at, replaces } => {
            let started_at = start.unwrap_or(started_at);
            match end(started_at, stop, length)? {
                Some(stopped_at) => Span::Range { started_at, stopped_at },
                None => Span::Running { started_at, replaces },
            }
        }
        Span::Range { started_at, stopped_at } => {
            let started_at = start.unwrap_or(started_at);
            Span::Range {
                started_at,
                stopped_at: end(started_at, stop, length)?.unwrap_or(stopped_at),
            }
        }
    };
    if let Span::Range { started_at, stopped_at } = changed
        && stopped_at < started_at
    {
        return Err(Failure::usage("The end is before the start."));
    }
    Ok(changed)
}

fn end(
    started_at: Timestamp,
    stop: Option<Timestamp>,
    length: Option<i64>,
) -> Result<Option<Timestamp>, Failure> {
    match (stop, length) {
        (Some(stop), _) => Ok(Some(stop)),
        (None, Some(seconds)) => started_at
            .checked_add(SignedDuration::from_secs(seconds))
            .map(Some)
            .map_err(|_| Failure::usage("This is too long.")),
        (None, None) => Ok(None),
    }
}

fn note(text: &str) -> Result<String, Failure> {
    Note::parse(text)
        .map(Note::into_string)
        .map_err(|error| Failure::usage(format!("The note cannot be kept: {error}.")))
}

fn billable(wanted: &Edit) -> Option<bool> {
    match (wanted.billable, wanted.not_billable) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

fn duration(session: &Session<'_>, wanted: &Edit) -> Result<Option<i64>, Failure> {
    let Some(typed) = &wanted.duration else {
        return Ok(None);
    };
    match parse_duration(typed, session.cache.bare_number()) {
        Ok(seconds) if seconds >= 0 => Ok(Some(seconds)),
        _ => {
            Err(Failure::usage(format!("\"{typed}\" is not a duration. Write 1:30, 90m or 1.5h.")))
        }
    }
}

fn tags(session: &mut Session<'_>, wanted: &Edit) -> Vec<TagRef> {
    let names = wanted.tags.iter().map(|tag| tag.trim_start_matches('#'));
    let names: Vec<&str> = names.filter(|name| !name.eq_ignore_ascii_case("none")).collect();
    look_again(session, |known| names.iter().any(|name| known.find_tag(name).is_none()));
    names
        .into_iter()
        .map(|name| match session.cache.names.find_tag(name) {
            Some(id) => TagRef::Known { id },
            None => TagRef::Named { name: name.to_owned() },
        })
        .collect()
}
