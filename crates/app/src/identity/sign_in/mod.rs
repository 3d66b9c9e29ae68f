//! Signing in by mail: a code to type, and a link to open in the browser that asked.
//!
//! | step | browser | server | mailbox |
//! |---|---|---|---|
//! | t0 | asks with an address and the secret of its login cookie | writes an attempt and a letter | |
//! | t1 | | answers the same for every address | letter, if somebody has the address |
//! | t2 | sends the code, or the link's token, with the same cookie | uses the attempt up, opens a session | |
//!
//! An attempt is *open* until it is used, dead or older than ten minutes. It dies of five wrong
//! codes, of a newer one of the same browser, or of fifteen wrong codes for its account within an
//! hour. Once seen too old it is marked dead, so a clock set back does not revive it.
//!
//! **Quotas.** An account has three open attempts and five mails an hour, and a network twenty
//! attempts. They count attempts, not mails, and know addresses only by their blind index, so they
//! are the same for addresses nobody has. Known devices are counted apart: strangers cannot use up
//! what a person needs. After a hundred wrong codes of unknown browsers, an account is signed in to by
//! no code there, and by the links alone, until a month after the last one ([`super::lockout`]). A fourth
//! browser gets no mail while three attempts are open; it does not kill one of them, or else a stranger
//! could kill the code a person is about to type.

mod attempt;
mod code;
mod link;
mod request;

use domain::ids::UserId;
use store::Statement;

pub use code::{sign_in_with_code, try_code};
pub(super) use link::address_of_link;
pub use link::{LinkFound, look_at_link, sign_in_with_link, try_link};
pub(in crate::identity) use request::request_link_code;
pub use request::{RequestCode, is_over_quota, request_code};
pub(super) use request::{Whose, begin_attempt};

use super::{
    joining::mark_address_shown,
    provider,
    second::{After, begin_step, get_enrolled},
    session::{Method, NewSession, OpenSession, Origin, open_session},
};
use crate::{DirectoryOp, Error};

/// What became of a code or a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// It was right, and is used up.
    Passed {
        /// Whose it was.
        user: UserId,
        /// Whether they asked to be remembered.
        remember: bool,
        /// The blind index of the address that the code or the link was mailed to.
        address_index: [u8; 32],
    },
    /// The code is wrong.
    Wrong {
        /// Tries left, at least one.
        left: i64,
    },
    /// The link is right, but another browser asked for it. It is not used up.
    OtherBrowser,
    /// Too many codes were wrong in browsers that are not known: here the link signs in, and no code.
    CodesOff,
    /// Too old, used, replaced, tried too often, or never made.
    NotValid,
}

/// What became of signing in.
pub enum SignIn {
    /// Signed in.
    Opened(NewSession),
    /// The code is wrong.
    Wrong {
        /// Tries left, at least one.
        left: i64,
    },
    /// The link belongs to another browser: the code is to be typed in the tab that asked.
    OtherBrowser,
    /// The first factor was right, and the person has set up a second one, which is asked for now in
    /// the same browser: a [second step](crate::identity::second) waits.
    SecondAsked,
    /// Too many codes were wrong in browsers that are not known: here the link signs in, and no code.
    CodesOff,
    /// Too old, used, replaced, tried too often, or never made.
    NotValid,
}

/// Somebody who has shown their first factor, and in which browser.
#[derive(Clone, Copy)]
pub struct Passed {
    /// Who.
    pub user: UserId,
    /// How.
    pub method: Method,
    /// Whether the browser is to be remembered.
    pub remember: bool,
    /// The hash of the secret in the browser's login cookie
    /// ([`hash_secret`](crate::identity::hash_secret)).
    pub cookie_hash: [u8; 32],
}

/// Where every first factor ends, in the same transaction: opens the session, or asks for the second
/// factor where the person has one. Answers nothing but [`SignIn::Opened`] and
/// [`SignIn::SecondAsked`].
///
/// Errors: [`Error::SignedOut`] when the person is disabled or gone. Audit: `session.opened`.
pub fn enter(op: &mut DirectoryOp, passed: Passed, origin: &Origin) -> Result<SignIn, Error> {
    let Passed { user, method, remember, .. } = passed;
    if method.is_by_mail() {
        mark_address_shown(op, user)?;
    }
    if get_enrolled(op, user)?.is_asked_after(method) {
        begin_step(op, &passed, After::default(), origin)?;
        return Ok(SignIn::SecondAsked);
    }
    let command = OpenSession { user, method, second: None, remember };
    open_session(op, command, origin).map(SignIn::Opened)
}

/// Lets somebody go on who has passed, in the same transaction.
fn open(
    op: &mut DirectoryOp,
    tried: Tried,
    method: Method,
    cookie_hash: &[u8; 32],
    origin: &Origin,
) -> Result<SignIn, Error> {
    match tried {
        Tried::Passed { user, remember, .. } => {
            let cookie_hash = *cookie_hash;
            if let Some(sign_in) = provider::confirm(op, user, &cookie_hash, origin)? {
                return Ok(sign_in);
            }
            enter(op, Passed { user, method, remember, cookie_hash }, origin)
        }
        Tried::Wrong { left } => Ok(SignIn::Wrong { left }),
        Tried::OtherBrowser => Ok(SignIn::OtherBrowser),
        Tried::CodesOff => Ok(SignIn::CodesOff),
        Tried::NotValid => Ok(SignIn::NotValid),
    }
}

pub(super) fn statements() -> Vec<Statement> {
    [attempt::STATEMENTS, code::STATEMENTS, link::STATEMENTS, request::STATEMENTS].concat()
}
