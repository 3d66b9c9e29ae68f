//! Links that sign in: a GET shows a button, and only its POST uses the link up.

use app::identity::{
    self, LinkFound, Method, Passed, Purpose, SignIn, consume_link, hash_secret, look_at_link,
    look_at_one_time_link, sign_in_with_link,
};
use axum::extract::{Path, State};

use super::{
    enter, failed,
    second::{SECOND, ask_for_second},
    sign_in::{login_or_new, signed_in, with_mark},
};
use crate::{
    error::Failure,
    identity::view::ConfirmLinkPage,
    state::Server,
    web::{Cookie, PageError, PageResult, Typed, Visit, Visitor, page, redirect},
};

fn button(
    visit: &Visit,
    heading: &str,
    text: &str,
    action: String,
    token: String,
) -> ConfirmLinkPage {
    ConfirmLinkPage {
        layout: visit.plain("link", heading),
        heading: heading.to_owned(),
        text: text.to_owned(),
        action,
        token,
        button: "Sign in".to_owned(),
    }
}

/// What helps whose printed link does not work.
pub(super) const PRINTED: &str = "A link from the server works once, and not for long. Sign in with your \
                                  e-mail address, or ask who runs the server for a new one.";

/// What helps whose link from a mail does not.
const MAILED: &str = "The link in a mail works once, for ten minutes, and only the newest one does. Sign in \
                      with your e-mail address for another mail.";

/// The page of a link that does not work, with what to do next.
pub(super) fn not_valid(visit: &Visit, advice: &str) -> PageError {
    failed_with(visit, app::Refusal::LinkNotValid.into(), advice)
}

/// The page of an error, with what to do next where it is that the link does not work.
pub(super) fn failed_with(visit: &Visit, error: app::Error, advice: &str) -> PageError {
    let is_link = matches!(error, app::Error::Refused(app::Refusal::LinkNotValid));
    let failure = Failure::from(error);
    PageError::new(visit, if is_link { failure.with_detail(advice) } else { failure })
}

fn other_browser(visit: &Visit) -> PageError {
    let title = "Enter the code in the tab where you started. The link in the mail only signs in \
                 the browser that asked for it; the code in the same mail does it there.";
    let failure = Failure::new(axum::http::StatusCode::CONFLICT, "link.other_browser", title);
    PageError::new(visit, failure)
}

fn login(visit: &Visit) -> Option<[u8; 32]> {
    visit.cookie(Cookie::Login).and_then(hash_secret)
}

pub(super) async fn show_mailed(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
) -> PageResult {
    let (login, looked) = (login(&visit), token.clone());
    let found = server
        .app
        .read_directory(visit.info().id, move |op| look_at_link(op, login.as_ref(), &looked))
        .await
        .map_err(|error| failed(&visit, error))?;
    match found {
        LinkFound::Here => {
            let action = format!("/sign-in/link/{token}");
            Ok(page(&button(&visit, "Sign in to Timeproof", "", action, token)))
        }
        LinkFound::OtherBrowser => Err(other_browser(&visit)),
        LinkFound::NotValid => Err(not_valid(&visit, MAILED)),
    }
}

pub(super) async fn use_mailed(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
    _form: Typed,
) -> PageResult {
    let (login, origin) = (login(&visit), visit.origin().clone());
    let tried = server
        .app
        .write_directory(visit.info().id, move |op| {
            let tried = sign_in_with_link(op, login.as_ref(), &token, &origin)?;
            with_mark(op, tried, &origin)
        })
        .await
        .map_err(|error| failed(&visit, error))?;
    match tried {
        (SignIn::Opened(session), mark) => Ok(signed_in(&server, &visit, &session, mark).await),
        (SignIn::SecondAsked, _) => Ok(redirect(SECOND, None)),
        (SignIn::OtherBrowser, _) => Err(other_browser(&visit)),
        (SignIn::Wrong { .. } | SignIn::CodesOff | SignIn::NotValid, _) => {
            Err(not_valid(&visit, MAILED))
        }
    }
}

/// What a printed link is for; nothing is used up.
///
/// Errors: the page of a link that is not valid.
pub(super) async fn look_at_printed(
    server: &Server,
    visit: &Visit,
    token: &str,
) -> Result<Purpose, PageError> {
    let token = token.to_owned();
    let found = server
        .app
        .read_directory(visit.info().id, move |op| look_at_one_time_link(op, &token))
        .await
        .map_err(|error| failed(visit, error))?;
    found.ok_or_else(|| not_valid(visit, PRINTED))
}

pub(super) async fn show_printed(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
) -> PageResult {
    match look_at_printed(&server, &visit, &token).await? {
        Purpose::Enter(_) => {}
        Purpose::Setup => return Ok(redirect(&format!("/set-up/{token}"), None)),
    }
    let text = "This link works once. Your browser will be signed in.";
    let action = format!("/enter/{token}");
    Ok(page(&button(&visit, "Sign in to Timeproof", text, action, token)))
}

pub(super) async fn use_printed(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(token): Path<String>,
    _form: Typed,
) -> PageResult {
    let (cookie_hash, secret) = login_or_new(&server, &visit)?;
    let origin = visit.origin().clone();
    let sign_in = server
        .app
        .write_directory(visit.info().id, move |op| {
            let Purpose::Enter(user) = consume_link(op, &token)? else {
                return Err(app::Refusal::LinkNotValid.into());
            };
            let method = Method::PrintedLink;
            identity::enter(op, Passed { user, method, remember: false, cookie_hash }, &origin)
        })
        .await
        .map_err(|error| failed_with(&visit, error, PRINTED))?;
    match sign_in {
        SignIn::Opened(session) => Ok(enter(&server, &visit, &session, "/").await),
        _ => Ok(ask_for_second(&visit, secret.as_deref(), "/")),
    }
}
