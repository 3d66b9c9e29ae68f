//! The Today page and the timer's bar.

use app::{
    Error, Names, Op,
    report::{recent, week_totals},
    time_entry::{
        DayPart, MayMake, QuickReading, add_quick_entry, earliest_day, list_day_parts,
        read_quick_entry,
    },
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
    day::{day_bounds, resolve},
    duration::{format_hm, format_words},
    ids::TimeEntryId,
    period::{Period, week_of},
    permission::{Relation, Right},
};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time},
};
use serde::Deserialize;
use wire::quick_entry::{QuickEntryReading, ReadQuickEntry};

use super::view::{Counting, Recent, TodayPage};
use crate::{
    error::Failure,
    page::{
        Place,
        chart::{Day, WeekChart},
    },
    state::Server,
    time_entry::{api::reading_to_wire, present::new_form, rows::cards, typed::made_as, web::told},
    wall,
    web::{Flash, Frame, PageError, PageResult, SignedIn, Typed, page_with, redirect, rfc3339},
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
///
/// Errors: who tracks no time is led to the reports, and as the answer to a form is refused.
pub(crate) async fn show(
    server: &Server,
    member: &SignedIn,
    until: Option<Date>,
    status: StatusCode,
    adapt: impl FnOnce(Frame) -> Frame,
) -> PageResult {
    let root = member.root();
    let read = member.read(server, move |op| {
        if status == StatusCode::OK && !op.may(Right::TrackTime, Relation::Own) {
            return Ok(Err(elsewhere(op)));
        }
        op.require(Right::TrackTime, Relation::Own)?;
        Ok(Ok((Frame::read(op)?, body(op, until, &root)?)))
    });
    // Who tracks no time has no days of their own to see.
    let (frame, body) = match read.await? {
        Ok(read) => read,
        Err(page) => return Ok(redirect(&format!("{}/{page}", member.root()), None)),
    };
    let layout = adapt(frame).layout(server, member, Place::Today, "today", "Today").await?;
    Ok(page_with(status, &TodayPage { layout, ..body }))
}

/// Where who tracks no time begins: with what there is for everybody of their role.
fn elsewhere(op: &Op) -> &'static str {
    if op.may_somewhere(Right::ReadReports) {
        "reports"
    } else if op.may(Right::ReadRecord, Relation::Workspace) {
        "record"
    } else if op.may(Right::ReadProjects, Relation::BookableProject) {
        "projects"
    } else {
        "people"
    }
}

/// Everything below the bar.
fn body(op: &mut Op, until: Option<Date>, root: &str) -> Result<TodayPage, Error> {
    let today = op.today();
    let last = until.unwrap_or(today).min(today);
    let first = last.checked_sub((DAYS - 1).days()).map_err(|_| Error::NotFound)?;
    let period = Period::new(first, last).map_err(|_| Error::NotFound)?;
    let parts = list_day_parts(op, period)?;
    let names = op.names()?;
    let days = cards(op, &names, &parts, (last == today).then_some(today));
    let now = op.now();
    let of_today: i64 =
        parts.iter().filter(|part| part.day == today).map(|part| seconds_until(part, now)).sum();
    let earliest = earliest_day(op)?;
    let (week, week_s) = week(op)?;
    let is_running = timer::running_entry(op)?.is_some();
    let counting = |base_s| is_running.then(|| Counting { started_at: rfc3339(op.now()), base_s });
    let (so_far_counting, week_counting) = (counting(of_today), counting(week_s));
    let usual = usual_words(op)?;
    let recent = recent_list(op, &names)?;
    let me = op.me();
    Ok(TodayPage {
        heading: if last == today {
            me.locale.format_day_long(last)
        } else {
            format!("Until {}", me.locale.format_day_long(last))
        },
        so_far: format_words(of_today - of_today % 60),
        so_far_counting,
        usual,
        by_hand: new_form(op, &names, false),
        is_new: days.iter().all(|day| day.entries.is_empty()) && recent.is_empty(),
        days,
        week,
        week_total: format_hm(week_s),
        week_counting,
        recent,
        earlier_url: first
            .checked_sub(1.day())
            .ok()
            .filter(|_| earliest.is_some_and(|earliest| earliest < first))
            .map(|day| format!("{root}/today?until={day}"))
            .unwrap_or_default(),
        later_url: if last == today { String::new() } else { format!("{root}/today") },
        ..TodayPage::default()
    })
}

/// The member's week as bars, with its total.
fn week(op: &mut Op) -> Result<(WeekChart, i64), Error> {
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
    Ok((WeekChart::new(days), total))
}

/// Days that say what is usual.
const USUAL_DAYS: i64 = 28;

