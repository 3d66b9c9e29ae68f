//! Show anew who one is, before something that gives power away (see `app::proof`): a code by mail,
//! then the form that was refused is sent again, with all that was typed.

use app::{
    DirectoryOp, Refusal,
    identity::{
        NewSession, Tried, get_address, hash_secret, prove_session, try_code as try_a_code,
    },
};
use axum::{extract::State, http::StatusCode};

use super::{
    failed,
    sign_in::{Asked, mail_note, send_code},
};
use crate::{
    error::Failure,
    identity::view::{Kept, PROOF_TITLE, ProofPage},
    page::Field,
    state::Server,
    web::{Cookie, PageError, PageResult, SignedIn, Typed, page, page_with},
};

/// Mails a code to the person who is signed in.
pub(super) async fn send(
    State(server): State<Server>,
    member: SignedIn,
    form: Typed,
) -> PageResult {
    let user = member.session.user;
    let address = server
        .app
        .read_directory(member.actor.request, move |op| get_address(op, user))
        .await
        .map_err(|error| member.fail(error))?;
    let asked = Asked {
        address,
        cookie_hash: session_hash(&member)?,
        device: String::new(),
        remember: false,
        is_proof: true,
    };
    let is_sent = send_code(&server, &member.visit, asked).await?;
    let sent = code_page(&server, &member, Kept::read(&form), Field::default());
    if is_sent {
        return Ok(page(&sent));
    }
    let sentence = Refusal::TooManyMails.sentence();
    let text = format!("{sentence} A code that you have works for ten minutes.");
    Ok(page_with(StatusCode::TOO_MANY_REQUESTS, &ProofPage { text, ..sent }))
}

fn code_page(server: &Server, member: &SignedIn, kept: Kept, code: Field) -> ProofPage {
    let layout = member.visit.plain("proof", PROOF_TITLE);
    ProofPage { mail_note: mail_note(server), ..ProofPage::code(layout, kept, code) }
}

/// What binds the code to the browser: its session.
fn session_hash(member: &SignedIn) -> Result<[u8; 32], PageError> {
    let secret = member.visit.cookie(Cookie::Session).and_then(hash_secret);
    secret.ok_or_else(|| member.fail(Failure::signed_out()))
}

/// Tries the code; a right one makes the session a fresh one.
pub(super) async fn try_code(
    State(server): State<Server>,
    member: SignedIn,
    form: Typed,
) -> PageResult {
    let hash = session_hash(&member)?;
    let typed = form.get("code").to_owned();
    let (code, session) = (typed.clone(), member.session);
    let tried = server
        .app
        .write_directory(member.actor.request, move |op| {
            let tried = try_a_code(op, &hash, &code)?;
            Ok((tried, prove(op, tried, session)?))
        })
        .await
        .map_err(|error| failed(&member.visit, error))?;
    let kept = Kept::read(&form);
    let sentence = match tried {
        (_, Some(session)) => {
            let layout = member.visit.plain("proof", PROOF_TITLE);
            let mut response = page(&ProofPage::go_on(layout, kept));
            member.visit.set_session(response.headers_mut(), &session);
            return Ok(response);
        }
        (Tried::Wrong { left }, None) => Refusal::CodeWrong { left }.sentence(),
        (_, None) => Refusal::CodeNotValid.sentence(),
    };
    let again = code_page(&server, &member, kept, Field::new(typed).with_error(sentence));
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again))
}

fn prove(
    op: &mut DirectoryOp,
    tried: Tried,
    session: app::identity::Session,
) -> Result<Option<NewSession>, app::Error> {
    match tried {
        Tried::Passed { user, .. } if user == session.user => {
            prove_session(op, session.id, user).map(Some)
        }
        _ => Ok(None),
    }
}
