//! Call a passkey something else.

use domain::{ids::PasskeyId, text::Name};
use store::Statement;
use vault::KeyKind;

use crate::{
    DirectoryOp, Error, field,
    identity::{
        act::Act,
        session::{Second, Session},
    },
};

/// Gives one's passkey another name.
///
/// Errors: [`Error::NotFound`], also for one of somebody else. Audit: `factor.renamed`.
pub fn rename_passkey(
    op: &mut DirectoryOp,
    session: &Session,
    id: PasskeyId,
    name: &Name,
) -> Result<(), Error> {
    let user = session.user;
    let row = op.optional(&FIND, &[id.into(), user.into()])?.ok_or(Error::NotFound)?;
    let rev = row.get::<i64>(0)? + 1;
    let key = op.vault().key_for(KeyKind::Person, user.as_bytes());
    let key = key.ok_or_else(|| Error::key_missing(KeyKind::Person))?;
    let sealed = op.seal(key, field::PASSKEY_NAME, id, rev, name.as_str())?;
    op.execute(&RENAME, &[id.into(), sealed.into(), rev.into()])?;
    let facts = [("factor", Second::Passkey.as_str().into()), ("passkey", id.uuid().into())];
    op.record_act(Act::FactorRenamed, Some(user), &facts)
}

const FIND: Statement = Statement::new(
    "passkey.find_to_rename",
    "SELECT name_rev FROM passkeys WHERE id = $1 AND user_id = $2",
);

const RENAME: Statement = Statement::new(
    "passkey.rename",
    "UPDATE passkeys SET name_sealed = $2, name_rev = $3 WHERE id = $1",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, RENAME];
