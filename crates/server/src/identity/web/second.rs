//! The second step of signing in: a code of the app, a recovery code, or a code by mail.

use app::{
    Refusal,
    identity::{
        Locked, SecondTried, Waiting, find_waiting, get_address, mail_second_code, mark_browser,
        sign_in_with_second,
    },
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    failed, next_path, password,
    sign_in::{carried, login_hash, mail_note, send_now, signed_in},
};
use crate::{
    identity::view::{Kept, SecondPage},
    page::Field,
    state::Server,
    web::{Cookie, PageError, PageResult, Typed, Visit, Visitor, page, page_with, redirect},
};

/// Where the second factor is asked for.
pub(super) const SECOND: &str = "/sign-in/second";

/// A step that has ended, whatever ended it.
const OVER: &str = "It was tried too often, or ten minutes are over, or you began anew elsewhere.";

/// On to the second step, and afterwards to `next`. `secret` is for the login cookie of a browser that
/// has none.
pub(super) fn ask_for_second(visit: &Visit, secret: Option<&str>, next: &str) -> Response {
    let mut response = redirect(SECOND, None).into_response();
    let headers = response.headers_mut();
    if let Some(secret) = secret {
        visit.set_cookie(headers, Cookie::Login, secret, Some(86_400));
    }
    visit.set_next(headers, next);
    response
}

/// The page of the second step, as the answer to a first factor that was sent with a form: what it
/// carries on is not lost.
pub(super) async fn ask(server: &Server, visit: &Visit, form: &Typed) -> PageResult {
    let page_of = second_page(server, visit, form, Field::default()).await?;
    let mut response = page(&page_of).into_response();
    if let Some(next) = form.some("next") {
        visit.set_next(response.headers_mut(), next_path(next));
    }
    Ok(response)
}

pub(super) async fn show(State(server): State<Server>, Visitor(visit): Visitor) -> PageResult {
    let form = Typed::default();
    if let Some(waiting) = waiting(&server, &visit).await?
        && waiting.is_shown
    {
        let read = move |op: &mut app::DirectoryOp| get_address(op, waiting.user);
        let address = server.app.read_directory(visit.info().id, read).await;
        let address = address.map_err(|error| failed(&visit, error))?;
        return Ok(page(&password::new_password(&server, &visit, &form, address.as_str())?));
    }
    Ok(page(&second_page(&server, &visit, &form, Field::default()).await?))
}

/// Who waits in this browser.
async fn waiting(server: &Server, visit: &Visit) -> Result<Option<Waiting>, PageError> {
    let Ok(cookie_hash) = login_hash(visit) else { return Ok(None) };
    let found =
        server.app.read_directory(visit.info().id, move |op| find_waiting(op, &cookie_hash)).await;
    found.map_err(|error| failed(visit, error))
}

/// The page as it is now: a field for the code, or that the step is over.
pub(super) async fn second_page(
    server: &Server,
    visit: &Visit,
    form: &Typed,
    code: Field,
) -> Result<SecondPage, PageError> {
    let waiting = waiting(server, visit).await?;
    let is_by_mail = waiting.is_some_and(|waiting| waiting.is_by_mail());
    let strong = waiting.map(|waiting| waiting.strong).unwrap_or_default();
    let code = if waiting.is_some() { code } else { code.with_error(OVER) };
    Ok(SecondPage {
        layout: visit.plain("second", "One more step"),
        kept: carried(form),
        next: form.some("next").map(next_path).unwrap_or_default().to_owned(),
        is_by_mail,
        strong,
        passkey_error: String::new(),
        code,
        is_over: waiting.is_none(),
        mail_note: if is_by_mail { mail_note(server) } else { String::new() },
    })
}

