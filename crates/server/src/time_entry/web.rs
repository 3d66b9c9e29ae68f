//! Pages of an entry: add by hand, edit, split, delete, restore, history, trash.

use app::{
    Error,
    time_entry::{
        AddTimeEntry, Booking, ChangeTimeEntry, NewSpan, add_time_entry, change_time_entry,
        delete_time_entry, duplicate_time_entry, get_time_entry, list_trash, restore_time_entry,
        split_time_entry, time_entry_history,
    },
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::{
    day::Zone,
    duration::{format_hm, parse_duration},
    ids::{ProjectId, TagId, TaskId, TimeEntryId},
};
use jiff::{Timestamp, ToSpan};

use super::{
    present::{form_of, new_form, refuse},
    view::{
        EditEntryPage, EntryForm, HistoryChange, HistoryEvent, HistoryPage, TrashPage, TrashedEntry,
    },
};
use crate::{
    error::Failure,
    page::Place,
    state::Server,
    timer::web::home,
    wall,
    web::{
        Flash, Frame, PageError, PageResult, SignedIn, Typed, chip, page_with, redirect, rfc3339,
    },
};

/// Routes of an entry's pages.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/entries", post(add))
        .route("/w/{workspace}/entries/{id}", get(edit).post(save))
        .route("/w/{workspace}/entries/{id}/edit", get(edit))
        .route("/w/{workspace}/entries/{id}/duplicate", post(duplicate))
        .route("/w/{workspace}/entries/{id}/split", post(split))
        .route("/w/{workspace}/entries/{id}/continue", post(continue_entry))
        .route("/w/{workspace}/entries/{id}/delete", post(delete))
        .route("/w/{workspace}/entries/{id}/restore", post(restore))
        .route("/w/{workspace}/entries/{id}/history", get(history))
        .route("/w/{workspace}/trash", get(trash))
}

type OfEntry = Path<(String, String)>;

fn entry_id(member: &SignedIn, text: &str) -> Result<TimeEntryId, PageError> {
    text.parse().map_err(|_| member.fail(Failure::not_found()))
}

async fn add(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let typed = form.clone();
    let added = server
        .app
        .write(member.actor, member.workspace, move |op| {
            let command = AddTimeEntry {
                id: None,
                member: None,
                booking: booking(&typed)?,
                note: app::input::note("note", typed.get("note"))?,
                billable: Some(typed.is_ticked("billable")),
                span: new_span(op, &typed)?,
                body: None,
            };
            add_time_entry(op, command)
        })
        .await;
    let wrong = match added {
        Ok(_) => return Ok(home(&member, None)),
        Err(error) => wrong_fields(&member, error)?,
    };
    let fresh = read_form(&server, &member, None).await?;
    show_form(&server, &member, fresh, Some((&form, &wrong))).await
}

/// From the day with two times, or a duration. A time before the first is on the next day.
fn new_span(op: &app::Op, form: &Typed) -> Result<NewSpan, Error> {
    let day = wall::read_day("day", form.get("day"))?;
    let zone = &op.me().zone;
    match (form.some("start"), form.some("stop"), form.some("duration")) {
        (Some(start), Some(stop), None) => {
            let start = wall::read_time("started_at", start)?;
            let stop = wall::read_time("stopped_at", stop)?;
            let next = day.checked_add(1.day()).map_err(|_| {
                Error::invalid("day", "out_of_range", "Choose a day from 1970 to 2200.")
            })?;
            let last = if stop < start { next } else { day };
            let at = |field, day: jiff::civil::Date, time| {
                wall::read(field, &day.to_datetime(time).to_string(), zone)
            };
            Ok(NewSpan::Range {
                start: at("started_at", day, start)?,
                stop: at("stopped_at", last, stop)?,
            })
        }
        (None, None, Some(duration)) => {
            Ok(NewSpan::Duration { day, seconds: read_duration(op, duration)? })
        }
        _ => Err(Error::invalid(
            "duration_s",
            "needs_span",
            "Give from and until, or how long it took.",
        )),
    }
}

