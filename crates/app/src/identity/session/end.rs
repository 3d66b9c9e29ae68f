//! End sessions, and forget the browsers they belong to.

use domain::ids::{FamilyId, SessionId, UserId};
use store::Statement;

use super::Method;
use crate::{
    DirectoryOp, Error,
    audit::Fact,
    identity::{act::Act, provider::Which},
    live::Change,
};

/// Signs a browser out: ends the session and, when the browser is remembered, forgets it.
///
/// Does nothing for a session that has ended. Open pages are told after the commit.
///
/// Errors: [`Error::Store`]. Audit: `session.ended`.
pub fn end_session(op: &mut DirectoryOp, id: SessionId) -> Result<(), Error> {
    let now = op.now_us();
    let Some(row) = op.optional(&END, &[id.into(), now.into()])? else {
        return Ok(());
    };
    let user: UserId = row.get(0)?;
    if let Some(family) = row.get::<Option<FamilyId>>(1)? {
        end_family(op, family)?;
    }
    told(op, user, ("session", id.uuid().into()))
}

/// Signs a person out everywhere and forgets all their browsers; how many sessions that were.
///
/// Errors: [`Error::Store`]. Audit: `session.ended`.
pub fn end_all_sessions(op: &mut DirectoryOp, user: UserId) -> Result<u64, Error> {
    let now = op.now_us();
    let ended = op.execute(&END_ALL, &[user.into(), now.into()])?;
    op.execute(&FORGET_ALL, &[user.into(), now.into()])?;
    told(op, user, ("sessions", count(ended)))?;
    Ok(ended)
}

/// Ends the sessions that printed links have opened for a person. A set-up link makes whoever holds it
/// the person of an address that nobody has proven: once the mailbox's own person comes, they must not
/// see what that one is let into.
///
/// Errors: [`Error::Store`]. Audit: `session.ended`, when there was one.
pub fn end_printed_sessions(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    let values = [user.into(), op.now_us().into(), Method::PrintedLink.as_str().into()];
    match op.execute(&END_METHOD, &values)? {
        0 => Ok(()),
        ended => told(op, user, ("sessions", count(ended))),
    }
}

/// Signs a person out everywhere but here; how many sessions that were.
///
/// Errors: [`Error::NotFound`] when `keep` is not a session of theirs. Audit: `session.ended`.
pub fn end_other_sessions(
    op: &mut DirectoryOp,
    user: UserId,
    keep: SessionId,
) -> Result<u64, Error> {
    let now = op.now_us();
    let kept = op.optional(&FIND_FAMILY, &[keep.into(), user.into()])?;
    let family: Option<FamilyId> = kept.ok_or(Error::NotFound)?.get(0)?;
    let ended = op.execute(&END_OTHERS, &[user.into(), now.into(), keep.into()])?;
    // A family that does not exist keeps nothing.
    let kept = family.map_or(keep.uuid(), FamilyId::uuid);
    op.execute(&FORGET_OTHERS, &[user.into(), now.into(), kept.into()])?;
    told(op, user, ("sessions", count(ended)))?;
    Ok(ended)
}

/// Signs a remembered browser of a person out, also one that has no session now.
///
/// Does nothing for one that is forgotten already. Open pages are told after the commit.
///
/// Errors: [`Error::NotFound`] for a browser of somebody else. Audit: `session.ended`.
pub fn forget_browser(op: &mut DirectoryOp, user: UserId, family: FamilyId) -> Result<(), Error> {
    let row = op.optional(&FIND_BROWSER, &[family.into(), user.into()])?.ok_or(Error::NotFound)?;
    if row.get::<Option<i64>>(0)?.is_some() {
        return Ok(());
    }
    end_family(op, family)?;
    told(op, user, ("family", family.uuid().into()))
}

/// Ends the sessions that a provider has opened for a person; how many. Open pages are told after the
/// commit.
///
/// Errors: [`Error::Store`]. Audit: `session.ended`, when there was one.
pub(in crate::identity) fn end_of_provider(
    op: &mut DirectoryOp,
    user: UserId,
    provider: Which,
) -> Result<u64, Error> {
    let values = [user.into(), op.now_us().into(), provider.id.into(), provider.workspace.into()];
    let ended = op.execute(&END_PROVIDER, &values)?;
    if ended > 0 {
        told(op, user, ("sessions", count(ended)))?;
    }
    Ok(ended)
}

