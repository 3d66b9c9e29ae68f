//! Signing in and out, setting up, joining, confirming a program: pages without the frame.

mod address;
mod device;
mod join;
mod link;
mod passkey;
pub(crate) mod password;
mod proof;
pub(crate) mod provider;
mod reset;
mod second;
mod set_up;
mod sign_in;

pub(crate) use passkey::{ANSWER, question};
pub(crate) use sign_in::{mail_note, network_of};

use app::identity::{NewSession, end_session, forget_remembered};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::{
    log::SECURITY,
    page::Field,
    state::Server,
    web::{Cookie, PageError, PageRefused, Typed, Visit, Visitor, page, redirect},
};

/// Routes of everything before the frame.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::ask))
        .route("/sign-in/first", get(sign_in::show).post(sign_in::keep))
        .route("/sign-in/code", get(sign_in::show_code).post(sign_in::try_code))
        .route("/sign-in/second", get(second::show).post(second::try_second))
        .route("/sign-in/second/mail", post(second::mail))
        .merge(passkey::routes())
        .route("/stop-reset/{token}", get(reset::show).post(reset::stop))
        .route("/confirm-address/{token}", get(address::show_new).post(address::use_new))
        .route("/stop-address/{token}", get(address::show_stop).post(address::stop))
        .route("/sign-in/password", get(sign_in::show).post(password::change))
        .route("/sign-in/password/strength", post(password::strength))
        .route("/sign-in/provider/{place}/callback", get(provider::come))
        .route("/sign-in/provider/{place}/{id}", get(provider::offer).post(provider::leave))
        .route("/sign-in/link/{token}", get(link::show_mailed).post(link::use_mailed))
        .route("/enter/{token}", get(link::show_printed).post(link::use_printed))
        .route("/set-up/{token}", get(set_up::show).post(set_up::carry_out))
        .route("/join/{token}", get(join::show).post(join::carry_out))
        .route("/device", get(device::show))
        .route("/device/confirm", post(device::decide))
        .route("/proof", post(proof::send))
        .route("/proof/code", post(proof::try_code))
        .route("/sign-out", post(sign_out))
        .route("/signed-out", get(signed_out))
}

/// Ends the session and forgets the browser; also where the session has ended by itself, and without
/// opening another one for it.
async fn sign_out(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    form: Result<Typed, PageRefused>,
) -> Result<Response, PageRefused> {
    let next = match form {
        Ok(form) => form.some("next").map(|next| next_path(next).to_owned()),
        Err(refused) if visit.session().is_some() || visit.is_remembered() => return Err(refused),
        Err(_) => None,
    };
    let left = leave(&server, &visit).await;
    left.map_err(|error| PageRefused::Page(failed(&visit, error)))?;
    let mut response = redirect(&after_leaving(next), None);
    let headers = response.headers_mut();
    visit.remove_cookie(headers, Cookie::Session);
    visit.remove_cookie(headers, Cookie::Remember);
    clear_site_data(headers);
    Ok(response)
}

/// Has the browser forget what it keeps of our pages: whoever sits before it next sees none of them. Its
/// cookies stay, among them the marks of people who are known in it.
pub(crate) fn clear_site_data(headers: &mut HeaderMap) {
    headers.insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
}

/// Where one comes to after signing out: who signs in another way goes on from there.
fn after_leaving(next: Option<String>) -> String {
    let query = next.and_then(|next| serde_urlencoded::to_string([("next", next)]).ok());
    query.map_or_else(|| "/signed-out".to_owned(), |query| format!("/sign-in?{query}"))
}

/// Ends what a browser brings: its session, and what remembers it.
async fn leave(server: &Server, visit: &Visit) -> Result<(), app::Error> {
    let session = visit.session().map(|session| session.id);
    let remembered = visit.cookie(Cookie::Remember).map(str::to_owned);
    if session.is_none() && remembered.is_none() {
        return Ok(());
    }
    server
        .app
        .write_directory(visit.info().id, move |op| {
            session.map_or(Ok(()), |id| end_session(op, id))?;
            remembered.as_deref().map_or(Ok(()), |cookie| forget_remembered(op, cookie))
        })
        .await
}

async fn signed_out(Visitor(visit): Visitor) -> Response {
    page(&super::view::SignedOutPage { layout: visit.plain("signed-out", "Signed out") })
}

/// Where to go after signing in: a path of ours, or the first page.
pub(super) fn next_path(next: &str) -> &str {
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

/// The session's cookies on the way to a page. Who was signed in here before is signed out: an older
/// remember-me cookie, perhaps of somebody else, must not take over later.
async fn enter(server: &Server, visit: &Visit, session: &NewSession, to: &str) -> Response {
    if let Err(error) = leave(server, visit).await {
        let request_id = visit.info().id;
        tracing::error!(target: SECURITY, %request_id, %error, "the former session of a browser goes on");
    }
    let mut response = redirect(to, None).into_response();
    let headers = response.headers_mut();
    visit.set_session(headers, session);
    if session.remember.is_none() {
        visit.remove_cookie(headers, Cookie::Remember);
    }
    response
}