fn read_duration(op: &app::Op, text: &str) -> Result<i64, Error> {
    parse_duration(text, op.settings().bare_number).map_err(|_| {
        Error::invalid("duration_s", "not_readable", "Write a duration, such as 1:30, 1.5 or 90m.")
    })
}

fn booking(form: &Typed) -> Result<Booking, Error> {
    Ok(Booking {
        project: id::<ProjectId>("project_id", form.some("project"))?,
        task: id::<TaskId>("task_id", form.some("task"))?,
        tags: form
            .all("tag")
            .map(|tag| {
                tag.parse::<TagId>()
                    .map_err(|_| Error::invalid("tag_ids", "not_found", "There is no such tag."))
            })
            .collect::<Result<_, _>>()?,
    })
}

fn id<I: std::str::FromStr>(field: &'static str, text: Option<&str>) -> Result<Option<I>, Error> {
    let read = text.map(str::parse).transpose();
    read.map_err(|_| Error::invalid(field, "not_found", "There is no such thing to choose."))
}

/// What was wrong, for the form; anything that no field can say is an error page.
fn wrong_fields(member: &SignedIn, error: Error) -> Result<Wrong, PageError> {
    match error {
        Error::Invalid(fields) => Ok(Wrong { fields: fields.0, sentence: String::new() }),
        Error::Refused(refusal) => Ok(Wrong { fields: Vec::new(), sentence: refusal.sentence() }),
        Error::Stale(_) => Ok(Wrong {
            fields: Vec::new(),
            sentence: "Somebody changed this entry meanwhile. What you typed is below; what is \
                       stored now is in its history. Save again to overwrite it."
                .to_owned(),
        }),
        other => Err(member.fail(other)),
    }
}

struct Wrong {
    fields: Vec<app::FieldError>,
    sentence: String,
}

/// The frame and the form of an entry, or of a new one.
async fn read_form(
    server: &Server,
    member: &SignedIn,
    id: Option<TimeEntryId>,
) -> Result<(Frame, EntryForm, String), PageError> {
    server
        .app
        .read(member.actor, member.workspace, move |op| {
            let frame = Frame::read(op)?;
            let names = op.names()?;
            let Some(id) = id else {
                return Ok((frame, new_form(op, &names, EntryForm::default()), String::new()));
            };
            let entry = get_time_entry(op, id)?;
            let whose = names
                .members
                .get(&entry.member)
                .filter(|whose| whose.id != op.me().member)
                .map(|whose| whose.name.clone());
            Ok((frame, form_of(op, &entry)?, whose.unwrap_or_default()))
        })
        .await
        .map_err(|error| member.fail(error))
}

async fn show_form(
    server: &Server,
    member: &SignedIn,
    (frame, form, whose): (Frame, EntryForm, String),
    refused: Option<(&Typed, &Wrong)>,
) -> PageResult {
    let (status, form) = match refused {
        None => (StatusCode::OK, form),
        Some((typed, wrong)) => {
            let mut form = refuse(form, typed, &wrong.fields);
            form.error.clone_from(&wrong.sentence);
            (StatusCode::UNPROCESSABLE_ENTITY, form)
        }
    };
    let heading = if form.id.is_empty() { "Add time" } else { "Edit entry" };
    let layout = frame.layout(server, member, Place::Today, "entry", heading).await;
    let layout = layout.map_err(|error| member.fail(error))?;
    let page = EditEntryPage { layout, heading: heading.to_owned(), whose, form };
    Ok(page_with(status, &page))
}

async fn edit(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
) -> PageResult {
    let id = entry_id(&member, &id)?;
    let form = read_form(&server, &member, Some(id)).await?;
    show_form(&server, &member, form, None).await
}