/// Ends the sessions that a remembered browser has opened at or after an instant; it stays remembered.
pub(super) fn end_since(
    op: &mut DirectoryOp,
    user: UserId,
    family: FamilyId,
    since: i64,
) -> Result<(), Error> {
    let values = [family.into(), op.now_us().into(), since.into()];
    match op.execute(&END_SINCE, &values)? {
        0 => Ok(()),
        ended => told(op, user, ("sessions", count(ended))),
    }
}

/// Forgets a browser and ends the sessions it opened.
pub(super) fn end_family(op: &mut DirectoryOp, family: FamilyId) -> Result<(), Error> {
    let now = op.now_us();
    op.execute(&FORGET, &[family.into(), now.into()])?;
    op.execute(&END_FAMILY, &[family.into(), now.into()])?;
    Ok(())
}

fn told(op: &mut DirectoryOp, user: UserId, fact: (&'static str, Fact)) -> Result<(), Error> {
    op.tell(Change::Sessions { user });
    op.record_act(Act::SessionEnded, Some(user), &[fact])
}

/// How many, as a fact of an event.
pub(in crate::identity) fn count(number: u64) -> Fact {
    Fact::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

const END: Statement = Statement::new(
    "session.end",
    "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL
     RETURNING user_id, family_id",
);

/// Index `sessions_user`.
const END_ALL: Statement = Statement::new(
    "session.end_all",
    "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL",
);

/// Index `sessions_user`.
const END_METHOD: Statement = Statement::new(
    "session.end_method",
    "UPDATE sessions SET ended_at = $2
     WHERE user_id = $1 AND ended_at IS NULL AND method = $3",
);

/// Index `sessions_user`.
const END_PROVIDER: Statement = Statement::new(
    "session.end_provider",
    "UPDATE sessions SET ended_at = $2
     WHERE user_id = $1 AND ended_at IS NULL AND provider_id = $3
       AND provider_workspace_id IS NOT DISTINCT FROM $4",
);

/// Index `sessions_user`.
const END_OTHERS: Statement = Statement::new(
    "session.end_others",
    "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL AND id <> $3",
);

/// Index `sessions_family`.
const END_FAMILY: Statement = Statement::new(
    "session.end_family",
    "UPDATE sessions SET ended_at = $2 WHERE family_id = $1 AND ended_at IS NULL",
);

/// Index `sessions_family`.
const END_SINCE: Statement = Statement::new(
    "session.end_since",
    "UPDATE sessions SET ended_at = $2
     WHERE family_id = $1 AND ended_at IS NULL AND created_at >= $3",
);

const FIND_FAMILY: Statement = Statement::new(
    "session.find_family",
    "SELECT family_id FROM sessions WHERE id = $1 AND user_id = $2 AND ended_at IS NULL",
);

const FIND_BROWSER: Statement = Statement::new(
    "session.find_browser",
    "SELECT revoked_at FROM remembered WHERE id = $1 AND user_id = $2",
);

const FORGET: Statement = Statement::new(
    "session.forget",
    "UPDATE remembered SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
);

/// Index `remembered_user`.
const FORGET_ALL: Statement = Statement::new(
    "session.forget_all",
    "UPDATE remembered SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL",
);

/// Index `remembered_user`.
const FORGET_OTHERS: Statement = Statement::new(
    "session.forget_others",
    "UPDATE remembered SET revoked_at = $2
     WHERE user_id = $1 AND revoked_at IS NULL AND id <> $3",
);

pub(super) const STATEMENTS: &[Statement] = &[
    END,
    END_ALL,
    END_METHOD,
    END_PROVIDER,
    END_OTHERS,
    END_FAMILY,
    END_SINCE,
    FIND_FAMILY,
    FIND_BROWSER,
    FORGET,
    FORGET_ALL,
    FORGET_OTHERS,
];
