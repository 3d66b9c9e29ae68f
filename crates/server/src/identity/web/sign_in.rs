//! Sign in with a code from a mail.

use app::identity::{
    RequestCode, SignIn, hash_secret, is_known_device, mark_known_device, request_code,
    sign_in_with_code,
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use serde::Deserialize;

use super::{enter, failed, next_path};
use crate::{
    error::Failure,
    identity::view::{CodePage, SignInPage},
    page::Field,
    state::Server,
    web::{Cookie, PageError, PageResult, Typed, Visit, Visitor, page, page_with, redirect},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Next {
    next: String,
}

pub(super) async fn show(Visitor(visit): Visitor, Query(query): Query<Next>) -> PageResult {
    let next = next_path(&query.next).to_owned();
    if visit.session().is_some() {
        return Ok(redirect(&next, None));
    }
    Ok(page(&sign_in_page(&visit, next, Field::default(), false)))
}

fn sign_in_page(visit: &Visit, next: String, email: Field, remember: bool) -> SignInPage {
    SignInPage { layout: visit.plain("sign-in", "Sign in"), next, email, remember }
}

/// Asks for a code. The answer is the same whether or not anybody has the address.
pub(super) async fn ask(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    form: Typed,
) -> PageResult {
    let next = next_path(form.get("next")).to_owned();
    let remember = form.is_ticked("remember");
    let typed = form.get("email").to_owned();
    let address = match app::input::address("email", &typed) {
        Ok(address) => address,
        Err(app::Error::Invalid(fields)) => {
            let error = fields.0.first().map(|f| f.message.clone()).unwrap_or_default();
            let email = Field::new(typed).with_error(error);
            let again = sign_in_page(&visit, next, email, remember);
            return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again));
        }
        Err(error) => return Err(failed(&visit, error)),
    };
    let cookie_hash = login_hash(&visit)?;
    let device = visit.cookie(Cookie::Device).unwrap_or_default().to_owned();
    let network = crate::net::network(visit.info().peer);
    let network = network.map_or_else(|| "unknown".to_owned(), |network| network.to_string());
    let base_url = server.config.base_url();
    server
        .app
        .write_directory(visit.info().id, move |op| {
            let is_known_device = is_known_device(op, &address, &device)?;
            let command = RequestCode {
                address: address.clone(),
                cookie_hash,
                network: network.clone(),
                is_known_device,
                remember,
                base_url: base_url.clone(),
            };
            request_code(op, &command)
        })
        .await
        .map_err(|error| failed(&visit, error))?;
    let sent = code_page(&server, &visit, typed, Field::default());
    let mut response = page(&sent).into_response();
    if next != "/" {
        visit.set_next(response.headers_mut(), &next);
    }
    Ok(response)
}

/// The hash of the secret that binds a sign-in to this browser.
pub(super) fn login_hash(visit: &Visit) -> Result<[u8; 32], PageError> {
    let secret = visit.cookie(Cookie::Login).and_then(hash_secret);
    secret.ok_or_else(|| {
        let title = "Your browser did not send the cookie of this page. Allow cookies for this \
                     site, then begin again.";
        PageError::new(visit, Failure::new(StatusCode::BAD_REQUEST, "sign_in.no_cookie", title))
    })
}

pub(super) async fn show_code(State(server): State<Server>, Visitor(visit): Visitor) -> PageResult {
    Ok(page(&code_page(&server, &visit, "you".to_owned(), Field::default())))
}

fn code_page(server: &Server, visit: &Visit, email: String, code: Field) -> CodePage {
    let mail_note = if server.config.smtp.is_some() {
        String::new()
    } else {
        "No mail server is configured: the mail is in the server's terminal, and in the folder \
         mail of its data."
            .to_owned()
    };
    CodePage { layout: visit.plain("code", "Look into your mail"), email, code, mail_note }
}

/// Tries a code.
pub(super) async fn try_code(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    form: Typed,
) -> PageResult {
    let cookie_hash = login_hash(&visit)?;
    let typed = form.get("code").to_owned();
    let code = typed.clone();
    let tried = server
        .app
        .write_directory(visit.info().id, move |op| sign_in_with_code(op, &cookie_hash, &code))
        .await
        .map_err(|error| failed(&visit, error))?;
    let sentence = match tried {
        SignIn::Opened(session) => return signed_in(&server, &visit, &session).await,
        SignIn::Wrong { left } => app::Refusal::CodeWrong { left }.sentence(),
        SignIn::OtherBrowser | SignIn::NotValid => app::Refusal::CodeNotValid.sentence(),
    };
    let again =
        code_page(&server, &visit, "you".to_owned(), Field::new(typed).with_error(sentence));
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again))
}

/// Marks the browser as known, sets the session's cookies and goes on. The login cookie has done
/// its work: the next sign-in gets a new one.
pub(super) async fn signed_in(
    server: &Server,
    visit: &Visit,
    session: &app::identity::NewSession,
) -> PageResult {
    let user = session.user;
    let mark = server
        .app
        .write_directory(visit.info().id, move |op| mark_known_device(op, user))
        .await
        .map_err(|error| failed(visit, error))?;
    let next = visit.cookie(Cookie::Next).map(next_from_cookie).unwrap_or_default();
    let mut response = enter(visit, session, next_path(&next));
    let headers = response.headers_mut();
    visit.set_cookie(headers, Cookie::Device, mark.expose(), Some(31_536_000));
    visit.remove_cookie(headers, Cookie::Login);
    visit.remove_cookie(headers, Cookie::Next);
    Ok(response)
}

fn next_from_cookie(text: &str) -> String {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).unwrap_or_default();
    pairs.into_iter().next().map(|(_, path)| path).unwrap_or_default()
}
