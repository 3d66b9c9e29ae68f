//! Sign a remembered browser in again.
//!
//! | step | owner's browser | thief's browser | directory |
//! |---|---|---|---|
//! | t0 | has validator 1 | has copied it | 1 |
//! | t1 | | sends 1, gets 2 | 2, before 1 |
//! | t2 | sends 1, more than 30 s later | | 1 is old: the family ends, the owner gets a mail |
//!
//! Tabs of one browser that open together all send the same validator. The first one rotates it;
//! the others, within the grace, get a session and keep the cookie that the first one was given.

use domain::ids::{FamilyId, UserId};
use store::Statement;
use vault::decode_base64url;

use super::{
    Method, NewSession,
    end::end_family,
    open::{SELECTOR_BYTES, cookie_text, insert_session, to_instant},
};
use crate::{
    DirectoryOp, Error,
    identity::{
        act::Act,
        hash_secret, letters, outbox,
        outbox::LetterKind,
        person::get_address,
        policy::{CLOCK_SKEW_US, REMEMBER_GRACE_US},
        secret::Drawn,
    },
    live::Change,
};

/// What became of a remember-me cookie.
#[derive(Debug)]
pub enum Remembered {
    /// A new session. Its `remember` is the rotated cookie; None means that the browser keeps the
    /// one it has.
    Opened(NewSession),
    /// An old cookie came back: somebody has copied it. The browser is forgotten, its sessions have
    /// ended, and the owner is told by mail.
    Theft,
    /// Too old, revoked, or never made.
    NotValid,
}

/// Opens a session for a remembered browser and rotates its cookie.
///
/// Errors: [`Error::Store`]; theft is an answer, so that what it ends stays ended.
/// Audit: `session.opened`; `remember.theft`.
pub fn use_remember(op: &mut DirectoryOp, cookie: &str) -> Result<Remembered, Error> {
    let Some((selector, validator_hash)) = read_cookie(cookie) else {
        return Ok(Remembered::NotValid);
    };
    let Some(row) = op.optional(&FIND, &[selector.clone().into()])? else {
        return Ok(Remembered::NotValid);
    };
    let (family, user): (FamilyId, UserId) = (row.get(0)?, row.get(1)?);
    let (current, previous): ([u8; 32], Option<[u8; 32]>) = (row.get(2)?, row.get(3)?);
    let (rotated_at, expires_at): (i64, i64) = (row.get(4)?, row.get(5)?);
    let now = op.now_us();
    if now >= expires_at || now < rotated_at - CLOCK_SKEW_US {
        // Marked, so that no clock brings it back.
        end_family(op, family)?;
        op.tell(Change::Sessions { user });
        return Ok(Remembered::NotValid);
    }
    if validator_hash == current {
        let validator = Drawn::new(op);
        op.execute(&ROTATE, &[family.into(), validator.hash.into(), current.into(), now.into()])?;
        let session = insert_session(op, user, Method::Remembered, Some(family))?;
        return Ok(Remembered::Opened(NewSession {
            remember: Some(cookie_text(&selector, &validator)),
            remembered_until: Some(to_instant(expires_at)?),
            ..session
        }));
    }
    if previous == Some(validator_hash)
        && now.abs_diff(rotated_at) <= REMEMBER_GRACE_US.unsigned_abs()
    {
        return insert_session(op, user, Method::Remembered, Some(family)).map(Remembered::Opened);
    }
    report_theft(op, family, user)?;
    Ok(Remembered::Theft)
}

fn report_theft(op: &mut DirectoryOp, family: FamilyId, user: UserId) -> Result<(), Error> {
    end_family(op, family)?;
    op.tell(Change::Sessions { user });
    let letter = letters::remember_theft(&get_address(op, user)?)?;
    outbox::enqueue(op, LetterKind::RememberTheft, &letter)?;
    let facts = [("family", family.uuid().into())];
    op.record_act(Act::RememberTheft, Some(user), &facts)
}

fn read_cookie(cookie: &str) -> Option<(Vec<u8>, [u8; 32])> {
    let (selector, validator) = cookie.split_once('.')?;
    let selector = decode_base64url(selector).ok()?;
    (selector.len() == SELECTOR_BYTES).then_some(())?;
    Some((selector, hash_secret(validator)?))
}

/// The unique index of `selector`.
const FIND: Statement = Statement::new(
    "remember.find",
    "SELECT r.id, r.user_id, r.validator_hash, r.previous_hash, r.rotated_at, r.expires_at
     FROM remembered r JOIN people p ON p.id = r.user_id
     WHERE r.selector = $1 AND r.revoked_at IS NULL AND p.disabled_at IS NULL",
);

const ROTATE: Statement = Statement::new(
    "remember.rotate",
    "UPDATE remembered SET validator_hash = $2, previous_hash = $3, rotated_at = $4 WHERE id = $1",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, ROTATE];
