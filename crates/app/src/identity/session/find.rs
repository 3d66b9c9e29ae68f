//! Find the session of a cookie, and note its use.

use domain::ids::{FamilyId, SessionId, UserId};
use jiff::{SignedDuration, Timestamp};
use store::{Row, Statement};

use super::{Factors, Method, Second};
use crate::{
    DirectoryOp, Error,
    identity::{
        passkey,
        policy::{CLOCK_SKEW_US, PROOF_LIFE_US, SESSION_IDLE_US, TOUCH_EVERY_US},
        provider::Which,
    },
    op::{instant, instant_or_none, optional_word, word},
};

/// A session that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// How they signed in.
    pub method: Method,
    /// What they have shown; a remembered browser stands for what was shown in it.
    pub shown: Factors,
    /// Which provider has opened it, if one has.
    pub provider: Option<Which>,
    /// When it was opened, or its person has shown anew who they are.
    pub created_at: Timestamp,
    /// When its person has shown who they are: a remembered browser opens one without.
    pub shown_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// The remembered browser it was opened in; none in one that is not remembered.
    pub family: Option<FamilyId>,
    /// What its person has now that does not hang on the mailbox.
    pub strong: Strong,
}

/// What a person has that does not hang on the mailbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Strong {
    /// An authenticator app.
    pub has_app: bool,
    /// A passkey that works at this address.
    pub has_passkey: bool,
}

impl Strong {
    /// Whether there is any.
    pub const fn has_any(self) -> bool {
        self.has_app || self.has_passkey
    }
}

/// A remembered browser in which nobody is signed in now: it signs in by itself when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Browser {
    /// Which.
    pub family: FamilyId,
    /// Since when it is remembered.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub used_at: Timestamp,
    /// When it is forgotten in any case.
    pub expires_at: Timestamp,
}

impl Session {
    /// Whether the person has shown just now who they are, and not only their browser: what gives
    /// power away asks for that. A password alone shows it to nobody, and whoever has something strong
    /// shows that.
    pub fn is_proven(&self, now: Timestamp) -> bool {
        let since = now.as_microsecond().saturating_sub(self.created_at.as_microsecond());
        let is_shown = match self.method {
            Method::Remembered => false,
            // What a provider says is no proof of the person's own.
            Method::Provider => self.shows_own(),
            Method::Password => self.shown.second.is_some(),
            _ => true,
        };
        // Whoever has an app was asked for it; a passkey is not always asked for.
        let is_enough = !self.strong.has_passkey || self.shown.is_strong();
        is_shown && is_enough && (-CLOCK_SKEW_US..=PROOF_LIFE_US).contains(&since)
    }

    /// Whether something of the person's own was shown in it: all that opens a session, but a provider,
    /// after which it takes one thing more.
    pub fn shows_own(&self) -> bool {
        self.shown.first != Method::Provider
            || self.method == Method::MailCode
            || self.shown.second.is_some_and(|second| second != Second::Provider)
    }

    /// When it ends if nobody uses it.
    pub fn idle_until(&self) -> Timestamp {
        let idle = SignedDuration::from_micros(SESSION_IDLE_US);
        self.seen_at.checked_add(idle).map_or(self.expires_at, |until| until.min(self.expires_at))
    }

    /// Whether it goes on at this instant, neither too old nor idle for too long.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.expires_at && now < self.idle_until()
    }

    /// What lasts as long as the login: the remembered browser, or else the session itself.
    pub fn login(&self) -> uuid::Uuid {
        self.family.map_or(self.id.uuid(), FamilyId::uuid)
    }

    /// Whether a remembered browser has opened it and has not used it yet. Its first use is noted at
    /// once, with [`hear_session`]: it tells that the browser has heard of its new cookie.
    pub fn is_unheard(&self) -> bool {
        self.method == Method::Remembered && self.seen_at == self.created_at
    }

    /// Whether its use is to be noted with [`touch_session`].
    pub fn wants_touch(&self, now: Timestamp) -> bool {
        let since = now.as_microsecond().saturating_sub(self.seen_at.as_microsecond());
        since >= TOUCH_EVERY_US
    }
}

/// The session whose secret has this hash ([`hash_secret`](crate::identity::hash_secret)), if it
/// has not ended. Only reads.
///
/// Errors: [`Error::Store`].
pub fn find_session(
    op: &mut DirectoryOp,
    secret_hash: &[u8; 32],
) -> Result<Option<Session>, Error> {
    let now = op.now_us();
    let values = [
        (*secret_hash).into(),
        now.into(),
        (now - SESSION_IDLE_US).into(),
        passkey::domain(op).into(),
    ];
    let row = op.optional(&FIND, &values)?;
    row.as_ref().map(read).transpose()
}

/// Whether a session has not ended.
///
/// Errors: [`Error::Store`].
pub fn is_session_open(op: &mut DirectoryOp, id: SessionId) -> Result<bool, Error> {
    let now = op.now_us();
    let values = [id.into(), now.into(), (now - SESSION_IDLE_US).into()];
    Ok(op.optional(&FIND_OPEN, &values)?.is_some())
}

/// The sessions of a person that have not ended, newest first.
///
/// Errors: [`Error::Store`].
pub fn list_sessions(op: &mut DirectoryOp, user: UserId) -> Result<Vec<Session>, Error> {
    let now = op.now_us();
    let here = passkey::domain(op);
    let values = [user.into(), now.into(), (now - SESSION_IDLE_US).into(), here.into()];
    op.query(&LIST, &values)?.iter().map(read).collect()
}

