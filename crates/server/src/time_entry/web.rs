//! Pages of an entry: add by hand, edit, split, duplicate, continue, delete, restore.

use app::{
    Error, Op,
    time_entry::{
        SplitPoint, TimeEntry, add_time_entry, change_time_entry, delete_time_entry,
        duplicate_time_entry, get_time_entry, require_edit, restore_time_entry, split_time_entry,
    },
};
use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::{
    ids::{ProjectId, TagId, TaskId, TimeEntryId},
    permission::{Relation, Right},
};
use serde::Deserialize;

use super::{
    history::history,
    listing::time,
    present::{form_of, new_form, refuse},
    trash::{self, trash},
    typed,
    view::{EditEntryPage, EntryForm},
};
use crate::{
    page::{Notice, Place, Tone},
    state::Server,
    timer, wall,
    web::{
        Flash, Frame, Overtaken, PageError, PageResult, SignedIn, Typed, field_of, page_with, stale,
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
        .route("/w/{workspace}/time", get(time))
        .route("/w/{workspace}/trash", get(trash))
}

type OfEntry = Path<(String, String)>;

/// To where the form was opened: the page of time, else Today.
fn back(member: &SignedIn, form: &Typed, flash: Option<Flash>) -> Response {
    member.back(back_path(form.get("back")), flash)
}

/// Pages that lead to a form of an entry, below the workspace; anything else is Today.
fn back_path(text: &str) -> &str {
    let is_time = text == "time" || text.starts_with("time?");
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"?&=-_.%+".contains(&b));
    if is_time && is_plain { text } else { "today" }
}

async fn add(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let typed = form.clone();
    let added = member
        .try_write(&server, move |op| {
            if typed.some("member").is_none() {
                op.require(Right::TrackTime, Relation::Own)?;
            }
            let command = typed::new_entry(op, &typed)?;
            add_time_entry(op, command)
        })
        .await;
    let wrong = match added {
        Ok(_) => return Ok(back(&member, &form, None)),
        Err(Error::Forbidden) if form.some("member").is_some() => {
            let message = "You can add the time of others on projects you manage.".to_owned();
            let field = app::FieldError { field: "member_id", code: "forbidden", message };
            Wrong { fields: vec![field], sentence: String::new() }
        }
        Err(error) => wrong_fields(&member, error)?,
    };
    let fresh = read_form(&server, &member, None).await?;
    show_form(&server, &member, fresh, Some((&form, &wrong))).await
}

