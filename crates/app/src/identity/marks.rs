//! The marks of a browser that several people share: one each, so that each of them is known there.
//!
//! The cookie holds up to five of them, the newest first, joined by points. How many are checked depends
//! on what the browser sends alone, and on nothing that it could learn.

use domain::{ids::UserId, text::EmailAddress};
use vault::Secret;

use super::{
    known_device::{find_counted, mark_known_device},
    person::{NOBODY, address_index, find_person, index_of},
    session::{NewSession, Origin},
};
use crate::{DirectoryOp, Error};

/// People who are known in one browser.
const MOST: usize = 5;

/// Characters of the longest mark: what is longer is none, and is not carried on.
const LONGEST: usize = 120;

fn marks_in(cookie: &str) -> impl Iterator<Item = &str> {
    let is_one = |mark: &&str| (1..=LONGEST).contains(&mark.len());
    cookie.split('.').filter(is_one).take(MOST)
}

/// What the browser carries from now on, in which a session was just opened: base64url and points, under a
/// thousand characters. Nothing where a provider has opened it, since that shows nothing of the person's
/// own: whoever owns the provider would have their guesses.
///
/// Errors: [`Error::NotFound`].
pub fn mark_browser(
    op: &mut DirectoryOp,
    session: &NewSession,
    origin: &Origin,
) -> Result<Option<Secret<String>>, Error> {
    if session.provider.is_some() {
        return Ok(None);
    }
    let user = session.user;
    let index = index_of(op, user)?;
    let mut marks = vec![mark_known_device(op, user)?.expose().clone()];
    for mark in marks_in(origin.mark.as_deref().unwrap_or_default()) {
        if find_counted(op, user, index, mark)?.is_none() {
            marks.push(mark.to_owned());
        }
    }
    marks.truncate(MOST);
    Ok(Some(Secret::new(marks.join("."))))
}

/// Whether somebody has signed in with this address in a browser with these marks.
///
/// Errors: [`Error::Bug`], [`Error::Store`].
pub fn is_known_browser(
    op: &mut DirectoryOp,
    address: &EmailAddress,
    cookie: &str,
) -> Result<bool, Error> {
    Ok(find_browser(op, address, cookie)?.is_some())
}

/// What the guesses of a known browser are counted by; nothing when it is not known.
pub(super) fn find_browser(
    op: &mut DirectoryOp,
    address: &EmailAddress,
    cookie: &str,
) -> Result<Option<[u8; 32]>, Error> {
    let index = address_index(op, address)?;
    // An address that nobody has takes the same work.
    let user = find_person(op, address)?.map_or(NOBODY, |person| person.user);
    find_among(op, user, index, cookie)
}

/// The same of a person, and of the index that their account is counted by.
pub(super) fn find_among(
    op: &mut DirectoryOp,
    user: UserId,
    index: [u8; 32],
    cookie: &str,
) -> Result<Option<[u8; 32]>, Error> {
    let mut found = None;
    for mark in marks_in(cookie) {
        // Each is looked at, also after the right one.
        let device = find_counted(op, user, index, mark)?;
        found = found.or(device);
    }
    Ok(found)
}

/// Whether this person has signed in before in the browser that asks.
pub(super) fn is_browser_of(
    op: &mut DirectoryOp,
    user: UserId,
    origin: &Origin,
) -> Result<bool, Error> {
    let index = index_of(op, user)?;
    Ok(find_among(op, user, index, origin.mark.as_deref().unwrap_or_default())?.is_some())
}