/// On fewer days with time, nothing is usual.
const FEWEST_DAYS: i64 = 5;

/// What the member had by this time of day, on average over the days of four weeks that have time;
/// nothing on a weekday that has none.
fn usual_words(op: &mut Op) -> Result<String, Error> {
    let today = op.today();
    let day = |back: i64| today.checked_sub(back.days()).map_err(|_| Error::NotFound);
    let period = Period::new(day(USUAL_DAYS)?, day(1)?).map_err(|_| Error::NotFound)?;
    let parts = list_day_parts(op, period)?;
    let time = wall::local(&op.me().zone, op.now()).time();
    let mut days: Vec<Date> = parts.iter().map(|part| part.day).collect();
    days.sort_unstable();
    days.dedup();
    let count = i64::try_from(days.len()).unwrap_or(0);
    let is_usual = days.iter().any(|day| day.weekday() == today.weekday());
    if count < FEWEST_DAYS || !is_usual {
        return Ok(String::new());
    }
    let average = parts.iter().map(|part| seconds_by(part, time)).sum::<i64>() / count;
    Ok(format!("You usually have {} by now.", format_words(average - average % 300)))
}

/// A day's share of an entry up to a time of that day; a duration without times counts whole.
fn seconds_by(part: &DayPart, time: Time) -> i64 {
    let (Some(start), Some(stop)) = (part.entry.start(), part.entry.stop()) else {
        return part.seconds;
    };
    let zone = &part.entry.zone;
    let Ok(until) = resolve(part.day.to_datetime(time), zone) else { return part.seconds };
    let (begin, _) = day_bounds(part.day, zone);
    let seconds = stop.min(until).as_second() - start.max(begin).as_second();
    seconds.clamp(0, part.seconds)
}

/// A day's share of an entry up to now: what is planned has not been worked yet.
fn seconds_until(part: &DayPart, now: Timestamp) -> i64 {
    let (Some(start), Some(stop)) = (part.entry.start(), part.entry.stop()) else {
        return part.seconds;
    };
    let (begin, _) = day_bounds(part.day, &part.entry.zone);
    let seconds = stop.min(now).as_second() - start.max(begin).as_second();
    seconds.clamp(0, part.seconds)
}

fn recent_list(op: &mut Op, names: &Names) -> Result<Vec<Recent>, Error> {
    let recent = recent(op, 5)?;
    Ok(recent
        .into_iter()
        .map(|one| {
            let again_id = op.new_id::<TimeEntryId>().to_string();
            let project = one.project.and_then(|id| names.projects.get(&id));
            let label = match (one.note.is_empty(), project) {
                (false, _) => one.note.clone(),
                (true, Some(project)) => names.project_label(project),
                (true, None) => "No note".to_owned(),
            };
            let hue = project.and_then(|project| u8::try_from(project.hue).ok());
            Recent { id: one.entry.to_string(), label, hue: hue.unwrap_or(0), again_id }
        })
        .collect())
}

/// Adds an entry from the line, or starts the timer. Names that are not known are offered to be made;
/// what was agreed to are the words of that offer, so that a line that was changed meanwhile makes
/// nothing else.
async fn quick(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let text = form.get("text").to_owned();
    let agreed = form.get("create").to_owned();
    let line = text.clone();
    let added = member
        .try_write(&server, move |op| {
            op.require(Right::TrackTime, Relation::Own)?;
            let what = format!("{agreed} {line}");
            let (id, body) = made_as(op, "page.addQuickEntry", &form, &what)?;
            let offer = read_quick_entry(op, &line, None)?.offer;
            let is_agreed = offer.is_some_and(|offer| offer == agreed);
            let may_make = MayMake { tags: is_agreed, project: is_agreed };
            add_quick_entry(op, id, &line, may_make, body)
        })
        .await;
    let failure = match added {
        Ok(_) => return Ok(home(&member, None)),
        Err(Error::IdTaken) => Failure::new(
            StatusCode::CONFLICT,
            "id.taken",
            "Another line was sent from here before. Look whether it arrived, then send this one.",
        ),
        Err(error) => Failure::from(error),
    };
    if failure.status.is_server_error() {
        return Err(member.fail(failure));
    }
    let is_unknown = failure.fields.iter().any(|field| field.code.starts_with("unknown_"));
    let offer = if is_unknown { offer(&server, &member, text.clone()).await? } else { None };
    let field = failure.fields.first().map(|field| field.message.clone());
    let sentence = field.unwrap_or(failure.title);
    show(&server, &member, None, StatusCode::UNPROCESSABLE_ENTITY, |frame| {
        frame.with_line(&text, sentence, offer.unwrap_or_default())
    })
    .await
}

