//! The second factor: what somebody shows besides their first one, when they have set one up.
//!
//! | step | browser | server |
//! |---|---|---|
//! | t0 | shows the first factor: a code, a link, a password | writes a *second step*, opens no session |
//! | t1 | sends a code of the app, or a recovery code, with the same login cookie | uses the step up, opens the session |
//!
//! A second step follows the rules of an attempt (see [`sign_in`](super::sign_in)): ten minutes, once,
//! only in the browser that showed the first factor, five wrong codes. Fifteen wrong codes of an
//! account within an hour, for known and unknown devices apart, and no code is looked at until the
//! hour is over; after a hundred without a right one, codes of the app open nothing in unknown devices
//! until a known one, or a recovery code, was right. The person is told.
//!
//! **What counts.** An [authenticator app](authenticator) is the strong one, and what a fresh proof
//! asks for where there is one; [recovery codes](recovery) stand in for it. A code by mail is weak: it
//! is asked for only after a first factor that was not a mail itself, and not where there is an app.
//!
//! **A change of factors** asks for a fresh proof, tells the person by mail, and signs them out
//! everywhere else: no session goes on that has shown less than the next one will have to.

pub mod authenticator;
mod enrolled;
mod mailed;
mod notice;
pub mod recovery;
pub mod reset;
mod step;

use domain::ids::UserId;
use store::Statement;
use vault::Secret;

pub use authenticator::{
    Authenticator, NewAuthenticator, confirm_authenticator, get_pending, list_authenticators,
    remove_authenticator,
};
pub use enrolled::{Enrolled, get_enrolled};
pub use mailed::{mail_second_code, set_mail_second};
pub use recovery::make_recovery_codes;
pub use reset::{
    OpenReset, ResetFound, find_open_reset, look_at_reset, run_due_resets, stop_my_reset,
    stop_reset,
};
pub(super) use step::begin_step;
pub use step::{
    Here, ProofTried, SecondTried, Waiting, find_waiting, prove_with_code, sign_in_with_second,
};

use super::session::Second;
use crate::{DirectoryOp, Error};

/// What a person typed, as far as its form tells.
enum Typed {
    /// Six digits.
    Totp(Secret<String>),
    /// Sixteen characters.
    Recovery(Secret<Vec<u8>>),
}

impl Typed {
    fn read(text: &str) -> Option<Self> {
        match vault::canonical_totp(text) {
            Some(code) => Some(Self::Totp(code)),
            None => recovery::read(text).map(Self::Recovery),
        }
    }
}

/// Uses up what was typed, if it is a right code of an app or a recovery code that nobody used.
fn use_up(op: &mut DirectoryOp, user: UserId, typed: &Typed) -> Result<Option<Second>, Error> {
    Ok(match typed {
        Typed::Totp(code) => {
            authenticator::use_code(op, user, code.expose())?.then_some(Second::Totp)
        }
        Typed::Recovery(code) => {
            recovery::use_code(op, user, code.expose())?.then_some(Second::RecoveryCode)
        }
    })
}

pub(super) fn statements() -> Vec<Statement> {
    [
        authenticator::STATEMENTS,
        enrolled::STATEMENTS,
        mailed::STATEMENTS,
        recovery::STATEMENTS,
        reset::STATEMENTS,
        step::STATEMENTS,
    ]
    .concat()
}
