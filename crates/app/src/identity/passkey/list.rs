//! One's passkeys.

use domain::{
    ids::{PasskeyId, UserId},
    text::Name,
};
use jiff::Timestamp;
use store::Statement;

use super::{
    answer::{open, open_name},
    domain,
};
use crate::{
    DirectoryOp, Error,
    op::{instant, instant_or_none},
};

/// A passkey as its person knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Which.
    pub id: PasskeyId,
    /// What its person calls it.
    pub name: Name,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// When it last answered.
    pub used_at: Option<Timestamp>,
    /// The host it was made for, where that is another than now: it opens nothing here.
    pub made_for: Option<String>,
}

/// The passkeys of a person, oldest first.
///
/// Errors: [`Error::Store`].
pub fn list_passkeys(op: &mut DirectoryOp, user: UserId) -> Result<Vec<Passkey>, Error> {
    let here = domain(op);
    let rows = op.query(&LIST, &[user.into()])?;
    let mut passkeys = Vec::with_capacity(rows.len());
    for row in &rows {
        let id: PasskeyId = row.get(0)?;
        let made_for: String = row.get(7)?;
        passkeys.push(Passkey {
            id,
            name: open_name(op, id, row, 3)?,
            created_at: instant(row, 5)?,
            used_at: instant_or_none(row, 6)?,
            made_for: Some(made_for).filter(|made_for| *made_for != here),
        });
    }
    Ok(passkeys)
}

/// What is stored of the passkeys of a person that work here.
pub(super) fn stored_of(op: &mut DirectoryOp, user: UserId) -> Result<Vec<String>, Error> {
    let here = domain(op);
    let rows = op.query(&LIST, &[user.into()])?;
    let mut stored = Vec::with_capacity(rows.len());
    for row in &rows {
        if row.get::<String>(7)? == here {
            stored.push(open(op, row.get(0)?, row, 1)?);
        }
    }
    Ok(stored)
}

/// The unique index over `user_id` and `slot`.
const LIST: Statement = Statement::new(
    "passkey.list",
    "SELECT id, credential_sealed, credential_rev, name_sealed, name_rev, created_at, used_at, domain
     FROM passkeys WHERE user_id = $1 ORDER BY created_at, id",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST];
