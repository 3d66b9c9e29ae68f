//! Links that the server prints: the first owner's set-up, the demo, the operator's fresh link.
//!
//! They are bound to no browser: opening one shows a button, and its POST uses the link up.

use domain::ids::UserId;
use store::{Row, Statement};
use vault::Secret;

use super::{act::Act, hash_secret, policy::CLOCK_SKEW_US, secret::Drawn};
use crate::{DirectoryOp, Error, Refusal};

/// What a link lets in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Setting up a workspace. Nobody is known yet.
    Setup,
    /// Signing in as this person.
    Enter(UserId),
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Enter(_) => "enter",
        }
    }

    const fn user(self) -> Option<UserId> {
        match self {
            Self::Setup => None,
            Self::Enter(user) => Some(user),
        }
    }

    fn read(row: &Row) -> Result<Self, Error> {
        let word: String = row.get(0)?;
        match (word.as_str(), row.get::<Option<UserId>>(1)?) {
            ("setup", None) => Ok(Self::Setup),
            ("enter", Some(user)) => Ok(Self::Enter(user)),
            _ => Err(Error::bug("a one-time link of an unknown purpose")),
        }
    }
}

/// Makes a link for `life_s` seconds; its token is 43 characters of base64url. Older ones of the
/// same purpose and person stop working.
///
/// Errors: [`Error::Store`]. Audit: `link.created`.
pub fn create_link(
    op: &mut DirectoryOp,
    purpose: Purpose,
    life_s: i64,
) -> Result<Secret<String>, Error> {
    let now = op.now_us();
    match purpose.user() {
        None => op.execute(&REPLACE_SETUP, &[now.into()])?,
        Some(user) => op.execute(&REPLACE_OF_USER, &[user.into(), now.into()])?,
    };
    let token = Drawn::new(op);
    let expires_at = now + life_s.clamp(0, i64::from(u32::MAX)) * 1_000_000;
    op.execute(
        &INSERT,
        &[
            token.hash.into(),
            purpose.word().into(),
            purpose.user().into(),
            now.into(),
            expires_at.into(),
        ],
    )?;
    let facts = [("purpose", purpose.word().into())];
    op.record_act(Act::LinkCreated, purpose.user(), &facts)?;
    Ok(token.text)
}

/// Looks at a link without using it, as a GET does: what it lets in to, if it still works.
///
/// Errors: [`Error::Store`].
pub fn look_at_one_time_link(op: &mut DirectoryOp, token: &str) -> Result<Option<Purpose>, Error> {
    let Some(hash) = hash_secret(token) else {
        return Ok(None);
    };
    let now = op.now_us();
    let values = [hash.into(), now.into(), (now + CLOCK_SKEW_US).into()];
    let row = op.optional(&LOOK, &values)?;
    row.as_ref().map(Purpose::read).transpose()
}

/// Uses a link up.
///
/// Errors: [`Refusal::LinkNotValid`]. Audit: `link.used`.
pub fn consume_link(op: &mut DirectoryOp, token: &str) -> Result<Purpose, Error> {
    let hash = hash_secret(token).ok_or(Refusal::LinkNotValid)?;
    consume_link_hash(op, &hash)?.ok_or_else(|| Refusal::LinkNotValid.into())
}

/// Uses up the link whose token has this hash, if it still works.
///
/// Errors: [`Error::Store`]. Audit: `link.used`.
pub fn consume_link_hash(op: &mut DirectoryOp, hash: &[u8; 32]) -> Result<Option<Purpose>, Error> {
    let now = op.now_us();
    let values = [(*hash).into(), now.into(), (now + CLOCK_SKEW_US).into()];
    let Some(row) = op.optional(&CONSUME, &values)? else {
        return Ok(None);
    };
    let purpose = Purpose::read(&row)?;
    let facts = [("purpose", purpose.word().into())];
    op.record_act(Act::LinkUsed, purpose.user(), &facts)?;
    Ok(Some(purpose))
}

const REPLACE_SETUP: Statement = Statement::new(
    "one_time_link.replace_setup",
    "UPDATE one_time_links SET dead_at = $1
     WHERE purpose = 'setup' AND used_at IS NULL AND dead_at IS NULL",
);

const REPLACE_OF_USER: Statement = Statement::new(
    "one_time_link.replace_of_user",
    "UPDATE one_time_links SET dead_at = $2
     WHERE user_id = $1 AND purpose = 'enter' AND used_at IS NULL AND dead_at IS NULL",
);

const INSERT: Statement = Statement::new(
    "one_time_link.insert",
    "INSERT INTO one_time_links (secret_hash, purpose, user_id, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5)",
);

/// The primary key. What was made in the future was made before the clock was set back.
const LOOK: Statement = Statement::new(
    "one_time_link.look",
    "SELECT purpose, user_id FROM one_time_links
     WHERE secret_hash = $1 AND used_at IS NULL AND dead_at IS NULL AND expires_at > $2
       AND created_at <= $3",
);

const CONSUME: Statement = Statement::new(
    "one_time_link.consume",
    "UPDATE one_time_links SET used_at = $2
     WHERE secret_hash = $1 AND used_at IS NULL AND dead_at IS NULL AND expires_at > $2
       AND created_at <= $3
     RETURNING purpose, user_id",
);

pub(super) const STATEMENTS: &[Statement] =
    &[REPLACE_SETUP, REPLACE_OF_USER, INSERT, LOOK, CONSUME];
