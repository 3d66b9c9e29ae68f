//! The second factor: what somebody shows besides their first one, when they have set one up.
//!
//! | step | browser | server |
//! |---|---|---|
//! | t0 | shows the first factor: a code, a link, a password | writes a *second step*, opens no session |
//! | t1 | sends a code of the app, or a recovery code, with the same login cookie | uses the step up, opens the session |
//!
//! A second step follows the rules of an attempt (see [`sign_in`](super::sign_in)): ten minutes, once,
//! only in the browser that showed the first factor, five wrong codes. How often an account may be
//! guessed at over many steps is said in `lockout`, with what was typed counted apart: codes of the app,
//! codes by mail, recovery codes. So whoever has the first factor takes none of them away for good, and
//! where the person has signed in before nothing at all.
//!
//! A password that has to be replaced is replaced after the second step, not before: the step stays open
//! with what was shown in it, until the new password comes from the same browser.
//!
//! **What counts.** An [authenticator app](authenticator) and a [passkey](super::passkey) are the strong
//! ones, and what a fresh proof asks for where there is one; [recovery codes](recovery) stand in for
//! them. A code by mail is weak: it is asked for only after a first factor that was not a mail itself,
//! and not where there is a strong one.
//!
//! **A change of factors** asks for a fresh proof, tells the person by mail, and signs them out
//! everywhere else: no session goes on that has shown less than the next one will have to.

pub mod authenticator;
pub(crate) mod due_reset;
mod enrolled;
mod guess;
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
pub(super) use guess::let_app_work;
pub use guess::{allow_app_again, is_app_off_elsewhere};
pub use mailed::{mail_second_code, set_mail_second};
pub use recovery::make_recovery_codes;
pub use reset::{OpenReset, ResetFound, find_open_reset, look_at_reset, stop_my_reset, stop_reset};
pub(super) use step::{After, begin_step, has_shown, pass_step, take_shown};
pub use step::{
    ProofTried, SecondTried, Waiting, find_waiting, prove_with_code, sign_in_with_second,
};

use super::session::{Origin, Second};
use crate::{DirectoryOp, Error};

/// What a person typed, as far as its form tells.
enum Typed {
    /// Six digits.
    Totp(Secret<String>),
    /// Eight characters, by mail.
    Mailed(Secret<String>),
    /// Sixteen characters.
    Recovery(Secret<Vec<u8>>),
}

impl Typed {
    /// Nothing where it cannot be a code of this person.
    fn read(text: &str, enrolled: Enrolled) -> Option<Self> {
        if !enrolled.has_strong() {
            let code = vault::canonical_code(text).filter(|_| enrolled.has_mail);
            return code.map(Self::Mailed);
        }
        match vault::canonical_totp(text) {
            Some(code) => Some(code).filter(|_| enrolled.has_app()).map(Self::Totp),
            None => recovery::read(text).map(Self::Recovery),
        }
    }
}

/// Uses up what was typed, if it is a right code of an app or a recovery code that nobody used.
fn use_up(
    op: &mut DirectoryOp,
    user: UserId,
    typed: &Typed,
    origin: &Origin,
) -> Result<Option<Second>, Error> {
    Ok(match typed {
        Typed::Totp(code) => {
            authenticator::use_code(op, user, code.expose())?.then_some(Second::Totp)
        }
        Typed::Recovery(code) => {
            recovery::use_code(op, user, code.expose(), origin)?.then_some(Second::RecoveryCode)
        }
        // It is good for one step only, see `mailed`.
        Typed::Mailed(_) => None,
    })
}

pub(super) fn statements() -> Vec<Statement> {
    [
        authenticator::STATEMENTS,
        due_reset::STATEMENTS,
        enrolled::STATEMENTS,
        mailed::STATEMENTS,
        recovery::STATEMENTS,
        reset::STATEMENTS,
        step::STATEMENTS,
    ]
    .concat()
}
