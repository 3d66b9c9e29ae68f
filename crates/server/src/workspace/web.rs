//! The settings of a workspace, and the choice among several.

use app::{
    Error, Fields, Op,
    workspace::{ChangeWorkspace, Workspace, change_workspace, get_workspace},
};
use axum::{Router, extract::State, http::StatusCode, routing::get};
use domain::{
    duration::BareNumber,
    permission::{Relation, Right},
    preference::{Currency, Overlaps, SecondTimer},
};

use super::view::{ChooseWorkspacePage, SettingsPage};
use crate::{
    joining::web::joinable,
    page::{Field, Notice, Place, Select, Tone, WorkspaceLink},
    state::Server,
    web::{
        Flash, Frame, Overtaken, PageError, PageResult, Refused, SignedIn, Typed, collect,
        open_workspaces, page, page_with, redirect, stale, week_starts, zones,
    },
};

/// Routes of the settings and of the choice.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/", get(choose))
        .route("/workspaces", get(all))
        .route("/w/{workspace}", get(enter))
        .route("/w/{workspace}/settings", get(edit).post(save))
}

/// The workspace somebody belongs to, or the choice among several.
async fn choose(State(server): State<Server>, member: SignedIn) -> PageResult {
    let workspaces = workspaces(&server, &member).await?;
    if let [only] = workspaces.as_slice() {
        return Ok(redirect(&only.href, member.visit.flash()));
    }
    show_all(&server, &member, workspaces).await
}

/// The workspaces somebody belongs to, and those they may join.
async fn all(State(server): State<Server>, member: SignedIn) -> PageResult {
    let workspaces = workspaces(&server, &member).await?;
    show_all(&server, &member, workspaces).await
}

async fn show_all(
    server: &Server,
    member: &SignedIn,
    workspaces: Vec<WorkspaceLink>,
) -> PageResult {
    let joinable = joinable(server, member).await?;
    let mut layout = member.visit.plain("choose", "Choose a workspace");
    let told = member.visit.flash().map(|flash| flash.toast("").text);
    layout.notices.extend(told.map(|text| Notice { tone: Tone::Good, text }));
    Ok(page(&ChooseWorkspacePage { layout, workspaces, joinable }))
}

async fn workspaces(server: &Server, member: &SignedIn) -> Result<Vec<WorkspaceLink>, PageError> {
    let open = open_workspaces(server, member).await.map_err(|error| member.fail(error))?;
    let link = |(workspace, name)| {
        let href = format!("/w/{workspace}/today");
        WorkspaceLink { name, href, is_current: false }
    };
    Ok(open.into_iter().map(link).collect())
}

async fn enter(member: SignedIn) -> PageResult {
    Ok(member.back("today", None))
}

async fn edit(State(server): State<Server>, member: SignedIn) -> PageResult {
    show(&server, &member, None).await
}

/// Shows the settings; what was refused stands in the form again.
async fn show(server: &Server, member: &SignedIn, refused: Option<Refused>) -> PageResult {
    let (frame, mut page) = member.read(server, |op| Ok((Frame::read(op)?, body(op)?))).await?;
    let mut status = StatusCode::OK;
    if let Some(refused) = refused {
        status = refused.status;
        put_back(&mut page, &refused);
    }
    let layout = frame.layout(server, member, Place::Settings, "settings", "Settings").await?;
    Ok(page_with(status, &SettingsPage { layout, ..page }))
}

fn body(op: &mut Op) -> Result<SettingsPage, Error> {
    let Workspace { name, settings, .. } = get_workspace(op)?;
    let currencies = Currency::all().map(|currency| (currency.as_str(), currency.as_str()));
    Ok(SettingsPage {
        can_edit: op.may(Right::ChangeSettings, Relation::Workspace),
        version: settings.version.to_string(),
        name: Field::new(name),
        currency: Select::of(currencies, settings.currency.as_str()),
        bare_number: bare_numbers(settings.bare_number),
        second_timer: second_timers(settings.second_timer),
        overlaps: overlap_rules(settings.overlaps),
        week_start: week_starts(settings.week_start.as_str()),
        zone: Field::new(settings.zone.as_str()),
        zones: zones(),
        ..SettingsPage::default()
    })
}

fn bare_numbers(selected: BareNumber) -> Select {
    let all = BareNumber::ALL.iter().map(|choice| (choice.as_str(), bare_word(*choice)));
    Select::of(all, selected.as_str())
}

