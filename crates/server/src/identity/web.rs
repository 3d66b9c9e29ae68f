//! Signing in and out, setting up, joining, confirming a program: pages without the frame.

mod device;
mod join;
mod link;
mod set_up;
mod sign_in;

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::{
    page::Field,
    state::Server,
    web::{Cookie, PageError, PageResult, SignedIn, Typed, Visit, Visitor, page, redirect},
};

/// Routes of everything before the frame.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::ask))
        .route("/sign-in/code", get(sign_in::show_code).post(sign_in::try_code))
        .route("/sign-in/link/{token}", get(link::show_mailed).post(link::use_mailed))
        .route("/enter/{token}", get(link::show_printed).post(link::use_printed))
        .route("/set-up/{token}", get(set_up::show).post(set_up::carry_out))
        .route("/join/{token}", get(join::show).post(join::carry_out))
        .route("/device", get(device::show))
        .route("/device/confirm", post(device::decide))
        .route("/sign-out", post(sign_out))
        .route("/signed-out", get(signed_out))
}

/// Ends the session and forgets the browser.
async fn sign_out(State(server): State<Server>, member: SignedIn, _form: Typed) -> PageResult {
    let id = member.session.id;
    server
        .app
        .write_directory(member.actor.request, move |op| app::identity::end_session(op, id))
        .await
        .map_err(|error| member.fail(error))?;
    let mut response = redirect("/signed-out", None);
    let headers = response.headers_mut();
    member.visit.remove_cookie(headers, Cookie::Session);
    member.visit.remove_cookie(headers, Cookie::Remember);
    headers
        .insert("clear-site-data", axum::http::HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(response)
}

async fn signed_out(Visitor(visit): Visitor) -> Response {
    page(&super::view::SignedOutPage { layout: visit.plain("signed-out", "Signed out") })
}

/// Where to go after signing in: a path of ours, or the first page.
fn next_path(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.starts_with("/\\");
    let is_plain = next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if is_path && is_plain { next } else { "/" }
}

/// A field as typed, with the sentence that belongs beside it.
fn field(form: &Typed, name: &'static str, wrong: &[app::FieldError]) -> Field {
    let error = wrong.iter().find(|error| error.field == name);
    Field::new(form.get(name)).with_error(error.map_or("", |error| error.message.as_str()))
}

fn failed(visit: &Visit, error: app::Error) -> PageError {
    PageError::new(visit, error)
}

/// A refusal as a sentence for the page; anything else is an error page.
fn sentence(visit: &Visit, error: app::Error) -> Result<String, PageError> {
    match error {
        app::Error::Refused(refusal) => Ok(refusal.sentence()),
        other => Err(failed(visit, other)),
    }
}

/// The session's cookies on the way to a page.
fn enter(visit: &Visit, session: &app::identity::NewSession, to: &str) -> Response {
    let mut response = redirect(to, None).into_response();
    visit.set_session(response.headers_mut(), session);
    response
}
