//! Show anew who one is: the session goes on as if it had just been opened.

use domain::ids::{FamilyId, SessionId, UserId};
use store::Statement;

use super::{Factors, Method, NewSession, Origin, Second, Session};
use crate::{
    DirectoryOp, Error,
    identity::{act::Act, policy::SESSION_LIFE_US, provider::Which, secret::Drawn},
    live::Change,
    op::{optional_word, to_instant, word},
};

/// Makes a session one that was opened just now, with a new secret, by what was shown: a code of an
/// app, a recovery code, or a code from a mail. It stays the same session: its open pages and their
/// forms go on, and a remembered browser stays remembered, with what was shown in it.
///
/// Errors: [`Error::SignedOut`] when the session has ended, or is somebody else's. Audit:
/// `session.proven`.
pub fn prove_session(
    op: &mut DirectoryOp,
    id: SessionId,
    user: UserId,
    by: Second,
    origin: &Origin,
) -> Result<NewSession, Error> {
    let row = op.optional(&FIND_SHOWN, &[id.into(), user.into()])?.ok_or(Error::SignedOut)?;
    let before = Factors { first: word(&row, 0)?, second: optional_word(&row, 1)? };
    let family: Option<FamilyId> = row.get(2)?;
    let sealed_rev = row.get::<Option<i64>>(3)?.unwrap_or(0) + 1;
    let [device, network, sealed_rev] = origin.seal(op, id, sealed_rev)?;
    let shown = before.with(by);
    let method = if by == Second::MailCode { Method::MailCode } else { shown.first };
    let secret = Drawn::new(op);
    let now = op.now_us();
    // Whether somebody still may come in is the provider's to say, each day: no proof puts that off.
    let provider = Which::read(&row, 5)?;
    let latest = now + SESSION_LIFE_US;
    let expires_at = if provider.is_some() { latest.min(row.get(4)?) } else { latest };
    let values = [
        id.into(),
        secret.hash.into(),
        method.as_str().into(),
        now.into(),
        expires_at.into(),
        shown.first.as_str().into(),
        shown.second.map(Second::as_str).into(),
        device,
        network,
        sealed_rev,
    ];
    op.execute(&PROVE, &values)?;
    keep_in_family(op, family, shown)?;
    // Its former secret opens nothing from now on.
    op.tell(Change::Sessions { user });
    let facts = [("session", id.uuid().into()), ("by", by.as_str().into())];
    op.record_act(Act::SessionProven, Some(user), &facts)?;
    Ok(NewSession {
        id,
        user,
        provider,
        secret: secret.text,
        remember: None,
        expires_at: to_instant(expires_at)?,
        remembered_until: None,
    })
}

impl Factors {
    /// With one thing more shown. The first factor stays what it was: who came by another way than mail
    /// must not be one who came by mail, whom a sign-in policy may keep out. A code by mail adds nothing
    /// to what came by mail.
    fn with(self, by: Second) -> Self {
        match (by, self.first) {
            (Second::MailCode, first) if first.is_by_mail() => self,
            (Second::MailCode, _) => Self { second: self.second.or(Some(by)), ..self },
            (_, _) => Self { second: Some(by), ..self },
        }
    }
}

/// Notes that a second factor was shown in a session, such as by the first code of a new app.
pub(in crate::identity) fn mark_second(
    op: &mut DirectoryOp,
    session: &Session,
    by: Second,
) -> Result<(), Error> {
    mark(op, session, session.shown.with(by))
}

/// Notes that what was shown in a session besides the first factor is there no longer.
pub(in crate::identity) fn forget_second(
    op: &mut DirectoryOp,
    session: &Session,
) -> Result<(), Error> {
    mark(op, session, Factors { second: None, ..session.shown })
}

fn mark(op: &mut DirectoryOp, session: &Session, shown: Factors) -> Result<(), Error> {
    let second = shown.second.map(Second::as_str);
    op.execute(&MARK, &[session.id.into(), second.into()])?;
    keep_in_family(op, session.family, shown)
}

/// Refuses what gives power away in a session that is not fresh: for acts of the directory, which have
/// no [`crate::Op`] to ask.
///
/// Errors: [`Error::NeedsProof`].
pub(in crate::identity) fn require_proven(
    op: &DirectoryOp,
    session: &Session,
) -> Result<(), Error> {
    if session.is_proven(op.now()) { Ok(()) } else { Err(Error::NeedsProof) }
}

fn keep_in_family(
    op: &mut DirectoryOp,
    family: Option<FamilyId>,
    shown: Factors,
) -> Result<(), Error> {
    let Some(family) = family else { return Ok(()) };
    let second = shown.second.map(Second::as_str);
    op.execute(&KEEP, &[family.into(), shown.first.as_str().into(), second.into()])?;
    Ok(())
}

const FIND_SHOWN: Statement = Statement::new(
    "session.find_shown",
    "SELECT first_factor, second_factor, family_id, sealed_rev,
            expires_at, provider_id, provider_workspace_id
     FROM sessions
     WHERE id = $1 AND user_id = $2 AND ended_at IS NULL",
);

const PROVE: Statement = Statement::new(
    "session.prove",
    "UPDATE sessions SET secret_hash = $2, method = $3, created_at = $4, seen_at = $4,
                         expires_at = $5, first_factor = $6, second_factor = $7,
                         device_sealed = $8, network_sealed = $9, sealed_rev = $10
     WHERE id = $1 AND ended_at IS NULL",
);

const MARK: Statement = Statement::new(
    "session.mark_second",
    "UPDATE sessions SET second_factor = $2 WHERE id = $1 AND ended_at IS NULL",
);

const KEEP: Statement = Statement::new(
    "session.keep_shown",
    "UPDATE remembered SET first_factor = $2, second_factor = $3 WHERE id = $1",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_SHOWN, PROVE, MARK, KEEP];
