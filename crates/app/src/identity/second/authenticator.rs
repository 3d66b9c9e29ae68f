//! Authenticator apps: set up, confirm, use, remove.
//!
//! A person can have three, so that a new phone is set up before the old one goes, and a tablet or a
//! password manager beside it; a code of any of them will do.
//!
//! | step | browser | directory |
//! |---|---|---|
//! | t0 | asks for a new app | a seed, which does not count yet |
//! | t1 | shows it as a picture and as text | |
//! | t2 | sends the first code of the app | the app counts; the first one brings recovery codes |

use domain::{
    ids::{AuthenticatorId, RequestId, UserId},
    text::{EmailAddress, Name},
};
use jiff::Timestamp;
use store::{Row, Statement};
use vault::{
    KeyKind, Secret, TOTP_SEED_BYTES, TwoKeys, canonical_totp, draw_token, find_totp_step,
    totp_step,
};

use super::{enrolled::get_enrolled, guess, notice, recovery};
use crate::{
    App, DirectoryOp, Error, Refusal, field,
    identity::{
        act::Act,
        end_other_sessions, get_address,
        policy::{AUTHENTICATOR_WAIT_US, CLOCK_SKEW_US, MOST_AUTHENTICATORS},
        session::{Origin, Second, Session, forget_second, mark_second, require_proven},
    },
    op::{instant, instant_or_none},
};

/// An app that counts.
#[derive(Debug, Clone)]
pub struct Authenticator {
    /// Which.
    pub id: AuthenticatorId,
    /// What its person calls it.
    pub name: Name,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// When a code of it was last used.
    pub used_at: Option<Timestamp>,
}

/// An app that waits for its first code.
pub struct NewAuthenticator {
    /// Which.
    pub id: AuthenticatorId,
    /// What its person calls it.
    pub name: Name,
    /// What the app is to be told.
    pub seed: Secret<Vec<u8>>,
    /// Whose it will be, as the app shows it.
    pub address: EmailAddress,
}

impl NewAuthenticator {
    /// The seed as people type it and links carry it: base32 (RFC 4648) without padding.
    pub fn secret(&self) -> String {
        vault::encode_base32(self.seed.expose())
    }
}

impl App {
    /// Draws the seed of a new app; one that waited before waits no longer.
    ///
    /// Errors: [`Error::NeedsProof`]; [`Refusal::TooManyAuthenticators`]. Audit: none, nothing counts
    /// yet.
    pub async fn start_authenticator(
        &self,
        request: RequestId,
        session: Session,
        name: Name,
    ) -> Result<AuthenticatorId, Error> {
        if !session.is_proven(self.clock().now()) {
            return Err(Error::NeedsProof);
        }
        let owner = session.user.as_bytes();
        self.ensure_keys(&[(KeyKind::Person, owner), (KeyKind::PersonSecrets, owner)]).await?;
        self.write_directory(request, move |op| start(op, &session, &name)).await
    }
}

fn start(op: &mut DirectoryOp, session: &Session, name: &Name) -> Result<AuthenticatorId, Error> {
    require_proven(op, session)?;
    let user = session.user;
    if get_enrolled(op, user)?.apps >= MOST_AUTHENTICATORS {
        return Err(Refusal::TooManyAuthenticators.into());
    }
    op.execute(&DELETE_WAITING, &[user.into()])?;
    let id: AuthenticatorId = op.new_id();
    let keys = keys_of(op, user)?;
    let seed = draw_token(op.random(), TOTP_SEED_BYTES);
    let place = op.place(field::AUTHENTICATOR_SEED, id, 1);
    let sealed = op.vault().seal_twice(keys, &place, seed.expose())?;
    let name = op.seal(keys.outer, field::AUTHENTICATOR_NAME, id, 1, name.as_str())?;
    let values = [id.into(), user.into(), name.into(), sealed.into(), op.now_us().into()];
    op.execute(&INSERT, &values)?;
    Ok(id)
}

fn keys_of(op: &DirectoryOp, user: UserId) -> Result<TwoKeys, Error> {
    let key = |kind| {
        let found = op.vault().key_for(kind, user.as_bytes());
        found.ok_or_else(|| Error::key_missing(kind))
    };
    Ok(TwoKeys { inner: key(KeyKind::PersonSecrets)?, outer: key(KeyKind::Person)? })
}

