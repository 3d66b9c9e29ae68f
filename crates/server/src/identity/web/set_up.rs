//! Set a workspace up, by the link that the server printed.

use app::{
    SetUp, SetUpWorkspace,
    identity::{Purpose, get_address},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::preference::{Currency, Locale};

use super::{
    enter, failed, field,
    link::{PRINTED, look_at_printed, not_valid},
    sentence,
};
use crate::{
    identity::view::SetUpPage,
    page::Field,
    state::Server,
    web::{
        PageResult, Typed, Visit, Visitor, collect, page, page_with, redirect, week_starts, zones,
    },
};

pub(super) async fn show(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
) -> PageResult {
    if look_at_printed(&server, &visit, &token).await? != Purpose::Setup {
        return Err(not_valid(&visit, PRINTED));
    }
    let mut empty = set_up_page(&visit, &token, &Typed::default(), &[]);
    (empty.zone, empty.is_zone_proposed) = (Field::new("Europe/Berlin"), true);
    empty.week_start = week_starts("monday");
    if let Some(session) = visit.session() {
        let address = server
            .app
            .read_directory(visit.info().id, move |op| get_address(op, session.user))
            .await
            .map_err(|error| failed(&visit, error))?;
        empty.email = Field::new(address.as_str());
    }
    Ok(page(&empty))
}

fn set_up_page(visit: &Visit, token: &str, form: &Typed, wrong: &[app::FieldError]) -> SetUpPage {
    SetUpPage {
        layout: visit.plain("set-up", "Set up your workspace"),
        action: format!("/set-up/{token}"),
        token: token.to_owned(),
        error: String::new(),
        workspace: field(form, "workspace", wrong),
        name: field(form, "name", wrong),
        email: field(form, "email", wrong),
        zone: field(form, "zone", wrong),
        is_zone_proposed: false,
        zones: zones(),
        week_start: week_starts(form.get("week_start")),
    }
}

pub(super) async fn carry_out(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
    form: Typed,
) -> PageResult {
    let mut wrong = Vec::new();
    let command = read(&visit, &form, &mut wrong);
    let Some(command) = command.filter(|_| wrong.is_empty()) else {
        let again = set_up_page(&visit, &token, &form, &wrong);
        return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again));
    };
    match server.app.set_up_by_link(visit.info().id, token.clone(), command).await {
        Ok(set_up) => Ok(go_on(&server, &visit, &set_up).await),
        Err(app::Error::Invalid(wrong)) => {
            let again = set_up_page(&visit, &token, &form, &wrong.0);
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again))
        }
        Err(error) => {
            let mut again = set_up_page(&visit, &token, &form, &[]);
            again.error = sentence(&visit, error)?;
            Ok(page_with(StatusCode::CONFLICT, &again))
        }
    }
}

/// Into the workspace; whoever belonged to another one before signs in as they always do.
async fn go_on(server: &Server, visit: &Visit, set_up: &SetUp) -> Response {
    let to = format!("/w/{}/today", set_up.workspace);
    if let Some(session) = &set_up.session {
        return enter(server, visit, session, &to).await;
    }
    match visit.session() {
        Some(session) if session.user == set_up.owner => redirect(&to, None),
        Some(_) => redirect("/", None),
        None => {
            let next = serde_urlencoded::to_string([("next", &to)]).unwrap_or_default();
            redirect(&format!("/sign-in?{next}"), None)
        }
    }
}

fn read(visit: &Visit, form: &Typed, wrong: &mut Vec<app::FieldError>) -> Option<SetUpWorkspace> {
    let name = collect(wrong, app::input::name("workspace", form.get("workspace")));
    let owner_name = collect(wrong, app::input::name("name", form.get("name")));
    let owner_address = collect(wrong, app::input::address("email", form.get("email")));
    let zone = collect(wrong, app::input::zone("zone", form.get("zone").trim()));
    let week_start = collect(wrong, app::input::choice("week_start", form.get("week_start")));
    Some(SetUpWorkspace {
        name: name?,
        owner_name: owner_name?,
        owner_address: owner_address?,
        zone: zone?,
        week_start: week_start?,
        locale: Locale::EnGb,
        currency: Currency::EUR,
        origin: visit.origin().clone(),
    })
}
