//! Sign in with a password; and replace one that has to be replaced.

use app::{
    Error, Refusal,
    identity::{
        SignIn,
        password::{ChangeAtDoor, GUIDANCE, PasswordTried, Secret, SignInWithPassword},
    },
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::text::EmailAddress;

use super::{
    failed, next_path,
    second::ask_for_second,
    sign_in::{again, carried, login_hash, network_of, send_now, signed_in},
};
use crate::{
    identity::view::{Kept, NewPasswordPage, SignInPage},
    state::Server,
    web::{Cookie, PageError, PageResult, Typed, Visit, Visitor, page, page_with},
};

/// The one sentence about every password that lets nobody in, so that it tells nothing: not whether
/// anybody has the address, nor whether they have a password, nor whether it was looked at.
const WRONG: &str = "This e-mail and this password do not go together, or there were too many tries. \
     Wait a while before the next one, or let us send you a code.";

/// How soon a full queue has a place again.
const QUEUE_WAIT_S: i64 = 2;

/// Tries a password from the sign-in page.
pub(super) async fn try_it(
    server: &Server,
    visit: &Visit,
    address: EmailAddress,
    form: &Typed,
) -> PageResult {
    let command = command(visit, address, form, "password")?;
    let tried = server.app.sign_in_with_password(visit.info().id, command).await;
    match tried {
        Ok(PasswordTried::Passed(entered, mark)) => go_on(server, visit, form, entered, mark).await,
        Ok(PasswordTried::MustChange) => Ok(page(&new_password(visit, form))),
        Ok(PasswordTried::Wrong) => Ok(refused(visit, form, WRONG.to_owned())),
        Ok(PasswordTried::TooManyOfNetwork { wait_s }) => {
            Ok(waiting(visit, form, of_network(wait_s), wait_s))
        }
        Err(Error::Refused(Refusal::TooManyChecks)) => {
            Ok(waiting(visit, form, Refusal::TooManyChecks.sentence(), QUEUE_WAIT_S))
        }
        Err(error) => Err(failed(visit, error)),
    }
}

fn command(
    visit: &Visit,
    address: EmailAddress,
    form: &Typed,
    field: &str,
) -> Result<SignInWithPassword, PageError> {
    Ok(SignInWithPassword {
        address,
        password: Secret::new(form.get(field).to_owned()),
        cookie_hash: login_hash(visit)?,
        device: visit.cookie(Cookie::Device).unwrap_or_default().to_owned(),
        network: network_of(visit),
        remember: form.is_ticked("remember"),
        origin: visit.origin().clone(),
    })
}

/// Signed in, or on to the second factor; with the form that waited, if one did.
async fn go_on(
    server: &Server,
    visit: &Visit,
    form: &Typed,
    entered: SignIn,
    mark: Option<Secret<String>>,
) -> PageResult {
    let next = form.some("next").map_or("/", next_path);
    let SignIn::Opened(session) = entered else {
        return Ok(ask_for_second(visit, None, next));
    };
    let mark = mark.map(|mark| mark.expose().clone());
    let mut response = signed_in(server, visit, &session, mark).await;
    match Kept::read(form) {
        Some(kept) => send_now(server, visit, &session, &kept, response).await,
        None => {
            if next != "/"
                && let Ok(place) = HeaderValue::from_str(next)
            {
                response.headers_mut().insert(header::LOCATION, place);
            }
            Ok(response)
        }
    }
}

/// The sign-in page with a sentence beside the password.
fn refused(visit: &Visit, form: &Typed, sentence: String) -> Response {
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &with_sentence(visit, form, sentence))
}

fn waiting(visit: &Visit, form: &Typed, sentence: String, wait_s: i64) -> Response {
    let page = with_sentence(visit, form, sentence);
    let mut response = page_with(StatusCode::TOO_MANY_REQUESTS, &page).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
    response
}

fn with_sentence(visit: &Visit, form: &Typed, sentence: String) -> SignInPage {
    SignInPage { uses_password: true, password_error: sentence, ..again(visit, form) }
}

fn of_network(wait_s: i64) -> String {
    let minutes = wait_s.saturating_add(59) / 60;
    format!(
        "Too many wrong passwords came from your network. Try again in {minutes} minutes, or let us \
         send you a code."
    )
}

fn new_password(visit: &Visit, form: &Typed) -> NewPasswordPage {
    NewPasswordPage {
        layout: visit.plain("new-password", "Choose another password"),
        next: next_path(form.get("next")).to_owned(),
        kept: carried(form),
        email: form.get("email").to_owned(),
        remember: form.is_ticked("remember"),
        guidance: GUIDANCE,
        ..NewPasswordPage::default()
    }
}

/// Replaces a password that has to be replaced, and signs in with it.
pub(super) async fn change(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    form: Typed,
) -> PageResult {
    let address = app::input::address("email", form.get("email"));
    let address = address.map_err(|error| failed(&visit, error))?;
    let sign_in = command(&visit, address, &form, "current_password")?;
    let new = Secret::new(form.get("new_password").to_owned());
    let command = ChangeAtDoor { sign_in, new };
    let changed = server.app.change_password_at_door(visit.info().id, command).await;
    let asking = new_password(&visit, &form);
    let (status, asking) = match changed {
        Ok(PasswordTried::Passed(entered, mark)) => {
            return go_on(&server, &visit, &form, entered, mark).await;
        }
        Ok(PasswordTried::Wrong | PasswordTried::MustChange) => {
            let current_error = WRONG.to_owned();
            (StatusCode::UNPROCESSABLE_ENTITY, NewPasswordPage { current_error, ..asking })
        }
        Ok(PasswordTried::TooManyOfNetwork { wait_s }) => {
            let current_error = of_network(wait_s);
            (StatusCode::TOO_MANY_REQUESTS, NewPasswordPage { current_error, ..asking })
        }
        Err(Error::Refused(Refusal::TooManyChecks)) => {
            let current_error = Refusal::TooManyChecks.sentence();
            (StatusCode::TOO_MANY_REQUESTS, NewPasswordPage { current_error, ..asking })
        }
        Err(Error::Invalid(fields)) => {
            let new_error = fields.0.first().map(|f| f.message.clone()).unwrap_or_default();
            (StatusCode::UNPROCESSABLE_ENTITY, NewPasswordPage { new_error, ..asking })
        }
        Err(error) => return Err(failed(&visit, error)),
    };
    Ok(page_with(status, &asking))
}
