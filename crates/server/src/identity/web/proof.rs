//! Show anew who one is, before something that gives power away (see `app::proof`): a passkey, or a code
//! of the authenticator app, where there is one, else a code by mail; then the form that was refused is sent again, with all that was typed.

use app::{
    DirectoryOp, Refusal,
    identity::{
        NewSession, Origin, ProofTried, Second, Strong, Tried, get_address, get_enrolled,
        prove_session, prove_with_code, try_code as try_a_code,
    },
    member::get_member,
};
use axum::{extract::State, http::StatusCode};
use domain::ids::{MemberId, WorkspaceId};

use super::{
    failed,
    second::{NO_CODE, locked_sentence},
    sign_in::{Asked, mail_note, send_code},
};
use crate::{
    identity::{
        deed,
        view::{Kept, PROOF_TITLE, ProofPage},
    },
    page::{Field, Plain},
    state::Server,
    web::{PageError, PageResult, SignedIn, Typed, page, page_with},
};

/// Mails a code to the person who is signed in.
pub(super) async fn send(
    State(server): State<Server>,
    member: SignedIn,
    form: Typed,
) -> PageResult {
    let kept = Kept::read(&form).unwrap_or_default();
    let whom = whom(&server, &member, &kept).await;
    if member.is_proven() {
        return Ok(page(&ProofPage::go_on(layout(&member), &kept, whom.as_deref())));
    }
    let strong = strong_of(&server, &member).await?;
    if strong.has_any() {
        // A mail is not enough where there is something stronger.
        let (layout, code) = (layout(&member), Field::default());
        return Ok(page(&ProofPage::strong(layout, &kept, strong, whom.as_deref(), code)));
    }
    let user = member.session.user;
    let address = server
        .app
        .read_directory(member.actor.request, move |op| get_address(op, user))
        .await
        .map_err(|error| member.fail(error))?;
    let asked = Asked {
        address,
        cookie_hash: member.session_hash()?,
        device: String::new(),
        remember: false,
        is_proof: true,
    };
    let is_sent = send_code(&server, &member.visit, asked).await?;
    let sent = ProofPage::code(layout(&member), &kept, whom.as_deref(), Field::default());
    let sent = ProofPage { mail_note: mail_note(&server), ..sent };
    if is_sent {
        return Ok(page(&sent));
    }
    let sentence = Refusal::TooManyMails.sentence();
    let text = format!("{sentence} A code that you have works for ten minutes.");
    Ok(page_with(StatusCode::TOO_MANY_REQUESTS, &ProofPage { text, ..sent }))
}

pub(super) fn layout(member: &SignedIn) -> Plain {
    member.visit.plain("proof", PROOF_TITLE)
}

/// The name of the member whom a kept form is about, if the one who asks may read it.
pub(super) async fn whom(server: &Server, member: &SignedIn, kept: &Kept) -> Option<String> {
    let (workspace, id) = deed::whom(kept)?;
    let (workspace, id): (WorkspaceId, MemberId) = (workspace.parse().ok()?, id.parse().ok()?);
    let found = server.app.read(member.actor, workspace, move |op| get_member(op, id)).await;
    // Only a word of a sentence: without it, it is “a member”.
    found.ok().map(|found| found.name)
}

/// Tries the code; a right one makes the session a fresh one.
pub(super) async fn try_code(
    State(server): State<Server>,
    member: SignedIn,
    form: Typed,
) -> PageResult {
    let kept = Kept::read(&form).unwrap_or_default();
    let whom = whom(&server, &member, &kept).await;
    if member.is_proven() {
        return Ok(page(&ProofPage::go_on(layout(&member), &kept, whom.as_deref())));
    }
    let strong = strong_of(&server, &member).await?;
    if strong.has_any() {
        let asked = Asking { kept: &kept, whom: whom.as_deref(), strong };
        return try_app_code(&server, &member, asked, &form).await;
    }
    let hash = member.session_hash()?;
    let typed = form.get("code").to_owned();
    let (code, session) = (typed.clone(), member.session);
    let origin = member.visit.origin().clone();
    let tried = server
        .app
        .write_directory(member.actor.request, move |op| {
            let tried = try_a_code(op, &hash, &code, &origin)?;
            Ok((tried, prove(op, tried, session, &origin)?))
        })
        .await
        .map_err(|error| failed(&member.visit, error))?;
    let sentence = match tried {
        (_, Some(session)) => {
            let mut response = page(&ProofPage::go_on(layout(&member), &kept, whom.as_deref()));
            member.visit.set_session(response.headers_mut(), &session);
            return Ok(response);
        }
        (Tried::Wrong { left }, None) => Refusal::CodeWrong { left }.sentence(),
        (_, None) => Refusal::CodeNotValid.sentence(),
    };
    let code = Field::new(typed).with_error(sentence);
    let again = ProofPage::code(layout(&member), &kept, whom.as_deref(), code);
    let again = ProofPage { mail_note: mail_note(&server), ..again };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again))
}

/// What the person has that is asked for instead of a mail.
pub(super) async fn strong_of(server: &Server, member: &SignedIn) -> Result<Strong, PageError> {
    let user = member.session.user;
    let enrolled =
        server.app.read_directory(member.actor.request, move |op| get_enrolled(op, user)).await;
    enrolled.map(|enrolled| enrolled.strong()).map_err(|error| member.fail(error))
}

/// What a page that asks for a proof is about.
#[derive(Clone, Copy)]
struct Asking<'a> {
    kept: &'a Kept,
    /// The member whom it is about, if it is about one.
    whom: Option<&'a str>,
    strong: Strong,
}

/// Tries a code of the app, or a recovery code; a right one makes the session a fresh one.
async fn try_app_code(
    server: &Server,
    member: &SignedIn,
    asked: Asking<'_>,
    form: &Typed,
) -> PageResult {
    let Asking { kept, whom, strong } = asked;
    let session = member.session;
    let typed = form.get("code").to_owned();
    let (code, origin) = (typed.clone(), member.visit.origin().clone());
    let tried = server
        .app
        .write_directory(member.actor.request, move |op| {
            prove_with_code(op, &session, &code, &origin)
        })
        .await
        .map_err(|error| failed(&member.visit, error))?;
    let (status, sentence) = match tried {
        ProofTried::Proven(session) => {
            let mut response = page(&ProofPage::go_on(layout(member), kept, whom));
            member.visit.set_session(response.headers_mut(), &session);
            return Ok(response);
        }
        ProofTried::Wrong { left } => {
            (StatusCode::UNPROCESSABLE_ENTITY, Refusal::CodeWrong { left }.sentence())
        }
        ProofTried::NoCode => (StatusCode::UNPROCESSABLE_ENTITY, NO_CODE.to_owned()),
        ProofTried::Locked(locked) => (StatusCode::TOO_MANY_REQUESTS, locked_sentence(locked)),
    };
    let code = Field::new(typed).with_error(sentence);
    Ok(page_with(status, &ProofPage::strong(layout(member), kept, strong, whom, code)))
}

fn prove(
    op: &mut DirectoryOp,
    tried: Tried,
    session: app::identity::Session,
    origin: &Origin,
) -> Result<Option<NewSession>, app::Error> {
    match tried {
        Tried::Passed { user, .. } if user == session.user => {
            prove_session(op, session.id, user, Second::MailCode, origin).map(Some)
        }
        _ => Ok(None),
    }
}