/// Tries the code; a right one signs in.
pub(super) async fn try_second(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    form: Typed,
) -> PageResult {
    let cookie_hash = login_hash(&visit)?;
    let typed = form.get("code").to_owned();
    let (code, origin) = (typed.clone(), visit.origin().clone());
    let tried = server
        .app
        .write_directory(visit.info().id, move |op| {
            let tried = sign_in_with_second(op, &cookie_hash, &code, &origin)?;
            // The mark is made in the same transaction: when it cannot be, the code is not used up.
            let mark = match &tried {
                SecondTried::Opened(session) => mark_browser(op, session, &origin)?,
                _ => None,
            };
            Ok((tried, mark.map(|mark| mark.expose().clone())))
        })
        .await
        .map_err(|error| failed(&visit, error))?;
    let (status, sentence) = match tried {
        (SecondTried::Opened(session), mark) => {
            let entered = signed_in(&server, &visit, &session, mark).await;
            return match Kept::read(&form) {
                None => Ok(entered),
                Some(kept) => send_now(&server, &visit, &session, &kept, entered).await,
            };
        }
        (SecondTried::Wrong { left }, _) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Refusal::CodeWrong { left }.sentence())
        }
        (SecondTried::NoCode, _) => (StatusCode::UNPROCESSABLE_ENTITY, NO_CODE.to_owned()),
        (SecondTried::MustChange(address), _) => {
            return Ok(page(&password::new_password(&server, &visit, &form, address.as_str())?));
        }
        (SecondTried::Locked(locked), _) => {
            let code = Field::new(typed).with_error(locked_sentence(locked));
            let mut response = page_with(
                StatusCode::TOO_MANY_REQUESTS,
                &second_page(&server, &visit, &form, code).await?,
            );
            if let Locked::Wait { wait_s } = locked {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
            }
            return Ok(response);
        }
        (SecondTried::NotValid, _) => (StatusCode::UNPROCESSABLE_ENTITY, OVER.to_owned()),
    };
    let code = Field::new(typed).with_error(sentence);
    Ok(page_with(status, &second_page(&server, &visit, &form, code).await?))
}

/// What cannot be a code has no number of tries: none was taken, and who is locked has none.
pub(super) const NO_CODE: &str =
    "This cannot be a code, so it was not tried. Type the code as it is shown.";

/// No code is looked at, and what helps.
pub(super) fn locked_sentence(locked: Locked) -> String {
    match locked {
        Locked::Wait { wait_s } => {
            let wait = if wait_s < 90 {
                format!("{wait_s} seconds")
            } else {
                format!("{} minutes", wait_s.saturating_add(59) / 60)
            };
            format!(
                "Too many wrong codes were tried for this account, so this one was not looked at. Wait \
                 {wait}, or use a recovery code. In a browser in which you have signed in before, you \
                 need not wait."
            )
        }
        Locked::Off => "A hundred wrong codes were tried for this account, so codes of the app work only \
                        in browsers in which you have signed in before. Use a recovery code here, or sign \
                        in in one of those and let the app work everywhere again, on the page “My security”."
            .to_owned(),
        Locked::MailOff => "A hundred wrong codes were typed for this account, so none from a mail is taken \
                            here as the second step. Begin again and sign in with a code or a link by \
                            mail instead of the password, or with a passkey. After that they work again."
            .to_owned(),
        Locked::Here => "Too many wrong codes were typed here, one after the other. Use a recovery code, or \
                         sign out and in again."
            .to_owned(),
    }
}

/// Mails another code, where a mail is the second factor.
pub(super) async fn mail(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    form: Typed,
) -> PageResult {
    let cookie_hash = login_hash(&visit)?;
    let is_sent = server
        .app
        .write_directory(visit.info().id, move |op| mail_second_code(op, &cookie_hash))
        .await
        .map_err(|error| failed(&visit, error))?;
    if is_sent {
        return Ok(page(&second_page(&server, &visit, &form, Field::default()).await?));
    }
    let code = Field::default().with_error(Refusal::TooManyMails.sentence());
    let again = second_page(&server, &visit, &form, code).await?;
    Ok(page_with(StatusCode::TOO_MANY_REQUESTS, &again))
}
