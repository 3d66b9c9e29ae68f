//! The mark of a browser in which somebody has signed in before: it has quotas of its own, so that
//! strangers cannot use up a person's mails and tries.
//!
//! The mark holds the instant it was made, random bytes, and their keyed hash together with the id of
//! the person: it goes with them when their address changes, and not with the address when somebody
//! else gets it. It says nothing without the key and needs no row; what ends the marks of a person, all at
//! once, is an instant beside them.

use domain::ids::UserId;
use jiff::Timestamp;
use store::{Row, Statement};
use vault::{Secret, decode_base64url, encode_base64url};

use super::{
    lockout,
    person::{NOBODY, index_of},
    policy::{CLOCK_SKEW_US, KNOWN_DEVICE_LIFE_US},
    secret::codes_mac,
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

/// What the guesses of a browser with this mark are counted by: where the mark was made for this person,
/// within the last year, and is worth something still: too many wrong passwords or codes wear it out.
///
/// Guesses are counted by the index of the address, so that one which nobody has is counted as well.
///
/// Errors: [`Error::Bug`], [`Error::Store`].
pub(super) fn find_counted(
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
    // Nobody has none, which takes the same look.
    let read = |row: Row| row.get::<i64>(0);
    let since = op.optional(&FIND_SINCE, &[user.into()])?.map(read).transpose()?;
    let is_since = since.is_some_and(|since| made_at >= since);
    Ok(is_ours && is_recent && is_since && user != NOBODY)
}

/// Ends the marks of all browsers of a person: somebody else may have signed in as them.
///
/// Errors: [`Error::Store`]. Audit: none; what it belongs to has its own event.
pub(super) fn end_marks(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    op.execute(&END, &[user.into(), op.now_us().into()])?;
    Ok(())
}

fn signed(head: &[u8], user: UserId) -> Vec<u8> {
    [head, &user.as_bytes()].concat()
}

/// The primary key.
const FIND_SINCE: Statement =
    Statement::new("known_device.find_since", "SELECT marks_since FROM people WHERE id = $1");

const END: Statement =
    Statement::new("known_device.end", "UPDATE people SET marks_since = $2 WHERE id = $1");

pub(super) const STATEMENTS: &[Statement] = &[FIND_SINCE, END];