/// The app of this person that waits for its first code, with its seed.
///
/// Errors: [`Error::NeedsProof`]; [`Error::NotFound`].
pub fn get_pending(
    op: &mut DirectoryOp,
    session: &Session,
    id: AuthenticatorId,
) -> Result<NewAuthenticator, Error> {
    require_proven(op, session)?;
    let now = op.now_us();
    let values = [
        id.into(),
        session.user.into(),
        (now - AUTHENTICATOR_WAIT_US).into(),
        (now + CLOCK_SKEW_US).into(),
    ];
    let row = op.optional(&FIND_WAITING, &values)?.ok_or(Error::NotFound)?;
    let address = get_address(op, session.user)?;
    Ok(NewAuthenticator {
        id,
        name: open_name(op, id, &row, 1)?,
        seed: open_seed(op, id, &row)?,
        address,
    })
}

/// Lets an app count, by its first code, and signs the person out everywhere else. Guesses at the apps
/// that were there are forgotten: the person has bound theirs anew. The first one brings recovery codes, which are shown this once.
///
/// Errors: [`Error::NeedsProof`]; [`Error::NotFound`] when it does not wait any more;
/// [`Error::Invalid`] for a wrong code; [`Refusal::TooManyAuthenticators`]. Audit: `factor.added`,
/// `recovery_codes.made`, `session.ended`.
pub fn confirm_authenticator(
    op: &mut DirectoryOp,
    session: &Session,
    id: AuthenticatorId,
    typed: &str,
    origin: &Origin,
) -> Result<Vec<Secret<String>>, Error> {
    let pending = get_pending(op, session, id)?;
    let before = get_enrolled(op, session.user)?;
    if before.apps >= MOST_AUTHENTICATORS {
        return Err(Refusal::TooManyAuthenticators.into());
    }
    let now_step = totp_step(op.now().as_second());
    let found = canonical_totp(typed)
        .and_then(|code| find_totp_step(pending.seed.expose(), code.expose(), now_step, 0));
    let step = found.ok_or_else(|| Error::invalid("code", "wrong", WRONG_FIRST_CODE))?;
    if op.execute(&CONFIRM, &[id.into(), op.now_us().into(), step.into()])? == 0 {
        return Err(Error::NotFound);
    }
    mark_second(op, session, Second::Totp)?;
    guess::forget(op, session.user)?;
    end_other_sessions(op, session.user, session.id)?;
    let facts = [("factor", Second::Totp.as_str().into()), ("authenticator", id.uuid().into())];
    op.record_act(Act::FactorAdded, Some(session.user), &facts)?;
    notice::added(op, session.user, &pending.name, origin)?;
    if before.has_strong() { Ok(Vec::new()) } else { recovery::make(op, session.user) }
}

/// Why an app is not taken.
const WRONG_FIRST_CODE: &str = "This is not the code of this app. Type the six digits that it shows \
                                now. If they are always wrong, look whether the clock of your phone is right.";

/// Removes an app and signs the person out everywhere else. With the last one the recovery codes go.
///
/// Errors: [`Error::NeedsProof`]; [`Error::NotFound`]. Audit: `factor.removed`, `session.ended`.
pub fn remove_authenticator(
    op: &mut DirectoryOp,
    session: &Session,
    id: AuthenticatorId,
    origin: &Origin,
) -> Result<(), Error> {
    require_proven(op, session)?;
    let user = session.user;
    let row = op.optional(&FIND_ONE, &[id.into(), user.into()])?.ok_or(Error::NotFound)?;
    let name = open_name(op, id, &row, 1)?;
    op.execute(&DELETE, &[id.into(), user.into()])?;
    let left = get_enrolled(op, user)?;
    if !left.has_strong() {
        recovery::delete(op, user)?;
        forget_second(op, session)?;
    }
    end_other_sessions(op, user, session.id)?;
    let facts = [("factor", Second::Totp.as_str().into()), ("authenticator", id.uuid().into())];
    op.record_act(Act::FactorRemoved, Some(user), &facts)?;
    notice::removed(op, user, &name, left, origin)
}

/// The apps of a person that count, oldest first.
///
/// Errors: [`Error::Store`].
pub fn list_authenticators(
    op: &mut DirectoryOp,
    user: UserId,
) -> Result<Vec<Authenticator>, Error> {
    let rows = op.query(&LIST, &[user.into()])?;
    let mut apps = Vec::with_capacity(rows.len());
    for row in &rows {
        let id: AuthenticatorId = row.get(0)?;
        apps.push(Authenticator {
            id,
            name: open_name(op, id, row, 1)?,
            created_at: instant(row, 4)?,
            used_at: instant_or_none(row, 6)?,
        });
    }
    Ok(apps)
}

