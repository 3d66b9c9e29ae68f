//! A passkey as the second step of signing in, and as a fresh proof: then it is known whose it has to
//! be.

use super::{
    answer::{self, Expected},
    challenge::{self, Asked, Purpose},
    list, party,
    sign_in::PasskeyTried,
};
use crate::{
    DirectoryOp, Error, Refusal,
    identity::{
        Origin,
        second::{SecondTried, find_waiting, pass_step},
        session::{Second, Session, prove_session},
    },
};
use domain::ids::UserId;

/// Asks a browser that has shown the first factor for a passkey of that person: the options, as JSON.
///
/// Errors: [`Refusal::PasskeyNotValid`] where nobody waits; [`Refusal::NoPasskey`];
/// [`Refusal::NoPasskeysHere`]. Audit: none.
pub fn begin_passkey_step(op: &mut DirectoryOp, cookie_hash: &[u8; 32]) -> Result<String, Error> {
    let waiting = find_waiting(op, cookie_hash)?.ok_or(Refusal::PasskeyNotValid)?;
    begin(op, Purpose::SecondStep, *cookie_hash, waiting.user)
}

/// Asks the browser of somebody who is signed in for a passkey of theirs: the options, as JSON.
/// `session_hash` is that of the session's secret.
///
/// Errors: [`Refusal::NoPasskey`]; [`Refusal::NoPasskeysHere`]. Audit: none.
pub fn begin_passkey_proof(
    op: &mut DirectoryOp,
    session: &Session,
    session_hash: &[u8; 32],
) -> Result<String, Error> {
    begin(op, Purpose::Proof, *session_hash, session.user)
}

fn begin(
    op: &mut DirectoryOp,
    purpose: Purpose,
    browser: [u8; 32],
    user: UserId,
) -> Result<String, Error> {
    let party = party(op)?;
    let passkeys = list::stored_of(op, user)?;
    if passkeys.is_empty() {
        return Err(Refusal::NoPasskey.into());
    }
    let begun = party.begin_sign_in(&passkeys).map_err(answer::refusal)?;
    challenge::keep(op, Asked { purpose, browser, user: Some(user) }, None, begun)
}

/// Holds an answer at the second step, and goes on when it is right; else says why not. Wrong codes that
/// were tried before are in nobody's way: a signature cannot be guessed.
///
/// Errors: [`Error::Store`]. Audit: `session.opened`; `passkey.copied`.
pub fn sign_in_with_passkey_second(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
    answer: &str,
    origin: &Origin,
) -> Result<Result<SecondTried, Refusal>, Error> {
    let Some(waiting) = find_waiting(op, cookie_hash)? else {
        return Ok(Ok(SecondTried::NotValid));
    };
    let user = waiting.user;
    match check(op, Purpose::SecondStep, *cookie_hash, user, answer, origin)? {
        Ok(()) => pass_step(op, cookie_hash, Second::Passkey, origin).map(Ok),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Holds an answer of somebody who is signed in, and makes their session a fresh one when it is right.
///
/// Errors: [`Error::SignedOut`] when the session has ended. Audit: `session.proven`; `passkey.copied`.
pub fn prove_with_passkey(
    op: &mut DirectoryOp,
    session: &Session,
    session_hash: &[u8; 32],
    answer: &str,
    origin: &Origin,
) -> Result<PasskeyTried, Error> {
    let user = session.user;
    if let Err(refusal) = check(op, Purpose::Proof, *session_hash, user, answer, origin)? {
        return Ok(PasskeyTried::Refused(refusal));
    }
    prove_session(op, session.id, user, Second::Passkey, origin).map(PasskeyTried::Opened)
}

fn check(
    op: &mut DirectoryOp,
    purpose: Purpose,
    browser: [u8; 32],
    user: UserId,
    answer: &str,
    origin: &Origin,
) -> Result<Result<(), Refusal>, Error> {
    let asked = Asked { purpose, browser, user: Some(user) };
    let Some(state) = challenge::take(op, asked)? else {
        return Ok(Err(Refusal::PasskeyNotValid));
    };
    let expected = Expected { state: &state, user: Some(user), origin };
    if let Err(refusal) = answer::check(op, &expected, answer)? {
        return Ok(Err(refusal));
    }
    Ok(Ok(()))
}
