//! Remove a passkey.

use domain::ids::{PasskeyId, UserId};
use store::Statement;

use super::{always, answer::open_name};
use crate::{
    DirectoryOp, Error,
    identity::{
        Happening, Origin, PasskeyNews,
        act::Act,
        end_other_sessions,
        notice::tell,
        second::{get_enrolled, recovery},
        session::{Second, Session, forget_second, require_proven},
    },
};

/// Removes one's passkey, and signs its person out everywhere else. With the last strong factor the
/// recovery codes go.
///
/// Errors: [`Error::NeedsProof`]; [`Error::NotFound`], also for one of somebody else. Audit:
/// `factor.removed`, `session.ended`.
pub fn remove_passkey(
    op: &mut DirectoryOp,
    session: &Session,
    id: PasskeyId,
    origin: &Origin,
) -> Result<(), Error> {
    require_proven(op, session)?;
    let user = session.user;
    let row = op.optional(&FIND, &[id.into(), user.into()])?.ok_or(Error::NotFound)?;
    let name = open_name(op, id, &row, 0)?.as_str().to_owned();
    op.execute(&DELETE, &[id.into(), user.into()])?;
    let left = get_enrolled(op, user)?;
    if left.passkeys == 0 {
        always::forget(op, user)?;
    }
    if !left.has_strong() {
        recovery::delete(op, user)?;
        forget_second(op, session)?;
    }
    end_other_sessions(op, user, session.id)?;
    let facts = [("factor", Second::Passkey.as_str().into()), ("passkey", id.uuid().into())];
    op.record_act(Act::FactorRemoved, Some(user), &facts)?;
    tell(op, user, &Happening::Passkey(PasskeyNews::Removed(name)), origin)
}

/// Forgets all passkeys of a person, and what they said about them.
pub(in crate::identity) fn delete_all(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    op.execute(&DELETE_ALL, &[user.into()])?;
    always::forget(op, user)
}

const FIND: Statement = Statement::new(
    "passkey.find_to_remove",
    "SELECT name_sealed, name_rev FROM passkeys WHERE id = $1 AND user_id = $2",
);

const DELETE: Statement =
    Statement::new("passkey.delete", "DELETE FROM passkeys WHERE id = $1 AND user_id = $2");

const DELETE_ALL: Statement =
    Statement::new("passkey.delete_all", "DELETE FROM passkeys WHERE user_id = $1");

pub(super) const STATEMENTS: &[Statement] = &[FIND, DELETE, DELETE_ALL];
