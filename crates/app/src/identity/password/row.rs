//! A person's password as the directory holds it.

use domain::ids::UserId;
use jiff::Timestamp;
use store::Statement;
use vault::KeyId;

use crate::{
    DirectoryOp, Error,
    identity::lockout::{self, Guessed},
    op::key,
};

/// What a person is told of their own password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordState {
    /// Since when it is this one.
    pub changed_at: Timestamp,
    /// Whether another one has to be chosen at the next sign-in.
    pub must_change: bool,
    /// Whether it works only where its person has signed in before: strangers guessed too often.
    pub is_off_elsewhere: bool,
}

/// A hash, and the key it was peppered with.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) phc: String,
    pub(super) pepper: KeyId,
    pub(super) must_change: bool,
}

/// A person's password, if they have one.
///
/// Errors: [`Error::Store`].
pub fn find_password(op: &mut DirectoryOp, user: UserId) -> Result<Option<PasswordState>, Error> {
    let Some(row) = op.optional(&FIND_STATE, &[user.into()])? else { return Ok(None) };
    let changed_at = Timestamp::from_microsecond(row.get(0)?);
    let changed_at = changed_at.map_err(|_| Error::bug("instant out of range"))?;
    let (must_change, account): (bool, [u8; 32]) = (row.get(1)?, row.get(2)?);
    let is_off_elsewhere = lockout::is_off(op, account, Guessed::Password)?;
    Ok(Some(PasswordState { changed_at, must_change, is_off_elsewhere }))
}

pub(super) fn find(op: &mut DirectoryOp, user: UserId) -> Result<Option<Stored>, Error> {
    let Some(row) = op.optional(&FIND, &[user.into()])? else { return Ok(None) };
    Ok(Some(Stored { phc: row.get(0)?, pepper: key(row.get(1)?)?, must_change: row.get(2)? }))
}

/// Keeps a password that was just chosen.
pub(super) fn keep(op: &mut DirectoryOp, user: UserId, new: &NewHash) -> Result<(), Error> {
    let values =
        [user.into(), new.phc.as_str().into(), new.pepper.get().into(), op.now_us().into()];
    op.execute(&KEEP, &values).map(drop)
}

/// Keeps the same password under another hash.
pub(super) fn keep_rehashed(
    op: &mut DirectoryOp,
    user: UserId,
    before: &str,
    new: &NewHash,
) -> Result<(), Error> {
    let values = [user.into(), before.into(), new.phc.as_str().into(), new.pepper.get().into()];
    op.execute(&KEEP_REHASHED, &values).map(drop)
}

pub(super) fn delete(op: &mut DirectoryOp, user: UserId) -> Result<bool, Error> {
    Ok(op.execute(&DELETE, &[user.into()])? > 0)
}

pub(super) fn flag(op: &mut DirectoryOp, user: UserId) -> Result<bool, Error> {
    Ok(op.execute(&FLAG, &[user.into()])? > 0)
}

/// A hash just made.
#[derive(Clone)]
pub(super) struct NewHash {
    pub(super) phc: String,
    pub(super) pepper: KeyId,
}

const FIND: Statement = Statement::new(
    "password.find",
    "SELECT phc, pepper_key, must_change FROM passwords WHERE user_id = $1",
);

const FIND_STATE: Statement = Statement::new(
    "password.find_state",
    "SELECT w.changed_at, w.must_change, p.address_index
     FROM passwords w JOIN people p ON p.id = w.user_id WHERE w.user_id = $1",
);

const KEEP: Statement = Statement::new(
    "password.keep",
    "INSERT INTO passwords (user_id, phc, pepper_key, changed_at, must_change)
     VALUES ($1, $2, $3, $4, 0)
     ON CONFLICT (user_id) DO UPDATE
     SET phc = excluded.phc, pepper_key = excluded.pepper_key, changed_at = excluded.changed_at,
         must_change = 0",
);

/// Somebody may have changed it meanwhile: then it stays theirs.
const KEEP_REHASHED: Statement = Statement::new(
    "password.keep_rehashed",
    "UPDATE passwords SET phc = $3, pepper_key = $4 WHERE user_id = $1 AND phc = $2",
);

const DELETE: Statement =
    Statement::new("password.delete", "DELETE FROM passwords WHERE user_id = $1");

const FLAG: Statement =
    Statement::new("password.flag", "UPDATE passwords SET must_change = 1 WHERE user_id = $1");

pub(super) const STATEMENTS: &[Statement] = &[FIND, FIND_STATE, KEEP, KEEP_REHASHED, DELETE, FLAG];