async fn save(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    form: Typed,
) -> PageResult {
    let id = entry_id(&member, &id)?;
    let typed = form.clone();
    let saved = server
        .app
        .write(member.actor, member.workspace, move |op| {
            let zone = get_time_entry(op, id)?.zone;
            let change = read_change(op, &typed, &zone)?;
            change_time_entry(op, id, change)
        })
        .await;
    let wrong = match saved {
        Ok(_) => return Ok(home(&member, Some(Flash::Saved))),
        Err(error) => wrong_fields(&member, error)?,
    };
    let fresh = read_form(&server, &member, Some(id)).await?;
    show_form(&server, &member, fresh, Some((&form, &wrong))).await
}

fn read_change(op: &app::Op, form: &Typed, zone: &Zone) -> Result<ChangeTimeEntry, Error> {
    let booking = booking(form)?;
    let instant = |field: &'static str| -> Result<Option<Timestamp>, Error> {
        form.some(field).map(|text| wall::read(field, text, zone)).transpose()
    };
    let duration = form.some("duration").map(|text| read_duration(op, text)).transpose()?;
    let day = form.some("day").map(|text| wall::read_day("day", text)).transpose()?;
    Ok(ChangeTimeEntry {
        project: Some(booking.project),
        // A task of another project goes with it.
        task: Some(booking.task.filter(|_| booking.project.is_some())),
        tags: Some(booking.tags),
        note: Some(app::input::note("note", form.get("note"))?),
        billable: Some(form.is_ticked("billable")),
        started_at: instant("started_at")?,
        stopped_at: instant("stopped_at")?,
        day,
        duration_s: duration,
        expected_version: form.some("version").and_then(|version| version.parse().ok()),
    })
}

async fn duplicate(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    _form: Typed,
) -> PageResult {
    let id = entry_id(&member, &id)?;
    server
        .app
        .write(member.actor, member.workspace, move |op| duplicate_time_entry(op, id, None, None))
        .await
        .map_err(|error| member.fail(error))?;
    Ok(home(&member, None))
}

async fn split(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    form: Typed,
) -> PageResult {
    let id = entry_id(&member, &id)?;
    let typed = form.clone();
    let done = server
        .app
        .write(member.actor, member.workspace, move |op| {
            let zone = get_time_entry(op, id)?.zone;
            let at = wall::read("split_at", typed.get("split_at"), &zone)?;
            split_time_entry(op, id, at, None, None)
        })
        .await;
    let wrong = match done {
        Ok(_) => return Ok(home(&member, None)),
        Err(Error::Refused(refusal)) => Wrong {
            fields: vec![app::FieldError {
                field: "split_at",
                code: "refused",
                message: refusal.sentence(),
            }],
            sentence: String::new(),
        },
        Err(error) => wrong_fields(&member, error)?,
    };
    let fresh = read_form(&server, &member, Some(id)).await?;
    show_form(&server, &member, fresh, Some((&form, &wrong))).await
}

async fn continue_entry(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    _form: Typed,
) -> PageResult {
    let id = entry_id(&member, &id)?;
    server
        .app
        .write(member.actor, member.workspace, move |op| {
            app::timer::continue_time_entry(op, id, None, None)
        })
        .await
        .map_err(|error| member.fail(error))?;
    Ok(home(&member, None))
}

async fn delete(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    _form: Typed,
) -> PageResult {
    let id = entry_id(&member, &id)?;
    server
        .app
        .write(member.actor, member.workspace, move |op| delete_time_entry(op, id, None))
        .await
        .map_err(|error| member.fail(error))?;
    Ok(home(&member, Some(Flash::EntryDeleted(id.uuid()))))
}

async fn restore(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    form: Typed,
) -> PageResult {
    let id = entry_id(&member, &id)?;
    server
        .app
        .write(member.actor, member.workspace, move |op| restore_time_entry(op, id))
        .await
        .map_err(|error| member.fail(error))?;
    let to = if form.get("from") == "trash" { "trash" } else { "today" };
    let to = format!("{}/{to}", member.root());
    Ok(redirect(&to, Some(Flash::Restored)))
}

