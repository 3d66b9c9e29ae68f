//! Sign in with a password; and replace one that has to be replaced.

use app::{
    Error, Refusal,
    identity::{
        Puzzle, SignIn, Solution,
        password::{ChangeAtDoor, GUIDANCE, PasswordTried, Secret, SignInWithPassword},
    },
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use domain::text::EmailAddress;

use super::{
    failed, next_path, second,
    sign_in::{again, carried, login_hash, network_of, offering, send_now, signed_in},
};
use crate::{
    identity::view::{Kept, NewPasswordPage, SignInPage},
    security::password::told,
    state::Server,
    web::{Cookie, PageError, PageResult, Typed, Visit, Visitor, page, page_with},
};

/// The one sentence about every password that lets nobody in, so that it tells nothing: not whether
/// anybody has the address, nor whether they have a password, nor whether it was looked at.
const WRONG: &str = "This e-mail and this password do not go together, or there were too many tries. \
     Wait a while before the next one, or let us send you a code.";

/// Of a password that was not looked at while many accounts are guessed at.
const NEEDS_WORK: &str = "Many wrong passwords are being tried here just now, so yours was not looked at. \
     Type it once more: your browser computes for about a second before it is sent. Or let us send you a \
     code.";

/// How soon a full queue has a place again.
pub(crate) const QUEUE_WAIT_S: i64 = 2;

/// How soon the work of a browser can be done.
const WORK_WAIT_S: i64 = 1;

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
        Ok(PasswordTried::MustChange) => {
            Ok(page(&new_password(server, visit, form, form.get("email"))?))
        }
        Ok(PasswordTried::Wrong) => refused(server, visit, form).await,
        Ok(PasswordTried::NeedsWork) => {
            waiting(server, visit, form, NEEDS_WORK.to_owned(), WORK_WAIT_S).await
        }
        Ok(PasswordTried::TooManyOfNetwork { wait_s }) => {
            waiting(server, visit, form, of_network(wait_s), wait_s).await
        }
        Err(Error::Refused(Refusal::TooManyChecks)) => {
            let sentence = Refusal::TooManyChecks.sentence();
            waiting(server, visit, form, sentence, QUEUE_WAIT_S).await
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
        solution: Solution {
            browser: visit.csrf().to_owned(),
            puzzle: form.get("puzzle").to_owned(),
            numbers: form.get("numbers").to_owned(),
        },
    })
}

/// Signed in, or on to the second factor; with the form that waited, if one did.
pub(super) async fn go_on(
    server: &Server,
    visit: &Visit,
    form: &Typed,
    entered: SignIn,
    mark: Option<Secret<String>>,
) -> PageResult {
    let SignIn::Opened(session) = entered else {
        return second::ask(server, visit, form).await;
    };
    let mark = mark.map(|mark| mark.expose().clone());
    let mut response = signed_in(server, visit, &session, mark).await;
    match Kept::read(form) {
        Some(kept) => send_now(server, visit, &session, &kept, response).await,
        None => {
            let next = form.some("next").map_or("/", next_path);
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
async fn refused(server: &Server, visit: &Visit, form: &Typed) -> PageResult {
    let page = with_sentence(server, visit, form, WRONG.to_owned()).await?;
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

async fn waiting(
    server: &Server,
    visit: &Visit,
    form: &Typed,
    sentence: String,
    wait_s: i64,
) -> PageResult {
    let page = with_sentence(server, visit, form, sentence).await?;
    Ok(later(&page, wait_s))
}

/// A page that says to come again after a while.
pub(crate) fn later(template: &impl askama::Template, wait_s: i64) -> Response {
    let mut response = page_with(StatusCode::TOO_MANY_REQUESTS, template);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
    response
}

async fn with_sentence(
    server: &Server,
    visit: &Visit,
    form: &Typed,
    sentence: String,
) -> Result<SignInPage, PageError> {
    let page = offering(server, visit, again(visit, form)).await?;
    Ok(SignInPage { uses_password: true, password_error: sentence, ..page })
}

fn of_network(wait_s: i64) -> String {
    let minutes = wait_s.saturating_add(59) / 60;
    format!(
        "Too many wrong passwords came from your network. Try again in {minutes} minutes, or let us \
         send you a code."
    )
}

/// What the browser is to solve before a password of it is looked at; none at most times.
pub(super) fn puzzle(server: &Server, visit: &Visit) -> Result<Option<Puzzle>, PageError> {
    if !server.app.is_challenging() {
        return Ok(None);
    }
    server.app.new_puzzle(visit.csrf()).map(Some).map_err(|error| failed(visit, error))
}

/// Asks for another password, of the person with this address.
pub(super) fn new_password(
    server: &Server,
    visit: &Visit,
    form: &Typed,
    email: &str,
) -> Result<NewPasswordPage, PageError> {
    Ok(NewPasswordPage {
        layout: visit.plain("new-password", "Choose another password"),
        next: next_path(form.get("next")).to_owned(),
        kept: carried(form),
        email: email.to_owned(),
        remember: form.is_ticked("remember"),
        guidance: GUIDANCE,
        puzzle: puzzle(server, visit)?,
        ..NewPasswordPage::default()
    })
}

/// How good a password is that is being typed in place of one that has to be replaced.
pub(super) async fn strength(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    form: Typed,
) -> PageResult {
    let address = app::input::address("email", form.get("email"));
    let address = address.map_err(|error| failed(&visit, error))?;
    let typed = Secret::new(form.get("new_password").to_owned());
    let rated = server.app.rate_at_door(typed, address).await;
    rated.map(|rated| told(&rated)).map_err(|error| failed(&visit, error))
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
    let (wait_s, current_error, new_error) = match changed {
        Ok(PasswordTried::Passed(entered, mark)) => {
            return go_on(&server, &visit, &form, entered, mark).await;
        }
        Ok(PasswordTried::Wrong | PasswordTried::MustChange) => {
            (None, WRONG.to_owned(), String::new())
        }
        Ok(PasswordTried::NeedsWork) => (Some(WORK_WAIT_S), NEEDS_WORK.to_owned(), String::new()),
        Ok(PasswordTried::TooManyOfNetwork { wait_s }) => {
            (Some(wait_s), of_network(wait_s), String::new())
        }
        Err(Error::Refused(Refusal::TooManyChecks)) => {
            (Some(QUEUE_WAIT_S), Refusal::TooManyChecks.sentence(), String::new())
        }
        Err(Error::Invalid(fields)) => {
            let new_error = fields.0.first().map(|f| f.message.clone()).unwrap_or_default();
            (None, String::new(), new_error)
        }
        Err(error) => return Err(failed(&visit, error)),
    };
    let asking = new_password(&server, &visit, &form, form.get("email"))?;
    let asking = NewPasswordPage { current_error, new_error, ..asking };
    Ok(match wait_s {
        Some(wait_s) => later(&asking, wait_s),
        None => page_with(StatusCode::UNPROCESSABLE_ENTITY, &asking),
    })
}