/// What could be made for a line whose names are not known.
async fn offer(
    server: &Server,
    member: &SignedIn,
    line: String,
) -> Result<Option<String>, PageError> {
    member.read(server, move |op| Ok(read_quick_entry(op, &line, None)?.offer)).await
}

/// How long, on which day where that is not today, and whether it can be billed where that is said.
fn echo(op: &Op, reading: &QuickReading) -> String {
    let day = reading.day.filter(|day| *day != op.today());
    let day = day.map(|day| op.me().locale.format_day_short(day));
    let billable = reading.billable.map(|is| if is { "billable" } else { "not billable" });
    let said = Some(reading.echo.clone()).filter(|said| !said.is_empty());
    let words = [said, day, billable.map(str::to_owned)];
    words.into_iter().flatten().collect::<Vec<_>>().join(" · ")
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
            let mut reading = read_quick_entry(op, &body.text, body.cursor)?;
            reading.echo = echo(op, &reading);
            Ok(reading)
        })
        .await
        .map_err(|error| member.fail(error).into_response())?;
    Ok(Json(reading_to_wire(reading)))
}

/// Stops the timer, now or at the time that is given.
async fn stop(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let typed = form.some("stopped_at").map(str::to_owned);
    let text = typed.clone();
    let stopped = member
        .try_write(&server, move |op| {
            op.require(Right::TrackTime, Relation::Own)?;
            let running = timer::running_entry(op)?.ok_or(app::Refusal::TimerNotRunning)?;
            let start = running.start().unwrap_or(op.now_s());
            let read = |text: &str| wall::read_end("stopped_at", text, &running.zone, start);
            let at = text.as_deref().map(read).transpose()?;
            timer::stop_timer(op, at)
        })
        .await;
    match (stopped, typed) {
        // Another tab was faster: the same end.
        (Ok(_) | Err(Error::Refused(app::Refusal::TimerNotRunning)), _) => Ok(home(&member, None)),
        (Err(Error::Invalid(_)), None) => to_running(&server, &member).await,
        (Err(error), None) => refuse(&server, &member, error).await,
        (Err(error), Some(typed)) => {
            let (status, notice) = told(&member, error)?;
            show(&server, &member, None, status, |frame| frame.with_end(&typed, notice.text)).await
        }
    }
}

/// To the running entry, where its real end can be given.
async fn to_running(server: &Server, member: &SignedIn) -> PageResult {
    let running = server.app.read(member.actor, member.workspace, timer::running_entry).await;
    match running.map_err(|error| member.fail(error))? {
        Some(entry) => Ok(member.back(&format!("entries/{}/edit", entry.id), None)),
        None => Ok(home(member, None)),
    }
}

/// Shows Today with what could not be done.
pub(crate) async fn refuse(server: &Server, member: &SignedIn, error: Error) -> PageResult {
    let (status, notice) = told(member, error)?;
    show(server, member, None, status, |frame| frame.with_notice(Some(notice))).await
}

async fn discard(State(server): State<Server>, member: SignedIn, _form: Typed) -> PageResult {
    let discarded = member.try_write(&server, timer::discard_timer).await;
    match discarded {
        Ok(entry) => Ok(home(&member, Some(Flash::TimerDiscarded(entry.id.uuid())))),
        Err(Error::Refused(app::Refusal::TimerNotRunning)) => Ok(home(&member, None)),
        Err(error) => refuse(&server, &member, error).await,
    }
}

async fn change_start(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let typed = form.get("started_at").to_owned();
    let text = typed.clone();
    let changed = member
        .try_write(&server, move |op| {
            op.require(Right::TrackTime, Relation::Own)?;
            let running = timer::running_entry(op)?;
            let running = running.ok_or(app::Refusal::TimerNotRunning)?;
            let stored = running.start().unwrap_or(op.now_s());
            let start = wall::read_over("started_at", &text, &running.zone, stored)?;
            timer::change_timer_start(op, start)
        })
        .await;
    match changed {
        Ok(_) => Ok(home(&member, Some(Flash::Saved))),
        Err(Error::Refused(app::Refusal::TimerNotRunning)) => {
            refuse(&server, &member, app::Refusal::TimerNotRunning.into()).await
        }
        Err(error) => {
            let (status, notice) = told(&member, error)?;
            show(&server, &member, None, status, |frame| frame.with_start(&typed, notice.text))
                .await
        }
    }
}

/// Back to the Today page.
pub(crate) fn home(member: &SignedIn, flash: Option<Flash>) -> Response {
    redirect(&format!("{}/today", member.root()), flash)
}