async fn history(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
) -> PageResult {
    let id = entry_id(&member, &id)?;
    let (frame, page) = server
        .app
        .read(member.actor, member.workspace, move |op| {
            let events = time_entry_history(op, id)?;
            let entry = get_time_entry(op, id);
            let is_deleted = matches!(entry, Err(Error::NotFound));
            let about = match &entry {
                Ok(entry) if !entry.note.is_empty() => entry.note.clone(),
                Ok(_) => "An entry without a note".to_owned(),
                Err(Error::NotFound) => "An entry in the trash".to_owned(),
                Err(_) => return Err(Error::NotFound),
            };
            let events = events.into_iter().map(|event| history_row(op, event)).collect();
            let page = HistoryPage {
                id: id.to_string(),
                about,
                is_deleted,
                events,
                ..HistoryPage::default()
            };
            Ok((Frame::read(op)?, page))
        })
        .await
        .map_err(|error| member.fail(error))?;
    let layout = frame.layout(&server, &member, Place::Today, "history", "History").await;
    let layout = layout.map_err(|error| member.fail(error))?;
    Ok(page_with(StatusCode::OK, &HistoryPage { layout, ..page }))
}

fn history_row(op: &app::Op, event: app::time_entry::HistoryEvent) -> HistoryEvent {
    let me = op.me();
    let local = wall::local(&me.zone, event.at);
    let day = me.locale.format_day_short(local.date());
    let time = wall::time(me, &me.zone, event.at);
    HistoryEvent {
        actor: event.actor,
        what: what(event.kind.as_str()).to_owned(),
        at: format!("{day} {}, {time}", local.date().year()),
        instant: rfc3339(event.at),
        changes: event
            .changes
            .into_iter()
            .map(|change| HistoryChange {
                field: field_name(&change.field).to_owned(),
                before: change.before.unwrap_or_default(),
                after: change.after.unwrap_or_default(),
            })
            .collect(),
    }
}

fn what(kind: &str) -> &'static str {
    match kind {
        "timer.started" => "started the timer",
        "timer.stopped" => "stopped the timer",
        "timer.discarded" => "discarded the timer",
        "time_entry.added" => "added it",
        "time_entry.changed" => "changed it",
        "time_entry.split" => "split it",
        "time_entry.deleted" => "deleted it",
        "time_entry.restored" => "restored it",
        _ => "did something",
    }
}

fn field_name(field: &str) -> &str {
    match field {
        "member" => "Member",
        "project" => "Project",
        "task" => "Task",
        "billable" => "Billable",
        "started_at" => "Start",
        "stopped_at" => "End",
        "duration_s" => "Duration",
        "day" => "Day",
        "zone" => "Time zone",
        "tags" => "Tags",
        "note" => "Note",
        "deleted" => "Deleted",
        other => other,
    }
}

async fn trash(State(server): State<Server>, member: SignedIn) -> Result<Response, PageError> {
    let (frame, rows) = server
        .app
        .read(member.actor, member.workspace, |op| {
            let entries = list_trash(op)?;
            let names = op.names()?;
            let me = op.me();
            let rows: Vec<TrashedEntry> = entries
                .iter()
                .map(|entry| TrashedEntry {
                    id: entry.id.to_string(),
                    note: entry.note.clone(),
                    project: chip(&names, entry),
                    when: me.locale.format_day_short(entry.first_day),
                    duration: format_hm(entry.seconds(op.now())),
                    remark: entry.deleted_at.map(|at| until(me, at)).unwrap_or_default(),
                })
                .collect();
            Ok((Frame::read(op)?, rows))
        })
        .await
        .map_err(|error| member.fail(error))?;
    let layout = frame.layout(&server, &member, Place::Trash, "trash", "Trash").await;
    let layout = layout.map_err(|error| member.fail(error))?;
    Ok(page_with(StatusCode::OK, &TrashPage { layout, entries: rows }))
}

/// The day on which it leaves the trash for good.
fn until(me: &app::Me, deleted_at: Timestamp) -> String {
    let day = wall::local(&me.zone, deleted_at).date();
    let last = day.checked_add(30.days());
    last.map(|day| format!("Goes for good on {}", me.locale.format_day_short(day)))
        .unwrap_or_default()
}
