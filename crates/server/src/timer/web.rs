//! The Today page and the timer's bar.

use app::{
    Error, Names, Op,
    report::{recent, week_totals},
    time_entry::{DayPart, add_quick_entry, list_day_parts, read_quick_entry},
    timer,
};
use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::{
    duration::{format_hm, format_words},
    period::{Period, week_of},
};
use jiff::{ToSpan, civil::Date};
use serde::Deserialize;
use wire::quick_entry::{QuickEntryReading, ReadQuickEntry};

use super::view::{Counting, DayCard, EntryRow, Recent, TodayPage};
use crate::{
    error::Failure,
    page::{
        Place,
        chart::{Day, WeekChart},
    },
    state::Server,
    time_entry::{api::reading_to_wire, present::new_form, view::EntryForm},
    wall,
    web::{
        Flash, Frame, PageResult, SignedIn, Typed, chip, page_with, redirect, rfc3339, tag_names,
    },
};

/// Days shown at once.
const DAYS: i64 = 7;

/// Routes of the Today page and the bar.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/today", get(today))
        .route("/w/{workspace}/quick-entry", post(quick))
        .route("/w/{workspace}/quick-entry/read", post(read_quick))
        .route("/w/{workspace}/timer/stop", post(stop))
        .route("/w/{workspace}/timer/discard", post(discard))
        .route("/w/{workspace}/timer/start", post(change_start))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Until {
    /// The last day shown; today when left out.
    until: Option<Date>,
}

async fn today(
    State(server): State<Server>,
    member: SignedIn,
    Query(query): Query<Until>,
) -> PageResult {
    show(&server, &member, query.until, StatusCode::OK, |frame| frame).await
}

/// Shows the page; `adapt` puts back what was typed and refused.
pub(crate) async fn show(
    server: &Server,
    member: &SignedIn,
    until: Option<Date>,
    status: StatusCode,
    adapt: impl FnOnce(Frame) -> Frame,
) -> PageResult {
    let root = member.root();
    let (frame, body) = server
        .app
        .read(member.actor, member.workspace, move |op| {
            Ok((Frame::read(op)?, body(op, until, &root)?))
        })
        .await
        .map_err(|error| member.fail(error))?;
    let layout = adapt(frame)
        .layout(server, member, Place::Today, "today", "Today")
        .await
        .map_err(|error| member.fail(error))?;
    Ok(page_with(status, &TodayPage { layout, ..body }))
}

/// Everything below the bar.
fn body(op: &mut Op, until: Option<Date>, root: &str) -> Result<TodayPage, Error> {
    let today = op.today();
    let last = until.unwrap_or(today).min(today);
    let first = last.checked_sub((DAYS - 1).days()).map_err(|_| Error::NotFound)?;
    let period = Period::new(first, last).map_err(|_| Error::NotFound)?;
    let parts = list_day_parts(op, period)?;
    let names = op.names()?;
    let days = cards(op, &names, &parts, last == today);
    let of_today: i64 =
        parts.iter().filter(|part| part.day == today).map(|part| part.seconds).sum();
    let (week, week_total) = week(op)?;
    let recent = recent_list(op, &names)?;
    let me = op.me();
    Ok(TodayPage {
        heading: me.locale.format_day_long(last),
        summary: format!("{} so far today.", format_words(of_today)),
        by_hand: new_form(op, &names, EntryForm::default()),
        is_new: days.iter().all(|day| day.entries.is_empty()) && recent.is_empty(),
        days,
        week,
        week_total,
        recent,
        earlier_url: first
            .checked_sub(1.day())
            .map(|day| format!("{root}/today?until={day}"))
            .unwrap_or_default(),
        later_url: if last == today { String::new() } else { format!("{root}/today") },
        ..TodayPage::default()
    })
}

/// A card a day that has entries, newest first; today always.
fn cards(op: &Op, names: &Names, parts: &[DayPart], with_today: bool) -> Vec<DayCard> {
    let today = op.today();
    let mut days: Vec<Date> = parts.iter().map(|part| part.day).collect();
    if with_today {
        days.push(today);
    }
    days.sort_unstable();
    days.dedup();
    days.into_iter()
        .rev()
        .map(|day| {
            let of_day: Vec<_> = parts.iter().filter(|part| part.day == day).collect();
            let total: i64 = of_day.iter().map(|part| part.seconds).sum();
            let is_counting = of_day.iter().any(|part| part.entry.is_running() && day == today);
            DayCard {
                day: day.to_string(),
                title: day_title(op, day),
                total: format_hm(total),
                counting: is_counting
                    .then(|| Counting { started_at: rfc3339(op.now()), base_s: total }),
                entries: of_day.into_iter().map(|part| row(op, names, part)).collect(),
            }
        })
        .collect()
}

fn day_title(op: &Op, day: Date) -> String {
    let today = op.today();
    if day == today {
        "Today".to_owned()
    } else if today.yesterday().is_ok_and(|yesterday| yesterday == day) {
        "Yesterday".to_owned()
    } else {
        op.me().locale.format_day_long(day)
    }
}

fn row(op: &Op, names: &Names, part: &DayPart) -> EntryRow {
    let entry = &part.entry;
    let is_counting = entry.is_running() && part.day == op.today();
    EntryRow {
        id: entry.id.to_string(),
        note: entry.note.clone(),
        tags: tag_names(names, entry),
        project: chip(names, entry),
        span: span(op, part),
        duration: format_hm(part.seconds),
        counting: is_counting
            .then(|| Counting { started_at: rfc3339(op.now()), base_s: part.seconds }),
        is_billable: entry.is_billable,
        remark: String::new(),
    }
}

