//! Sign a remembered browser in again.
//!
//! | step | owner's browser | thief's browser | directory |
//! |---|---|---|---|
//! | t0 | has validator 1 | has copied it | 1 |
//! | t1 | | sends 1, gets 2 and a session, and uses it | 2, before 1 |
//! | t2 | sends 1, more than 30 s later | | 1 is old: the family ends, the owner gets a mail |
//!
//! Tabs of one browser that open together all send the same validator. The first one rotates it;
//! the others, within the grace, get a session and keep the cookie that the first one was given.
//!
//! An answer can get lost: then the browser never had validator 2, and sends 1 again. That is no
//! theft as long as nobody has used the session that was opened with 2 (its first use is noted at
//! once, see [`hear_session`](super::hear_session)). So 1 is taken once more, 2 is replaced and its
//! session ends, with all that the grace has opened since: had a thief sent 1 twice, they would else go
//! on in the second session, and nobody would hear of it. Had a thief got 2, it shows at their next use of it, as it is neither the current one
//! nor the one before.

use domain::ids::{FamilyId, SessionId, UserId};
use store::Statement;
use vault::decode_base64url;

use super::{
    Factors, Method, NewSession, Origin,
    end::{end_family, end_since, forget_browser},
    open::{Opening, SELECTOR_BYTES, cookie_text, insert_session},
};
use crate::{
    DirectoryOp, Error,
    identity::{
        act::Act,
        hash_secret,
        notice::{Happening, notify},
        person::get_zone,
        policy::{CLOCK_SKEW_US, REMEMBER_GRACE_US},
        secret::Drawn,
    },
    live::Change,
    op::{optional_word, to_instant, word},
};

/// What became of a remember-me cookie.
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
pub fn use_remember(
    op: &mut DirectoryOp,
    cookie: &str,
    origin: &Origin,
) -> Result<Remembered, Error> {
    let Some((selector, validator_hash)) = read_cookie(cookie) else {
        return Ok(Remembered::NotValid);
    };
    let Some(row) = op.optional(&FIND, &[selector.clone().into()])? else {
        return Ok(Remembered::NotValid);
    };
    let (family, user): (FamilyId, UserId) = (row.get(0)?, row.get(1)?);
    let (current, previous): ([u8; 32], Option<[u8; 32]>) = (row.get(2)?, row.get(3)?);
    let (rotated_at, expires_at): (i64, i64) = (row.get(4)?, row.get(5)?);
    // The browser has shown them once, and stands for them since.
    let shown = Factors { first: word(&row, 6)?, second: optional_word(&row, 7)? };
    let now = op.now_us();
    // A sign-in by a provider is never remembered.
    let opening =
        Opening { user, method: Method::Remembered, shown, family: Some(family), provider: None };
    let is_before = previous == Some(validator_hash);
    if now >= expires_at || now < rotated_at - CLOCK_SKEW_US {
        // Marked, so that no clock brings it back.
        end_family(op, family)?;
        op.tell(Change::Sessions { user });
        return Ok(Remembered::NotValid);
    }
    if is_before && now.abs_diff(rotated_at) <= REMEMBER_GRACE_US.unsigned_abs() {
        return insert_session(op, opening, origin).map(Remembered::Opened);
    }
    let unheard = if is_before { find_unheard(op, family, rotated_at)? } else { None };
    if validator_hash == current || unheard.is_some() {
        if unheard.is_some() {
            // Also what the grace has opened beside it: in a thief's browser, perhaps.
            end_since(op, user, family, rotated_at)?;
        }
        let validator = Drawn::new(op);
        let sealed_rev = row.get::<Option<i64>>(8)?.unwrap_or(0) + 1;
        let [device, network, sealed_rev] = origin.seal(op, family, sealed_rev)?;
        let values = [
            family.into(),
            validator.hash.into(),
            validator_hash.into(),
            now.into(),
            device,
            network,
            sealed_rev,
        ];
        op.execute(&ROTATE, &values)?;
        let session = insert_session(op, opening, origin)?;
        return Ok(Remembered::Opened(NewSession {
            remember: Some(cookie_text(&selector, &validator)),
            remembered_until: Some(to_instant(expires_at)?),
            ..session
        }));
    }
    report_theft(op, family, user, origin)?;
    Ok(Remembered::Theft)
}

/// The session of what the last rotation answered, if nobody has used it: it is as it was made. One
/// that is gone says nothing, and counts as used.
fn find_unheard(
    op: &mut DirectoryOp,
    family: FamilyId,
    rotated_at: i64,
) -> Result<Option<SessionId>, Error> {
    let row = op.optional(&FIND_UNHEARD, &[family.into(), rotated_at.into()])?;
    row.map(|row| Ok(row.get(0)?)).transpose()
}

/// The browser that a remember-me cookie stands for, without using the cookie: what is not ours is
/// refused without writing anything.
///
/// Errors: [`Error::Store`].
pub fn find_remembered(op: &mut DirectoryOp, cookie: &str) -> Result<Option<FamilyId>, Error> {
    let Some((selector, _)) = read_cookie(cookie) else {
        return Ok(None);
    };
    let row = op.optional(&FIND, &[selector.into()])?;
    row.map(|row| Ok(row.get(0)?)).transpose()
}

/// Forgets the browser that a remember-me cookie stands for, and ends its sessions: somebody signs
/// out in it, or somebody else signs in. Only for who has the validator too.
///
/// Errors: [`Error::Store`]. Audit: `session.ended`.
pub fn forget_remembered(op: &mut DirectoryOp, cookie: &str) -> Result<(), Error> {
    let Some((selector, validator_hash)) = read_cookie(cookie) else {
        return Ok(());
    };
    let Some(row) = op.optional(&FIND, &[selector.into()])? else {
        return Ok(());
    };
    let (current, previous): ([u8; 32], Option<[u8; 32]>) = (row.get(2)?, row.get(3)?);
    if validator_hash == current || previous == Some(validator_hash) {
        forget_browser(op, row.get(1)?, row.get(0)?)?;
    }
    Ok(())
}

fn report_theft(
    op: &mut DirectoryOp,
    family: FamilyId,
    user: UserId,
    origin: &Origin,
) -> Result<(), Error> {
    end_family(op, family)?;
    op.tell(Change::Sessions { user });
    let zone = get_zone(op, user)?;
    notify(op, user, &Happening::SignInCopied, origin, &zone)?;
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
    "SELECT r.id, r.user_id, r.validator_hash, r.previous_hash, r.rotated_at, r.expires_at,
            r.first_factor, r.second_factor, r.sealed_rev
     FROM remembered r JOIN people p ON p.id = r.user_id
     WHERE r.selector = $1 AND r.revoked_at IS NULL AND p.disabled_at IS NULL",
);

/// Index `sessions_family`.
const FIND_UNHEARD: Statement = Statement::new(
    "remember.find_unheard",
    "SELECT id FROM sessions
     WHERE family_id = $1 AND created_at = $2 AND seen_at = created_at LIMIT 1",
);

const ROTATE: Statement = Statement::new(
    "remember.rotate",
    "UPDATE remembered SET validator_hash = $2, previous_hash = $3, rotated_at = $4,
                           device_sealed = $5, network_sealed = $6, sealed_rev = $7
     WHERE id = $1",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, FIND_UNHEARD, ROTATE];