fn second_timers(selected: SecondTimer) -> Select {
    let all = SecondTimer::ALL.iter().map(|choice| (choice.as_str(), second_word(*choice)));
    Select::of(all, selected.as_str())
}

fn overlap_rules(selected: Overlaps) -> Select {
    let all = Overlaps::ALL.iter().map(|choice| (choice.as_str(), overlaps_word(*choice)));
    Select::of(all, selected.as_str())
}

pub(crate) fn bare_word(choice: BareNumber) -> &'static str {
    match choice {
        BareNumber::Minutes => "Minutes: 90 is 1 h 30 min",
        BareNumber::Hours => "Hours: 2 is 2 h",
    }
}

pub(crate) fn second_word(choice: SecondTimer) -> &'static str {
    match choice {
        SecondTimer::StopsRunning => "Stops the one that runs",
        SecondTimer::IsRefused => "Is refused",
    }
}

pub(crate) fn overlaps_word(choice: Overlaps) -> &'static str {
    match choice {
        Overlaps::Allowed => "Are allowed",
        Overlaps::Forbidden => "Are refused",
    }
}

fn put_back(page: &mut SettingsPage, refused: &Refused) {
    page.error = refused.whole();
    page.name = refused.field("name");
    page.zone = refused.field("zone");
    refused.choose(&mut page.currency, "currency");
    refused.choose(&mut page.bare_number, "bare_number");
    refused.choose(&mut page.second_timer, "second_timer");
    refused.choose(&mut page.overlaps, "overlaps");
    refused.choose(&mut page.week_start, "week_start");
}

async fn save(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let typed = form.clone();
    let saved = member
        .try_write(&server, move |op| {
            op.require(Right::ChangeSettings, Relation::Workspace)?;
            change_workspace(op, read(&typed)?)
        })
        .await;
    match saved {
        Ok(_) => Ok(member.back("settings", Some(Flash::Saved))),
        Err(Error::Stale(_)) => show_both(&server, &member, form).await,
        Err(error) => show(&server, &member, Some(Refused::new(&member, form, error)?)).await,
    }
}

fn read(form: &Typed) -> Result<ChangeWorkspace, Error> {
    fn chosen<T: domain::Choice>(form: &Typed, name: &'static str) -> Result<T, Error> {
        app::input::choice(name, form.get(name))
    }
    let mut wrong = Vec::new();
    let change = ChangeWorkspace {
        name: collect(&mut wrong, app::input::name("name", form.get("name"))),
        currency: collect(&mut wrong, chosen(form, "currency")),
        bare_number: collect(&mut wrong, chosen(form, "bare_number")),
        second_timer: collect(&mut wrong, chosen(form, "second_timer")),
        overlaps: collect(&mut wrong, chosen(form, "overlaps")),
        week_start: collect(&mut wrong, chosen(form, "week_start")),
        zone: collect(&mut wrong, app::input::zone("zone", form.get("zone").trim())),
        expected_version: form.version(),
    };
    if wrong.is_empty() { Ok(change) } else { Err(Error::Invalid(Fields(wrong))) }
}

/// Somebody was faster: both texts.
async fn show_both(server: &Server, member: &SignedIn, form: Typed) -> PageResult {
    let typed = form.clone();
    let (frame, overtaken) = member
        .read(server, move |op| Ok((Frame::read(op)?, overtaken(get_workspace(op)?, &typed))))
        .await?;
    stale(server, member, frame, Place::Settings, &form, overtaken).await
}

fn overtaken(stored: Workspace, typed: &Typed) -> Overtaken {
    let Workspace { name, settings, .. } = stored;
    let yours = |name: &str| typed.get(name).trim().to_owned();
    let both = Overtaken {
        about: "The settings of the workspace".to_owned(),
        path: "settings".to_owned(),
        version: settings.version,
        differences: Vec::new(),
    };
    both.with("Name", yours("name"), name)
        .with("Currency", yours("currency"), settings.currency.as_str().to_owned())
        .with_choice("A bare number", &yours("bare_number"), &bare_numbers(settings.bare_number))
        .with_choice(
            "A second timer",
            &yours("second_timer"),
            &second_timers(settings.second_timer),
        )
        .with_choice("Entries that overlap", &yours("overlaps"), &overlap_rules(settings.overlaps))
        .with_choice(
            "The week begins on",
            &yours("week_start"),
            &week_starts(settings.week_start.as_str()),
        )
        .with("Time zone", yours("zone"), settings.zone.as_str().to_owned())
}
