//! My profile.

use app::{
    Error, Fields, Op,
    member::{ChangeMe, Profile, change_me, get_me},
};
use axum::{Router, extract::State, http::StatusCode, routing::get};
use domain::preference::{ClockFormat, Locale};

use super::{keep_zone, view::ProfilePage};
use crate::{
    page::{Field, Place, Select},
    state::Server,
    web::{
        Flash, Frame, Overtaken, PageResult, Refused, SignedIn, Typed, collect, page_with, stale,
        week_starts, zones,
    },
};

/// Routes of my profile.
pub fn routes() -> Router<Server> {
    Router::new().route("/w/{workspace}/profile", get(edit).post(save))
}

async fn edit(State(server): State<Server>, member: SignedIn) -> PageResult {
    show(&server, &member, None).await
}

/// Shows the page; what was refused stands in its form again.
async fn show(server: &Server, member: &SignedIn, refused: Option<Refused>) -> PageResult {
    let (frame, mut page) = member.read(server, |op| Ok((Frame::read(op)?, body(op)?))).await?;
    let mut status = StatusCode::OK;
    if let Some(refused) = refused {
        status = refused.status;
        put_back(&mut page, &refused);
    }
    let layout = frame.layout(server, member, Place::Profile, "profile", "My profile").await?;
    Ok(page_with(status, &ProfilePage { layout, ..page }))
}

fn body(op: &mut Op) -> Result<ProfilePage, Error> {
    let profile = get_me(op)?;
    let example = op.today();
    let locale = |locale: &Locale| {
        let example = locale.format_date(example);
        (locale.as_str(), format!("{}: {example}", language(*locale)))
    };
    Ok(ProfilePage {
        version: profile.version.to_string(),
        email: profile.address,
        name: Field::new(profile.name),
        zone: Field::new(profile.zone.as_str()),
        zones: zones(),
        week_start: week_starts(profile.week_start.as_str()),
        locale: Select::of(Locale::ALL.iter().map(locale), profile.locale.as_str()),
        clock_format: Select::of(
            ClockFormat::ALL.iter().map(|clock| (clock.as_str(), clock_word(*clock))),
            profile.clock_format.as_str(),
        ),
        ..ProfilePage::default()
    })
}

pub(crate) fn language(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "English, American",
        Locale::EnGb => "English, British",
        Locale::De => "German",
        Locale::Fr => "French",
        Locale::Es => "Spanish",
        Locale::Nl => "Dutch",
    }
}

pub(crate) fn clock_word(clock: ClockFormat) -> &'static str {
    match clock {
        ClockFormat::H24 => "13:05",
        ClockFormat::H12 => "1:05 pm",
    }
}

fn put_back(page: &mut ProfilePage, refused: &Refused) {
    page.error = refused.whole();
    page.name = refused.field("name");
    page.zone = refused.field("zone");
    refused.choose(&mut page.week_start, "week_start");
    refused.choose(&mut page.locale, "locale");
    refused.choose(&mut page.clock_format, "clock_format");
}

async fn save(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let typed = form.clone();
    let saved = member.try_write(&server, move |op| change_me(op, read(&typed)?)).await;
    match saved {
        Ok(profile) => {
            keep_zone(&server, member.actor.request, &profile).await;
            Ok(member.back("profile", Some(Flash::Saved)))
        }
        Err(Error::Stale(_)) => show_both(&server, &member, form).await,
        Err(error) => show(&server, &member, Some(Refused::new(&member, form, error)?)).await,
    }
}

fn read(form: &Typed) -> Result<ChangeMe, Error> {
    let mut wrong = Vec::new();
    let choice = |name| form.get(name);
    let change = ChangeMe {
        name: collect(&mut wrong, app::input::name("name", form.get("name"))),
        zone: collect(&mut wrong, app::input::zone("zone", form.get("zone").trim())),
        week_start: collect(&mut wrong, app::input::choice("week_start", choice("week_start"))),
        locale: collect(&mut wrong, app::input::choice("locale", choice("locale"))),
        clock_format: collect(
            &mut wrong,
            app::input::choice("clock_format", choice("clock_format")),
        ),
        expected_version: form.version(),
    };
    if wrong.is_empty() { Ok(change) } else { Err(Error::Invalid(Fields(wrong))) }
}

/// Another window was faster: both texts.
async fn show_both(server: &Server, member: &SignedIn, form: Typed) -> PageResult {
    let typed = form.clone();
    let (frame, overtaken) = member
        .read(server, move |op| Ok((Frame::read(op)?, overtaken(get_me(op)?, &typed))))
        .await?;
    stale(server, member, frame, Place::Profile, &form, overtaken).await
}

fn overtaken(stored: Profile, typed: &Typed) -> Overtaken {
    let yours = |name: &str| typed.get(name).trim().to_owned();
    let both = Overtaken {
        about: "My profile".to_owned(),
        path: "profile".to_owned(),
        version: stored.version,
        differences: Vec::new(),
    };
    both.with("Name", yours("name"), stored.name)
        .with("Time zone", yours("zone"), stored.zone.as_str().to_owned())
        .with("The week begins on", yours("week_start"), stored.week_start.to_string())
        .with("Times of day", yours("clock_format"), stored.clock_format.to_string())
        .with("Dates and numbers", yours("locale"), stored.locale.to_string())
}
