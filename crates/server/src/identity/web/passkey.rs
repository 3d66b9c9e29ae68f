//! A passkey that signs in, that is the second step, or that is a fresh proof.
//!
//! Each has two addresses: one that answers JSON with the question for the device, asked by the script
//! of the page, and one that takes a plain form with the answer, so that what comes after it (the next
//! page, a form that waits, a sentence) is as for any other form.

use app::{
    DirectoryOp, Error, Refusal,
    identity::{
        Origin, PasskeyTried, SecondTried, SignIn, SignInWithPasskey, begin_passkey_proof,
        begin_passkey_sign_in, begin_passkey_step, is_over_passkey_quota, mark_browser,
        password::Secret, prove_with_passkey, sign_in_with_passkey, sign_in_with_passkey_second,
    },
};
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;

use super::{
    failed,
    password::{go_on, new_password},
    proof, second, sign_in,
};
use crate::{
    identity::view::{Kept, ProofPage, SecondPage, SignInPage},
    page::Field,
    state::Server,
    web::{PageError, PageResult, SignedIn, Typed, Visit, Visitor, page, page_with},
};

/// The field in which a form has the answer.
pub(crate) const ANSWER: &str = "passkey";

pub(super) fn routes() -> Router<Server> {
    Router::new()
        .route("/sign-in/passkey", get(sign_in::show).post(enter))
        .route("/sign-in/passkey/options", post(ask_anybody))
        .route("/sign-in/second/passkey", get(second::show).post(pass_second))
        .route("/sign-in/second/passkey/options", post(ask_second))
        .route("/proof/passkey", post(prove))
        .route("/proof/passkey/options", post(ask_for_proof))
}

/// A question for the script, or a sentence why there is none.
pub(crate) fn question(visit: &Visit, asked: Result<String, Error>) -> Result<Response, PageError> {
    match asked {
        Ok(options) => Ok(([(header::CONTENT_TYPE, "application/json")], options).into_response()),
        Err(Error::Refused(refusal)) => {
            let status = match refusal {
                Refusal::TooManyQuestions => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::CONFLICT,
            };
            let told = json!({ "problem": refusal.sentence(), "code": refusal.code() });
            Ok((status, Json(told)).into_response())
        }
        Err(error) => Err(failed(visit, error)),
    }
}

async fn ask_anybody(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    _form: Typed,
) -> Result<Response, PageError> {
    let (cookie_hash, network) = (sign_in::login_hash(&visit)?, sign_in::network_of(&visit));
    let request = visit.info().id;
    // Who asks too often costs no flush of the disk.
    let looked = network.clone();
    let is_over = server.app.read_directory(request, move |op| is_over_passkey_quota(op, &looked));
    if is_over.await.map_err(|error| failed(&visit, error))? {
        return question(&visit, Err(Refusal::TooManyQuestions.into()));
    }
    let asked = server
        .app
        .write_directory(request, move |op| begin_passkey_sign_in(op, &cookie_hash, &network));
    question(&visit, asked.await)
}

/// Signs in with whichever passkey has answered.
async fn enter(State(server): State<Server>, Visitor(visit): Visitor, form: Typed) -> PageResult {
    let command = SignInWithPasskey {
        answer: form.get(ANSWER).to_owned(),
        cookie_hash: sign_in::login_hash(&visit)?,
        remember: form.is_ticked("remember"),
        origin: visit.origin().clone(),
    };
    let tried = server
        .app
        .write_directory(visit.info().id, move |op| {
            let tried = sign_in_with_passkey(op, &command)?;
            let mark = match &tried {
                PasskeyTried::Opened(session) => mark_browser(op, session, &command.origin)?,
                PasskeyTried::Refused(_) => None,
            };
            Ok((tried, mark))
        })
        .await;
    let refusal = match tried {
        Ok((PasskeyTried::Opened(session), mark)) => {
            return go_on(&server, &visit, &form, SignIn::Opened(session), mark).await;
        }
        Ok((PasskeyTried::Refused(refusal), _)) | Err(Error::Refused(refusal)) => refusal,
        Err(error) => return Err(failed(&visit, error)),
    };
    let asking = sign_in::offering(&server, &visit, sign_in::again(&visit, &form)).await?;
    let asking = SignInPage { passkey_error: refusal.sentence(), ..asking };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &asking))
}