/// Whether it is a code of one of the apps of a person that was not used yet; it is used up then.
/// Two requests with the same code: the row is written by one of them.
pub(super) fn use_code(op: &mut DirectoryOp, user: UserId, code: &str) -> Result<bool, Error> {
    let now_step = totp_step(op.now().as_second());
    for row in op.query(&LIST, &[user.into()])? {
        let id: AuthenticatorId = row.get(0)?;
        let seed = open_seed(op, id, &row)?;
        let Some(step) = find_totp_step(seed.expose(), code, now_step, row.get(5)?) else {
            continue;
        };
        if op.execute(&USE, &[id.into(), step.into(), op.now_us().into()])? == 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Forgets all apps of a person, also those that wait.
pub(super) fn delete_all(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    op.execute(&DELETE_ALL, &[user.into()])?;
    Ok(())
}

/// Opens the name in column `at`, whose revision stands in column 3.
fn open_name(op: &DirectoryOp, id: AuthenticatorId, row: &Row, at: usize) -> Result<Name, Error> {
    let sealed: Vec<u8> = row.get(at)?;
    let text = op.open(field::AUTHENTICATOR_NAME, id, row.get(3)?, &sealed)?;
    Name::parse(&text).map_err(|_| Error::bug("a stored name is not one"))
}

fn open_seed(op: &DirectoryOp, id: AuthenticatorId, row: &Row) -> Result<Secret<Vec<u8>>, Error> {
    let sealed: Vec<u8> = row.get(2)?;
    let place = op.place(field::AUTHENTICATOR_SEED, id, row.get(3)?);
    op.vault().open_twice(&place, &sealed).map_err(|error| Error::unopened(error, &place))
}

macro_rules! select_authenticator {
    ($where:literal) => {
        concat!(
            "SELECT id, name_sealed, seed_sealed, sealed_rev, created_at, last_step, used_at
             FROM authenticators ",
            $where
        )
    };
}

/// Index `authenticators_user`.
const LIST: Statement = Statement::new(
    "authenticator.list",
    select_authenticator!(
        "WHERE user_id = $1 AND confirmed_at IS NOT NULL ORDER BY created_at, id"
    ),
);

const FIND_ONE: Statement = Statement::new(
    "authenticator.find_one",
    select_authenticator!("WHERE id = $1 AND user_id = $2 AND confirmed_at IS NOT NULL"),
);

/// What was made in the future was made before the clock was set back.
const FIND_WAITING: Statement = Statement::new(
    "authenticator.find_waiting",
    select_authenticator!(
        "WHERE id = $1 AND user_id = $2 AND confirmed_at IS NULL AND created_at > $3
           AND created_at <= $4"
    ),
);

const INSERT: Statement = Statement::new(
    "authenticator.insert",
    "INSERT INTO authenticators
         (id, user_id, name_sealed, seed_sealed, sealed_rev, created_at, last_step)
     VALUES ($1, $2, $3, $4, 1, $5, 0)",
);

const CONFIRM: Statement = Statement::new(
    "authenticator.confirm",
    "UPDATE authenticators SET confirmed_at = $2, used_at = $2, last_step = $3
     WHERE id = $1 AND confirmed_at IS NULL",
);

const USE: Statement = Statement::new(
    "authenticator.use",
    "UPDATE authenticators SET last_step = $2, used_at = $3 WHERE id = $1 AND last_step < $2",
);

const DELETE: Statement = Statement::new(
    "authenticator.delete",
    "DELETE FROM authenticators WHERE id = $1 AND user_id = $2",
);

const DELETE_WAITING: Statement = Statement::new(
    "authenticator.delete_waiting",
    "DELETE FROM authenticators WHERE user_id = $1 AND confirmed_at IS NULL",
);

const DELETE_ALL: Statement =
    Statement::new("authenticator.delete_all", "DELETE FROM authenticators WHERE user_id = $1");

pub(super) const STATEMENTS: &[Statement] =
    &[LIST, FIND_ONE, FIND_WAITING, INSERT, CONFIRM, USE, DELETE, DELETE_WAITING, DELETE_ALL];
