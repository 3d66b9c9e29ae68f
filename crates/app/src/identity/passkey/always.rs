//! Ask for a passkey after every other way in, or only where something else says so.

use domain::ids::UserId;
use store::Statement;

use crate::{
    DirectoryOp, Error, Refusal,
    identity::{
        Origin,
        act::Act,
        end_other_sessions,
        notice::{Happening, PasskeyNews, tell},
        second::get_enrolled,
        session::{Second, Session, require_proven},
    },
};

/// Says whether a passkey is asked for after every other way in; does nothing when it is so. Where it is
/// from now on, the person is signed out everywhere else: no session goes on that has shown less.
///
/// Errors: [`Error::NeedsProof`]; [`Refusal::NoPasskey`]. Audit: `factor.changed`, `session.ended`.
pub fn set_passkey_always(
    op: &mut DirectoryOp,
    session: &Session,
    is_wanted: bool,
    origin: &Origin,
) -> Result<(), Error> {
    require_proven(op, session)?;
    let user = session.user;
    let enrolled = get_enrolled(op, user)?;
    if enrolled.passkey_always == is_wanted {
        return Ok(());
    }
    if is_wanted && enrolled.passkeys == 0 {
        return Err(Refusal::NoPasskey.into());
    }
    let since = is_wanted.then_some(op.now_us());
    op.execute(&SET, &[user.into(), since.into()])?;
    if is_wanted {
        end_other_sessions(op, user, session.id)?;
    }
    let facts = [("factor", Second::Passkey.as_str().into()), ("asked_always", is_wanted.into())];
    op.record_act(Act::FactorChanged, Some(user), &facts)?;
    tell(op, user, &Happening::Passkey(PasskeyNews::Always(is_wanted)), origin)
}

/// Forgets it, once there is no passkey any more.
pub(super) fn forget(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    op.execute(&SET, &[user.into(), None::<i64>.into()]).map(drop)
}

const SET: Statement =
    Statement::new("passkey.set_always", "UPDATE people SET passkey_always_at = $2 WHERE id = $1");

pub(super) const STATEMENTS: &[Statement] = &[SET];
