//! Try a mailed link: it signs in only in the browser that asked for it.

use store::Statement;

use super::{
    SignIn, Tried,
    attempt::{Attempt, select_attempt},
};
use crate::{
    DirectoryOp, Error,
    identity::{
        secret::link_mac,
        session::{Method, Origin},
    },
};

/// What a link is, when it is only looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFound {
    /// It can be used here: show the button.
    Here,
    /// Another browser asked for it: show where the code is to be typed.
    OtherBrowser,
    /// Too old, used, replaced, or never made.
    NotValid,
}

/// Looks at a link without using it, as a GET does: mail scanners open links too.
///
/// `cookie_hash` is that of the browser's login cookie, if it has one.
///
/// Errors: [`Error::Store`].
pub fn look_at_link(
    op: &mut DirectoryOp,
    cookie_hash: Option<&[u8; 32]>,
    token: &str,
) -> Result<LinkFound, Error> {
    Ok(match find_open(op, token)? {
        None => LinkFound::NotValid,
        Some(attempt) if cookie_hash == Some(&attempt.cookie_hash) => LinkFound::Here,
        Some(_) => LinkFound::OtherBrowser,
    })
}

/// The blind index of the address that an open link was mailed to.
pub(in crate::identity) fn address_of_link(
    op: &mut DirectoryOp,
    token: &str,
) -> Result<Option<[u8; 32]>, Error> {
    Ok(find_open(op, token)?.map(|attempt| attempt.address_index))
}

/// Tries a link and goes on when it is right ([`enter`](super::enter)), all in one transaction.
///
/// Errors: [`Error::Store`]. Audit: `session.opened`.
pub fn sign_in_with_link(
    op: &mut DirectoryOp,
    cookie_hash: Option<&[u8; 32]>,
    token: &str,
    origin: &Origin,
) -> Result<SignIn, Error> {
    let tried = try_link(op, cookie_hash, token)?;
    match (cookie_hash, tried) {
        (Some(cookie_hash), tried) => super::open(op, tried, Method::MailLink, cookie_hash, origin),
        // A browser without the cookie has not asked.
        (None, Tried::OtherBrowser) => Ok(SignIn::OtherBrowser),
        (None, _) => Ok(SignIn::NotValid),
    }
}

/// Tries a link; a right one in the right browser is used up, in another one it is not.
///
/// Errors: [`Error::Store`]. Audit: none by itself.
pub fn try_link(
    op: &mut DirectoryOp,
    cookie_hash: Option<&[u8; 32]>,
    token: &str,
) -> Result<Tried, Error> {
    let Some(attempt) = find(op, token)? else {
        return Ok(Tried::NotValid);
    };
    if !attempt.is_open(op.now_us()) {
        attempt.bury_if_past(op)?;
        return Ok(Tried::NotValid);
    }
    if cookie_hash != Some(&attempt.cookie_hash) {
        return Ok(Tried::OtherBrowser);
    }
    match attempt.user {
        Some(user) if attempt.use_up(op, user)? => {
            let Attempt { remember, address_index, .. } = attempt;
            Ok(Tried::Passed { user, remember, address_index })
        }
        _ => Ok(Tried::NotValid),
    }
}

fn find_open(op: &mut DirectoryOp, token: &str) -> Result<Option<Attempt>, Error> {
    let now = op.now_us();
    Ok(find(op, token)?.filter(|attempt| attempt.is_open(now)))
}

fn find(op: &mut DirectoryOp, token: &str) -> Result<Option<Attempt>, Error> {
    let Some(mac) = link_mac(op, token)? else {
        return Ok(None);
    };
    let row = op.optional(&FIND_BY_LINK, &[mac.into()])?;
    row.as_ref().map(Attempt::read).transpose()
}

/// The unique index of `link_mac`.
const FIND_BY_LINK: Statement =
    Statement::new("sign_in.find_by_link", select_attempt!("WHERE link_mac = $1"));

pub(super) const STATEMENTS: &[Statement] = &[FIND_BY_LINK];
