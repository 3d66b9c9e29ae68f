//! Show anew who one is: the session goes on as if it had just been opened, by a code.

use domain::ids::{SessionId, UserId};
use store::Statement;

use super::{Method, NewSession, Origin, open::to_instant};
use crate::{
    DirectoryOp, Error,
    identity::{act::Act, policy::SESSION_LIFE_US, secret::Drawn},
    live::Change,
};

/// Makes a session one that a fresh code has opened, with a new secret. It stays the same session:
/// its open pages and their forms go on, and a remembered browser stays remembered.
///
/// Errors: [`Error::SignedOut`] when the session has ended, or is somebody else's. Audit:
/// `session.proven`.
pub fn prove_session(
    op: &mut DirectoryOp,
    id: SessionId,
    user: UserId,
    origin: &Origin,
) -> Result<NewSession, Error> {
    let row = op.optional(&FIND_REVISION, &[id.into(), user.into()])?.ok_or(Error::SignedOut)?;
    let sealed_rev = row.get::<Option<i64>>(0)?.unwrap_or(0) + 1;
    let [device, network, sealed_rev] = origin.seal(op, id, sealed_rev)?;
    let secret = Drawn::new(op);
    let now = op.now_us();
    let expires_at = now + SESSION_LIFE_US;
    let values = [
        id.into(),
        user.into(),
        secret.hash.into(),
        Method::MailCode.as_str().into(),
        now.into(),
        expires_at.into(),
        device,
        network,
        sealed_rev,
    ];
    if op.execute(&PROVE, &values)? == 0 {
        return Err(Error::SignedOut);
    }
    // Its former secret opens nothing from now on.
    op.tell(Change::Sessions { user });
    op.record_act(Act::SessionProven, Some(user), &[("session", id.uuid().into())])?;
    Ok(NewSession {
        id,
        user,
        secret: secret.text,
        remember: None,
        expires_at: to_instant(expires_at)?,
        remembered_until: None,
    })
}

const FIND_REVISION: Statement = Statement::new(
    "session.find_revision",
    "SELECT sealed_rev FROM sessions WHERE id = $1 AND user_id = $2 AND ended_at IS NULL",
);

const PROVE: Statement = Statement::new(
    "session.prove",
    "UPDATE sessions SET secret_hash = $3, method = $4, created_at = $5, seen_at = $5,
                         expires_at = $6, device_sealed = $7, network_sealed = $8,
                         sealed_rev = $9,
                         first_factor = CASE WHEN first_factor IN ('link-printed', 'link-invitation')
                                             THEN $4 ELSE first_factor END
     WHERE id = $1 AND user_id = $2 AND ended_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_REVISION, PROVE];
