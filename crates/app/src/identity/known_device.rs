//! The mark of a browser in which somebody has signed in before: it has quotas of its own, so that
//! strangers cannot use up a person's mails and tries.
//!
//! The mark holds the instant it was made, random bytes, and their keyed hash together with the id of
//! the person: it goes with them when their address changes, and not with the address when somebody
//! else gets it. It says nothing without the key and needs no row.

use domain::{ids::UserId, text::EmailAddress};
use jiff::Timestamp;
use vault::{Secret, decode_base64url, encode_base64url};

use super::{
    lockout,
    person::{NOBODY, address_index, find_person, index_of},
    policy::{CLOCK_SKEW_US, KNOWN_DEVICE_LIFE_US},
    secret::codes_mac,
    session::NewSession,
};
use crate::{DirectoryOp, Error};

const LABEL: &str = "known-device";
const RANDOM_BYTES: usize = 16;

/// A mark for the browser in which this person has just signed in: base64url, under 80 characters.
///
/// Errors: [`Error::NotFound`] for nobody.
pub fn mark_known_device(op: &mut DirectoryOp, user: UserId) -> Result<Secret<String>, Error> {
    index_of(op, user)?;
    let mut random = [0; RANDOM_BYTES];
    op.random().fill(&mut random);
    let head = [op.now_us().to_be_bytes().as_slice(), &random].concat();
    let key = op.instance()?.cookies;
    let mac = op.vault().mac_key(key)?.mac(LABEL, &signed(&head, user));
    Ok(Secret::new(encode_base64url(&[head.as_slice(), &mac].concat())))
}

/// The mark of the browser in which a session was just opened; none where a provider has opened it, since
/// that shows nothing of the person's own: whoever owns the provider would have their guesses.
///
/// Errors: [`Error::NotFound`].
pub fn mark_browser(
    op: &mut DirectoryOp,
    session: &NewSession,
) -> Result<Option<Secret<String>>, Error> {
    match session.provider {
        Some(_) => Ok(None),
        None => mark_known_device(op, session.user).map(Some),
    }
}

/// Whether this mark was made for the person with this address, within the last year, and is worth
/// something still: too many wrong passwords or codes have worn it out.
///
/// Errors: [`Error::Bug`], [`Error::Store`].
pub fn is_known_device(
    op: &mut DirectoryOp,
    address: &EmailAddress,
    mark: &str,
) -> Result<bool, Error> {
    Ok(find_device(op, address, mark)?.is_some())
}

/// What the guesses of a known browser are counted by; nothing when it is not known.
///
/// Errors: as [`is_known_device`].
pub(super) fn find_device(
    op: &mut DirectoryOp,
    address: &EmailAddress,
    mark: &str,
) -> Result<Option<[u8; 32]>, Error> {
    let index = address_index(op, address)?;
    // An address that nobody has takes the same work.
    let user = find_person(op, address)?.map_or(NOBODY, |person| person.user);
    find_counted(op, user, index, mark)
}

/// The same of a person.
///
/// Errors: [`Error::NotFound`]; [`Error::Bug`], [`Error::Store`].
pub(super) fn find_device_of(
    op: &mut DirectoryOp,
    user: UserId,
    mark: &str,
) -> Result<Option<[u8; 32]>, Error> {
    let index = index_of(op, user)?;
    find_counted(op, user, index, mark)
}

/// Guesses are counted by the index of the address, so that one which nobody has is counted as well.
fn find_counted(
    op: &mut DirectoryOp,
    user: UserId,
    index: [u8; 32],
    mark: &str,
) -> Result<Option<[u8; 32]>, Error> {
    if !is_mark_of(op, user, mark)? {
        return Ok(None);
    }
    let device = codes_mac(op, "password-device", mark.as_bytes())?;
    Ok((!lockout::is_worn(op, index, device)?).then_some(device))
}

fn is_mark_of(op: &mut DirectoryOp, user: UserId, mark: &str) -> Result<bool, Error> {
    let Ok(bytes) = decode_base64url(mark) else {
        return Ok(false);
    };
    let Some((head, mac)) = bytes.split_at_checked(8 + RANDOM_BYTES) else {
        return Ok(false);
    };
    let Some((made_at, _)) = head.split_first_chunk::<8>() else {
        return Ok(false);
    };
    let made_at = i64::from_be_bytes(*made_at);
    let is_recent = Timestamp::from_microsecond(made_at).is_ok()
        && (-CLOCK_SKEW_US..KNOWN_DEVICE_LIFE_US).contains(&op.now_us().saturating_sub(made_at));
    let key = op.instance()?.cookies;
    let is_ours = op.vault().mac_key(key)?.verify(LABEL, &signed(head, user), mac);
    Ok(is_ours && is_recent && user != NOBODY)
}

/// Whether this mark was made for this person, within the last year.
///
/// Errors: [`Error::NotFound`].
pub fn is_device_of(op: &mut DirectoryOp, user: UserId, mark: &str) -> Result<bool, Error> {
    Ok(find_device_of(op, user, mark)?.is_some())
}

fn signed(head: &[u8], user: UserId) -> Vec<u8> {
    [head, &user.as_bytes()].concat()
}