/// What was wrong, for the form; anything that no form can say is an error page.
fn wrong_fields(member: &SignedIn, error: Error) -> Result<Wrong, PageError> {
    let whole = |sentence: String| Wrong { fields: Vec::new(), sentence };
    match error {
        Error::Invalid(mut fields) => {
            // What stands beside no field of the form stands above it.
            let (about, fields) = fields.0.drain(..).partition(|field| field.field == "id");
            let about: Vec<app::FieldError> = about;
            let sentence = about.into_iter().map(|field| field.message).collect::<Vec<_>>();
            Ok(Wrong { fields, sentence: sentence.join(" ") })
        }
        Error::Refused(refusal) => Ok(match field_of(&refusal) {
            None => whole(refusal.sentence()),
            Some(field) => {
                let (code, message) = (refusal.code(), refusal.sentence());
                let fields = vec![app::FieldError { field, code, message }];
                Wrong { fields, sentence: String::new() }
            }
        }),
        Error::IdTaken => Ok(whole(
            "This form was sent before, and then changed. Look whether its entry is there; send it \
             again to add another one."
                .to_owned(),
        )),
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
    member
        .read(server, move |op| {
            let frame = Frame::read(op)?;
            let names = op.names()?;
            let Some(id) = id else {
                let with_others = op.may(Right::EditTime, Relation::ManagedProject);
                return Ok((frame, new_form(op, &names, with_others), String::new()));
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
            typed.get("back").clone_into(&mut form.back);
            (StatusCode::UNPROCESSABLE_ENTITY, form)
        }
    };
    let heading = if form.id.is_empty() { "Add time" } else { "Edit entry" };
    let back = format!("{}/{}", member.root(), back_path(&form.back));
    let layout = frame.layout(server, member, Place::Today, "entry", heading).await?;
    let page = EditEntryPage { layout, heading: heading.to_owned(), whose, back, form };
    Ok(page_with(status, &page))
}

/// From where a form is opened.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct From {
    back: String,
}

async fn edit(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    Query(from): Query<From>,
) -> PageResult {
    let id: TimeEntryId = member.id(&id)?;
    let (frame, mut form, whose) = read_form(&server, &member, Some(id)).await?;
    form.back = from.back;
    show_form(&server, &member, (frame, form, whose), None).await
}

async fn save(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    form: Typed,
) -> PageResult {
    let id: TimeEntryId = member.id(&id)?;
    let typed = form.clone();
    let saved = member
        .try_write(&server, move |op| {
            let entry = get_time_entry(op, id)?;
            require_edit(op, &entry)?;
            let change = typed::change(op, &typed, &entry)?;
            change_time_entry(op, id, change)
        })
        .await;
    match saved {
        Ok(_) => Ok(back(&member, &form, Some(Flash::Saved))),
        Err(Error::Stale(_)) => show_both(&server, &member, id, form).await,
        Err(error) => refuse_form(&server, &member, id, form, error).await,
    }
}

/// The form again, with what was typed and what was wrong.
async fn refuse_form(
    server: &Server,
    member: &SignedIn,
    id: TimeEntryId,
    form: Typed,
    error: Error,
) -> PageResult {
    let wrong = wrong_fields(member, error)?;
    let fresh = read_form(server, member, Some(id)).await?;
    show_form(server, member, fresh, Some((&form, &wrong))).await
}

/// Somebody was faster: both texts. Where they say the same, there is nothing to save.
async fn show_both(server: &Server, member: &SignedIn, id: TimeEntryId, form: Typed) -> PageResult {
    let typed = form.clone();
    let (frame, overtaken) = member
        .read(server, move |op| {
            let entry = get_time_entry(op, id)?;
            Ok((Frame::read(op)?, overtaken(op, &entry, &typed)?))
        })
        .await?;
    if overtaken.differences.is_empty() {
        return Ok(back(member, &form, Some(Flash::Saved)));
    }
    stale(server, member, frame, Place::Today, &form, overtaken).await
}

fn overtaken(op: &mut Op, entry: &TimeEntry, typed: &Typed) -> Result<Overtaken, Error> {
    let names = op.names()?;
    let project = |id: Option<ProjectId>| {
        let project = id.and_then(|id| names.projects.get(&id));
        project.map_or_else(|| "No project".to_owned(), |project| names.project_label(project))
    };
    let task = |id: Option<TaskId>| {
        let task = id.and_then(|id| names.tasks.get(&id));
        task.map_or_else(|| "No task".to_owned(), |task| task.name.clone())
    };
    let tags = |ids: &[TagId]| {
        let mut words: Vec<_> =
            ids.iter().filter_map(|id| names.tags.get(id)).map(|tag| tag.name.as_str()).collect();
        words.sort_unstable();
        words.join(", ")
    };
    let yes = |is: bool| if is { "Yes" } else { "No" }.to_owned();
    let both = Overtaken {
        about: if entry.note.is_empty() { "No note".to_owned() } else { entry.note.clone() },
        path: format!("entries/{}", entry.id),
        version: entry.version,
        differences: Vec::new(),
    };
    let booking = typed::booking(typed).unwrap_or_default();
    let note = typed.get("note").replace("\r\n", "\n").trim().to_owned();
    let mut both = both
        .with("Note", note, entry.note.clone())
        .with("Project", project(booking.project), project(entry.project))
        .with("Task", task(booking.task), task(entry.task))
        .with("Tags", tags(&booking.tags), tags(&entry.tags))
        .with("Billable", yes(typed.is_ticked("billable")), yes(entry.is_billable));
    for (field, name, stored) in stored_times(entry) {
        // A field that was left empty asks for nothing.
        if let Some(text) = typed.some(name) {
            both = both.with(field, as_filled(name, text), stored);
        }
    }
    Ok(both)
}

/// The fields of an entry's time as they are filled.
fn stored_times(entry: &TimeEntry) -> Vec<(&'static str, &'static str, String)> {
    let at = |at| wall::input(&entry.zone, at);
    match entry.start() {
        Some(start) => vec![
            ("Start", "started_at", at(start)),
            ("End", "stopped_at", entry.stop().map(at).unwrap_or_default()),
        ],
        None => vec![
            ("Day", "day", entry.first_day.to_string()),
            ("Duration", "duration", typed::length_text(entry.seconds(entry.created_at))),
        ],
    }
}

/// Browsers leave out seconds that are zero.
fn as_filled(name: &str, text: &str) -> String {
    let is_wall = matches!(name, "started_at" | "stopped_at");
    match text.parse::<jiff::civil::DateTime>() {
        Ok(wall) if is_wall => wall.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        _ => text.to_owned(),
    }
}

async fn duplicate(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    form: Typed,
) -> PageResult {
    let id: TimeEntryId = member.id(&id)?;
    let typed = form.clone();
    let done = member
        .try_write(&server, move |op| {
            let what = id.to_string();
            let (new, body) = typed::made_as(op, "page.duplicateTimeEntry", &typed, &what)?;
            duplicate_time_entry(op, id, new, body)
        })
        .await;
    match done {
        Ok(_) => Ok(back(&member, &form, None)),
        Err(error) => refuse_form(&server, &member, id, form, error).await,
    }
}

async fn split(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    form: Typed,
) -> PageResult {
    let id: TimeEntryId = member.id(&id)?;
    let typed = form.clone();
    let done = member
        .try_write(&server, move |op| {
            let entry = get_time_entry(op, id)?;
            require_edit(op, &entry)?;
            let at = typed::split_point(&typed, &entry)?;
            let what = format!("{id} {at}");
            let (second, body) = typed::made_as(op, "page.splitTimeEntry", &typed, &what)?;
            split_time_entry(op, id, SplitPoint::At(at), second, body)
        })
        .await;
    match done {
        Ok(_) => Ok(back(&member, &form, None)),
        Err(error) => refuse_form(&server, &member, id, form, error).await,
    }
}

async fn continue_entry(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    form: Typed,
) -> PageResult {
    let id: TimeEntryId = member.id(&id)?;
    let done = member
        .try_write(&server, move |op| {
            let what = id.to_string();
            let (new, body) = typed::made_as(op, "page.continueTimeEntry", &form, &what)?;
            app::timer::continue_time_entry(op, id, new, body)
        })
        .await;
    match done {
        Ok(_) => Ok(timer::web::home(&member, None)),
        Err(error) => timer::web::refuse(&server, &member, error).await,
    }
}

async fn delete(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    form: Typed,
) -> PageResult {
    let id: TimeEntryId = member.id(&id)?;
    let deleted = member.try_write(&server, move |op| delete_time_entry(op, id, None)).await;
    match deleted {
        Ok(_) => Ok(back(&member, &form, Some(Flash::EntryDeleted(id.uuid())))),
        Err(error) => refuse_form(&server, &member, id, form, error).await,
    }
}

async fn restore(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): OfEntry,
    form: Typed,
) -> PageResult {
    let id: TimeEntryId = member.id(&id)?;
    let restored = member.try_write(&server, move |op| restore_time_entry(op, id)).await;
    let is_from_trash = form.get("from") == "trash";
    match restored {
        Ok(_) if is_from_trash => Ok(member.back("trash", Some(Flash::Restored))),
        Ok(_) => Ok(member.back("today", Some(Flash::Restored))),
        Err(error) if is_from_trash => {
            let (status, notice) = told(&member, error)?;
            trash::show(&server, &member, status, Some(notice), None).await
        }
        Err(error) => timer::web::refuse(&server, &member, error).await,
    }
}

/// A refusal as a sentence above a page.
///
/// Errors: what the rules did not refuse is a page of its own.
pub(crate) fn told(member: &SignedIn, error: Error) -> Result<(StatusCode, Notice), PageError> {
    let text = match error {
        Error::Refused(refusal) => refusal.sentence(),
        Error::Invalid(fields) => {
            fields.0.into_iter().map(|field| field.message).collect::<Vec<_>>().join(" ")
        }
        Error::IdTaken => "This was done before.".to_owned(),
        other => return Err(member.fail(other)),
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Notice { tone: Tone::Bad, text }))
}