/// The remembered browsers of a person in which nobody is signed in now, newest first.
///
/// Errors: [`Error::Store`].
pub fn list_browsers(op: &mut DirectoryOp, user: UserId) -> Result<Vec<Browser>, Error> {
    let now = op.now_us();
    let values = [user.into(), now.into(), (now - SESSION_IDLE_US).into()];
    let rows = op.query(&LIST_BROWSERS, &values)?;
    let read = |row: &Row| {
        Ok(Browser {
            family: row.get(0)?,
            created_at: instant(row, 1)?,
            used_at: instant(row, 2)?,
            expires_at: instant(row, 3)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Notes that a session was used, at most once a minute. One that has ended stays so.
///
/// Errors: [`Error::Store`]. Audit: none, nothing changes but the hour it ends at.
pub fn touch_session(op: &mut DirectoryOp, id: SessionId) -> Result<(), Error> {
    let now = op.now_us();
    let values =
        [id.into(), now.into(), (now - SESSION_IDLE_US).into(), (now - TOUCH_EVERY_US).into()];
    op.execute(&TOUCH, &values)?;
    Ok(())
}

/// Notes that a session was used at all, so that an older cookie of its browser is a copied one. That
/// alone does not keep it alive.
///
/// Errors: [`Error::Store`]. Audit: none, nothing changes for anybody.
pub fn hear_session(op: &mut DirectoryOp, id: SessionId) -> Result<(), Error> {
    op.execute(&HEAR, &[id.into()])?;
    Ok(())
}

fn read(row: &Row) -> Result<Session, Error> {
    let (method, created_at): (Method, _) = (word(row, 2)?, instant(row, 3)?);
    let shown_at = match method {
        Method::Remembered => instant_or_none(row, 13)?.unwrap_or(created_at),
        _ => created_at,
    };
    Ok(Session {
        id: row.get(0)?,
        user: row.get(1)?,
        method,
        created_at,
        shown_at,
        seen_at: instant(row, 4)?,
        expires_at: instant(row, 5)?,
        family: row.get(6)?,
        shown: Factors { first: word(row, 7)?, second: optional_word(row, 8)? },
        strong: Strong { has_app: row.get::<i64>(9)? > 0, has_passkey: row.get::<i64>(10)? > 0 },
        provider: Which::read(row, 11)?,
    })
}

/// The columns [`read`] expects; `$4` is the host that passkeys are made for.
macro_rules! select_session {
    ($where:literal) => {
        concat!(
            "SELECT s.id, s.user_id, s.method, s.created_at, s.seen_at, s.expires_at, s.family_id,
            s.first_factor, s.second_factor,
            (SELECT COUNT(*) FROM authenticators a
             WHERE a.user_id = s.user_id AND a.confirmed_at IS NOT NULL),
            (SELECT COUNT(*) FROM passkeys k WHERE k.user_id = s.user_id AND k.domain = $4),
            s.provider_id, s.provider_workspace_id,
            (SELECT r.created_at FROM remembered r WHERE r.id = s.family_id)
     FROM sessions s ",
            $where
        )
    };
}

/// The unique index of `secret_hash`, then one look-up in `people`, and in the indexes by person of what
/// is strong.
const FIND: Statement = Statement::new(
    "session.find",
    select_session!(
        "JOIN people p ON p.id = s.user_id
     WHERE s.secret_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND s.seen_at > $3
       AND p.disabled_at IS NULL"
    ),
);

const FIND_OPEN: Statement = Statement::new(
    "session.find_open",
    "SELECT id FROM sessions
     WHERE id = $1 AND ended_at IS NULL AND expires_at > $2 AND seen_at > $3",
);

/// Index `sessions_user`.
const LIST: Statement = Statement::new(
    "session.list",
    select_session!(
        "WHERE s.user_id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND s.seen_at > $3
     ORDER BY s.created_at DESC, s.id DESC"
    ),
);

/// Index `remembered_user`, then index `sessions_family`.
const LIST_BROWSERS: Statement = Statement::new(
    "session.list_browsers",
    "SELECT r.id, r.created_at, r.rotated_at, r.expires_at FROM remembered r
     WHERE r.user_id = $1 AND r.revoked_at IS NULL AND r.expires_at > $2
       AND NOT EXISTS (SELECT 1 FROM sessions s
                       WHERE s.family_id = r.id AND s.ended_at IS NULL AND s.expires_at > $2
                         AND s.seen_at > $3)
     ORDER BY r.rotated_at DESC, r.id DESC",
);

const TOUCH: Statement = Statement::new(
    "session.touch",
    "UPDATE sessions SET seen_at = $2
     WHERE id = $1 AND ended_at IS NULL AND expires_at > $2 AND seen_at > $3 AND seen_at <= $4",
);

/// The least that tells a session which was used from one that was only opened.
const HEAR: Statement = Statement::new(
    "session.hear",
    "UPDATE sessions SET seen_at = created_at + 1
     WHERE id = $1 AND ended_at IS NULL AND seen_at = created_at",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, FIND_OPEN, LIST, LIST_BROWSERS, TOUCH, HEAR];