async fn ask_second(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    _form: Typed,
) -> Result<Response, PageError> {
    let cookie_hash = sign_in::login_hash(&visit)?;
    let asked =
        server.app.write_directory(visit.info().id, move |op| begin_passkey_step(op, &cookie_hash));
    question(&visit, asked.await)
}

/// A passkey as the second step.
async fn pass_second(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    form: Typed,
) -> PageResult {
    let cookie_hash = sign_in::login_hash(&visit)?;
    let (answer, origin) = (form.get(ANSWER).to_owned(), visit.origin().clone());
    let tried = server
        .app
        .write_directory(visit.info().id, move |op| {
            let tried = sign_in_with_passkey_second(op, &cookie_hash, &answer, &origin)?;
            let mark = mark_of(op, &tried, &origin)?;
            Ok((tried, mark))
        })
        .await;
    let refusal = match tried {
        Ok((Ok(SecondTried::Opened(session)), mark)) => {
            let mark = mark.map(|mark| mark.expose().clone());
            let entered = sign_in::signed_in(&server, &visit, &session, mark).await;
            return match Kept::read(&form) {
                None => Ok(entered),
                Some(kept) => sign_in::send_now(&server, &visit, &session, &kept, entered).await,
            };
        }
        Ok((Ok(SecondTried::MustChange(address)), _)) => {
            return Ok(page(&new_password(&server, &visit, &form, address.as_str())?));
        }
        // The page says by itself that the step is over.
        Ok((Ok(_), _)) => Refusal::PasskeyNotValid,
        Ok((Err(refusal), _)) | Err(Error::Refused(refusal)) => refusal,
        Err(error) => return Err(failed(&visit, error)),
    };
    let again = second::second_page(&server, &visit, &form, Field::default()).await?;
    let again = SecondPage { passkey_error: refusal.sentence(), ..again };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again))
}

/// The mark of the browser in which somebody has signed in, made in the same transaction: when it
/// cannot be made, the answer is not used up.
fn mark_of(
    op: &mut DirectoryOp,
    tried: &Result<SecondTried, Refusal>,
    origin: &Origin,
) -> Result<Option<Secret<String>>, Error> {
    match tried {
        Ok(SecondTried::Opened(session)) => mark_browser(op, session, origin),
        _ => Ok(None),
    }
}

async fn ask_for_proof(
    State(server): State<Server>,
    member: SignedIn,
    _form: Typed,
) -> Result<Response, PageError> {
    let (session, hash) = (member.session, member.session_hash()?);
    let asked = server
        .app
        .write_directory(member.actor.request, move |op| begin_passkey_proof(op, &session, &hash));
    question(&member.visit, asked.await)
}

/// A passkey as a fresh proof; then the form that was refused is sent again.
async fn prove(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let kept = Kept::read(&form).unwrap_or_default();
    let whom = proof::whom(&server, &member, &kept).await;
    if member.is_proven() {
        let layout = proof::layout(&member);
        return Ok(page(&ProofPage::go_on(layout, &kept, whom.as_deref())));
    }
    let (session, hash) = (member.session, member.session_hash()?);
    let (answer, origin) = (form.get(ANSWER).to_owned(), member.visit.origin().clone());
    let tried = server
        .app
        .write_directory(member.actor.request, move |op| {
            prove_with_passkey(op, &session, &hash, &answer, &origin)
        })
        .await;
    let refusal = match tried {
        Ok(PasskeyTried::Opened(session)) => {
            let go_on = ProofPage::go_on(proof::layout(&member), &kept, whom.as_deref());
            let mut response = page(&go_on);
            member.visit.set_session(response.headers_mut(), &session);
            return Ok(response);
        }
        Ok(PasskeyTried::Refused(refusal)) | Err(Error::Refused(refusal)) => refusal,
        Err(error) => return Err(member.fail(error)),
    };
    let strong = proof::strong_of(&server, &member).await?;
    let layout = proof::layout(&member);
    let again = ProofPage::strong(layout, &kept, strong, whom.as_deref(), Field::default());
    let again = ProofPage { passkey_error: refusal.sentence(), ..again };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again))
}