/// `13:05 – 14:10`; the other day is named where an entry runs over midnight.
fn span(op: &Op, part: &DayPart) -> String {
    let entry = &part.entry;
    let Some(start) = entry.start() else { return String::new() };
    let at = |instant| {
        let time = wall::time(op.me(), &entry.zone, instant);
        let day = wall::local(&entry.zone, instant).date();
        if day == part.day {
            time
        } else {
            format!("{} {time}", op.me().locale.format_day_short(day))
        }
    };
    let stop = entry.stop().map_or_else(|| "now".to_owned(), at);
    format!("{} – {stop}", at(start))
}

/// The member's week as bars, with its total.
fn week(op: &mut Op) -> Result<(WeekChart, String), Error> {
    let today = op.today();
    let (first, last) = week_of(today, op.me().week_start);
    let period = Period::new(first, last).map_err(|_| Error::bug("a week"))?;
    let totals = week_totals(op, period)?;
    let locale = op.me().locale;
    let days: Vec<Day> = totals
        .iter()
        .map(|total| Day {
            label: locale.weekday_short(total.day.weekday()).to_owned(),
            day: locale.format_day_long(total.day),
            value: format_hm(total.seconds),
            seconds: total.seconds,
            is_today: total.day == today,
        })
        .collect();
    let total = days.iter().map(|day| day.seconds).sum();
    Ok((WeekChart::new(days), format_hm(total)))
}

fn recent_list(op: &mut Op, names: &Names) -> Result<Vec<Recent>, Error> {
    let recent = recent(op, 5)?;
    Ok(recent
        .into_iter()
        .map(|one| {
            let project = one.project.and_then(|id| names.projects.get(&id));
            let label = match (one.note.is_empty(), project) {
                (false, _) => one.note.clone(),
                (true, Some(project)) => names.project_label(project),
                (true, None) => "No note".to_owned(),
            };
            let hue = project.and_then(|project| u8::try_from(project.hue).ok());
            Recent { id: one.entry.to_string(), label, hue: hue.unwrap_or(0) }
        })
        .collect())
}

/// Adds an entry from the line, or starts the timer.
async fn quick(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let text = form.get("text").to_owned();
    let create_tags = form.is_ticked("create_tags");
    let line = text.clone();
    let added = server
        .app
        .write(member.actor, member.workspace, move |op| {
            add_quick_entry(op, None, &line, create_tags, None)
        })
        .await;
    let failure = match added {
        Ok(_) => return Ok(home(&member, None)),
        Err(error) => Failure::from(error),
    };
    if failure.status.is_server_error() {
        return Err(member.fail(failure));
    }
    let is_unknown_tag = failure.fields.iter().any(|field| field.code == "unknown_tag");
    let offer = if is_unknown_tag { "Make the tag and go on" } else { "" };
    let field = failure.fields.first().map(|field| field.message.clone());
    let sentence = field.unwrap_or(failure.title);
    show(&server, &member, None, StatusCode::UNPROCESSABLE_ENTITY, |frame| {
        frame.with_line(&text, sentence, offer.to_owned())
    })
    .await
}

/// Says what a line means, for the echo and the completions.
async fn read_quick(
    State(server): State<Server>,
    member: SignedIn,
    headers: axum::http::HeaderMap,
    body: crate::extract::JsonBody<ReadQuickEntry>,
) -> Result<Json<QuickEntryReading>, Response> {
    use axum::response::IntoResponse;
    let token = headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
    if token != Some(member.visit.csrf()) {
        return Err(member.fail(crate::web::forged()).into_response());
    }
    let crate::extract::JsonBody(body) = body;
    let reading = server
        .app
        .read(member.actor, member.workspace, move |op| {
            read_quick_entry(op, &body.text, body.cursor)
        })
        .await
        .map_err(|error| member.fail(error).into_response())?;
    Ok(Json(reading_to_wire(reading)))
}

async fn stop(State(server): State<Server>, member: SignedIn, _form: Typed) -> PageResult {
    let stopped =
        server.app.write(member.actor, member.workspace, |op| timer::stop_timer(op, None)).await;
    match stopped {
        // Another tab was faster: the same end.
        Ok(_) | Err(Error::Refused(app::Refusal::TimerNotRunning)) => Ok(home(&member, None)),
        Err(error) => Err(member.fail(error)),
    }
}

async fn discard(State(server): State<Server>, member: SignedIn, _form: Typed) -> PageResult {
    let discarded = server.app.write(member.actor, member.workspace, timer::discard_timer).await;
    match discarded {
        Ok(entry) => Ok(home(&member, Some(Flash::TimerDiscarded(entry.id.uuid())))),
        Err(Error::Refused(app::Refusal::TimerNotRunning)) => Ok(home(&member, None)),
        Err(error) => Err(member.fail(error)),
    }
}

async fn change_start(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let typed = form.get("started_at").to_owned();
    let text = typed.clone();
    let changed = server
        .app
        .write(member.actor, member.workspace, move |op| {
            let running = timer::running_entry(op)?;
            let running = running.ok_or(app::Refusal::TimerNotRunning)?;
            let start = wall::read("started_at", &text, &running.zone)?;
            timer::change_timer_start(op, start)
        })
        .await;
    match changed {
        Ok(_) => Ok(home(&member, Some(Flash::Saved))),
        Err(Error::Invalid(fields)) => {
            let sentence = fields.0.first().map(|field| field.message.clone()).unwrap_or_default();
            show(&server, &member, None, StatusCode::UNPROCESSABLE_ENTITY, |frame| {
                frame.with_start(&typed, sentence)
            })
            .await
        }
        Err(error) => Err(member.fail(error)),
    }
}

/// Back to the Today page.
pub(crate) fn home(member: &SignedIn, flash: Option<Flash>) -> Response {
    redirect(&format!("{}/today", member.root()), flash)
}
