//! The step between the first factor and the session, and the same codes as a fresh proof.

use domain::ids::{SecondStepId, UserId};
use store::{Row, Statement};

use super::{Enrolled, Typed, get_enrolled, mailed, notice, use_up};
use crate::{
    DirectoryOp, Error,
    identity::{
        act::Act,
        policy::{
            CLOCK_SKEW_US, CODE_LIFE_US, MOST_WRONG_CODES, MOST_WRONG_SECONDS,
            MOST_WRONG_SECONDS_EVER, QUOTA_SPAN_US,
        },
        session::{
            Method, NewSession, OpenSession, Origin, Second, Session, open_session, prove_session,
        },
        sign_in::Passed,
    },
    op::word,
};

/// What became of the second step.
#[derive(Debug)]
pub enum SecondTried {
    /// Signed in.
    Opened(NewSession),
    /// The code is wrong.
    Wrong {
        /// Tries left, at least one.
        left: i64,
    },
    /// Too many wrong codes for this account within the hour: none was looked at.
    TooOften,
    /// Too old, used, replaced, tried too often, or never begun.
    NotValid,
}

/// What became of a code as a fresh proof.
#[derive(Debug)]
pub enum ProofTried {
    /// It was right: the session is a fresh one.
    Proven(NewSession),
    /// It is wrong.
    Wrong {
        /// Tries left, at least one.
        left: i64,
    },
    /// Too many wrong codes for this account within the hour: none was looked at.
    TooOften,
}

/// The browser in which a code was typed.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    /// Whether it carries the mark of this account ([`is_device_of`](crate::identity::is_device_of)).
    pub is_known_device: bool,
    /// Where it is.
    pub origin: &'a Origin,
}

/// What a browser is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Whose.
    pub user: UserId,
    /// Whether it is a code by mail; else one of the app, or a recovery code.
    pub is_by_mail: bool,
}

pub(super) struct Step {
    pub(super) id: SecondStepId,
    pub(super) user: UserId,
    first: Method,
    remember: bool,
    pub(super) code_mac: Option<[u8; 32]>,
    wrong_codes: i64,
    created_at: i64,
    expires_at: i64,
}

impl Step {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.get(0)?,
            user: row.get(1)?,
            first: word(row, 2)?,
            remember: row.get(3)?,
            code_mac: row.get(4)?,
            wrong_codes: row.get(5)?,
            created_at: row.get(6)?,
            expires_at: row.get(7)?,
        })
    }

    /// Too old; or from the future, so from before the clock was set back.
    fn is_past(&self, now_us: i64) -> bool {
        now_us >= self.expires_at || now_us < self.created_at - CLOCK_SKEW_US
    }
}

/// Writes that a browser has shown the first factor. The newest step of a browser replaces the older
/// ones. Where a mail is the second factor, its code is on its way.
///
/// Errors: [`Error::Store`]. Audit: none, nobody is in yet.
pub(in crate::identity) fn begin_step(op: &mut DirectoryOp, passed: &Passed) -> Result<(), Error> {
    let step = begin(op, passed)?;
    if !get_enrolled(op, passed.user)?.has_app() {
        mailed::send(op, &step)?;
    }
    Ok(())
}

fn begin(op: &mut DirectoryOp, passed: &Passed) -> Result<Step, Error> {
    let now = op.now_us();
    op.execute(&REPLACE_OLDER, &[passed.cookie_hash.into(), now.into()])?;
    let id: SecondStepId = op.new_id();
    let expires_at = now + CODE_LIFE_US;
    let values = [
        id.into(),
        passed.cookie_hash.into(),
        passed.user.into(),
        passed.method.as_str().into(),
        passed.remember.into(),
        now.into(),
        expires_at.into(),
    ];
    op.execute(&INSERT, &values)?;
    Ok(Step {
        id,
        user: passed.user,
        first: passed.method,
        remember: passed.remember,
        code_mac: None,
        wrong_codes: 0,
        created_at: now,
        expires_at,
    })
}

/// The open step of a browser. One that is past is marked dead, so that no clock brings it back.
pub(super) fn find_open(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
) -> Result<Option<Step>, Error> {
    let Some(row) = op.optional(&FIND_OPEN, &[(*cookie_hash).into()])? else {
        return Ok(None);
    };
    let step = Step::read(&row)?;
    if step.is_past(op.now_us()) {
        op.execute(&BURY, &[step.id.into(), op.now_us().into()])?;
        return Ok(None);
    }
    Ok(Some(step))
}

/// What a browser is asked for, if it has shown the first factor. Only reads.
///
/// Errors: [`Error::Store`].
pub fn find_waiting(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
) -> Result<Option<Waiting>, Error> {
    let Some(row) = op.optional(&FIND_OPEN, &[(*cookie_hash).into()])? else {
        return Ok(None);
    };
    let step = Step::read(&row)?;
    if step.is_past(op.now_us()) {
        return Ok(None);
    }
    let is_by_mail = !get_enrolled(op, step.user)?.has_app();
    Ok(Some(Waiting { user: step.user, is_by_mail }))
}

/// Tries what was typed at the second step, and opens the session when it is right, all in one
/// transaction.
///
/// What cannot be a code costs no try.
///
/// Errors: [`Error::Store`]; a wrong code is an answer, so that its count is kept.
/// Audit: `session.opened`; `recovery_code.used`; `login.failed` when the step died of it.
pub fn sign_in_with_second(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
    typed: &str,
    here: &Here<'_>,
) -> Result<SecondTried, Error> {
    let is_known_device = here.is_known_device;
    let Some(step) = find_open(op, cookie_hash)? else {
        return Ok(SecondTried::NotValid);
    };
    if op.optional(&FIND_ENABLED, &[step.user.into()])?.is_none() {
        return Ok(SecondTried::NotValid);
    }
    if is_over(op, step.user, is_known_device)? {
        return Ok(SecondTried::TooOften);
    }
    let enrolled = get_enrolled(op, step.user)?;
    match check(op, &step, enrolled, typed, is_known_device)? {
        Checked::Right(second) => {
            let used = op.execute(&USE_UP, &[step.id.into(), op.now_us().into()])?;
            if used == 0 {
                return Ok(SecondTried::NotValid);
            }
            let Step { user, first: method, remember, .. } = step;
            let command = OpenSession { user, method, second: Some(second), remember };
            open_session(op, command, here.origin).map(SecondTried::Opened)
        }
        Checked::Off => Ok(SecondTried::TooOften),
        Checked::NoCode => Ok(SecondTried::Wrong { left: MOST_WRONG_CODES - step.wrong_codes }),
        Checked::Wrong => Ok(match count_wrong(op, &step, is_known_device)? {
            left if left > 0 => SecondTried::Wrong { left },
            _ => SecondTried::NotValid,
        }),
    }
}

/// Tries a code of the app, or a recovery code, of somebody who is signed in, and makes their session
/// a fresh one when it is right. `session_hash` is that of the session's secret.
///
/// Errors: [`Error::SignedOut`] when the session has ended. Audit: `session.proven`;
/// `recovery_code.used`; `login.failed` after too many wrong codes.
pub fn prove_with_code(
    op: &mut DirectoryOp,
    session: &Session,
    session_hash: &[u8; 32],
    typed: &str,
    here: &Here<'_>,
) -> Result<ProofTried, Error> {
    let is_known_device = here.is_known_device;
    if is_over(op, session.user, is_known_device)? {
        return Ok(ProofTried::TooOften);
    }
    // Wrong codes are counted as those of a sign-in are, in a step that opens nothing.
    let step = match find_open(op, session_hash)? {
        Some(step) => step,
        None => begin(op, &proving(session, *session_hash))?,
    };
    let enrolled = Enrolled { has_mail: false, ..get_enrolled(op, session.user)? };
    match check(op, &step, enrolled, typed, is_known_device)? {
        Checked::Right(second) => {
            op.execute(&BURY, &[step.id.into(), op.now_us().into()])?;
            let proven = prove_session(op, session.id, session.user, second, here.origin);
            proven.map(ProofTried::Proven)
        }
        Checked::Off => Ok(ProofTried::TooOften),
        Checked::NoCode => Ok(ProofTried::Wrong { left: MOST_WRONG_CODES - step.wrong_codes }),
        Checked::Wrong => Ok(match count_wrong(op, &step, is_known_device)? {
            left if left > 0 => ProofTried::Wrong { left },
            _ => ProofTried::TooOften,
        }),
    }
}

fn proving(session: &Session, cookie_hash: [u8; 32]) -> Passed {
    Passed { user: session.user, method: session.shown.first, remember: false, cookie_hash }
}

enum Checked {
    Right(Second),
    Wrong,
    /// What was typed cannot be a code.
    NoCode,
    /// So many were wrong that codes of the app open nothing in unknown browsers.
    Off,
}

fn check(
    op: &mut DirectoryOp,
    step: &Step,
    enrolled: Enrolled,
    typed: &str,
    is_known_device: bool,
) -> Result<Checked, Error> {
    let right = if enrolled.has_app() {
        let Some(typed) = Typed::read(typed) else { return Ok(Checked::NoCode) };
        // A recovery code is too long to be guessed.
        if matches!(typed, Typed::Totp(_)) && !is_known_device && is_off(op, step.user)? {
            return Ok(Checked::Off);
        }
        use_up(op, step.user, &typed)?
    } else {
        let Some(code) = vault::canonical_code(typed) else { return Ok(Checked::NoCode) };
        let is_right = enrolled.has_mail && mailed::is_code(op, step, code.expose())?;
        is_right.then_some(Second::MailCode)
    };
    if right.is_some() {
        op.execute(&FORGET_WRONG, &[step.user.into()])?;
    }
    Ok(right.map_or(Checked::Wrong, Checked::Right))
}

/// Whether so many codes were wrong, one after the other, that none is taken in an unknown browser.
fn is_off(op: &mut DirectoryOp, user: UserId) -> Result<bool, Error> {
    Ok(op.one(&FIND_WRONG, &[user.into()])?.get::<i64>(0)? >= MOST_WRONG_SECONDS_EVER)
}

/// Whether the account has no tries left in this hour, for this sort of device.
fn is_over(op: &mut DirectoryOp, user: UserId, is_known_device: bool) -> Result<bool, Error> {
    Ok(wrong_of_account(op, user, is_known_device)? >= MOST_WRONG_SECONDS)
}

fn wrong_of_account(
    op: &mut DirectoryOp,
    user: UserId,
    is_known_device: bool,
) -> Result<i64, Error> {
    let since = op.now_us() - QUOTA_SPAN_US;
    let values = [user.into(), is_known_device.into(), since.into()];
    Ok(op.one(&SUM_WRONG, &values)?.get(0)?)
}

/// Counts a wrong code on the step and on the account; how many tries are left.
fn count_wrong(op: &mut DirectoryOp, step: &Step, is_known_device: bool) -> Result<i64, Error> {
    let now = op.now_us();
    let values = [step.id.into(), is_known_device.into()];
    let Some(row) = op.optional(&COUNT_WRONG, &values)? else { return Ok(0) };
    let wrong: i64 = row.get(0)?;
    let ever: i64 = op.one(&COUNT_EVER, &[step.user.into()])?.get(0)?;
    if ever == MOST_WRONG_SECONDS_EVER {
        notice::is_off(op, step.user)?;
    }
    let of_account = wrong_of_account(op, step.user, is_known_device)?;
    let left = (MOST_WRONG_CODES - wrong).min(MOST_WRONG_SECONDS - of_account);
    if left <= 0 {
        op.execute(&BURY, &[step.id.into(), now.into()])?;
        let facts = [
            ("second_step", true.into()),
            ("wrong_codes", wrong.into()),
            ("wrong_codes_of_account", of_account.into()),
            ("wrong_codes_ever", ever.into()),
        ];
        op.record_act(Act::LoginFailed, Some(step.user), &facts)?;
    }
    Ok(left)
}

/// The index `second_steps_one_open` allows one open step for each browser.
const REPLACE_OLDER: Statement = Statement::new(
    "second.replace_older",
    "UPDATE second_steps SET dead_at = $2
     WHERE cookie_hash = $1 AND used_at IS NULL AND dead_at IS NULL",
);

const INSERT: Statement = Statement::new(
    "second.insert_step",
    "INSERT INTO second_steps
         (id, cookie_hash, user_id, first_factor, remember, created_at, expires_at,
          mails, is_known_device, wrong_codes)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0)",
);

/// The unique index `second_steps_one_open`: one row at most.
const FIND_OPEN: Statement = Statement::new(
    "second.find_open",
    "SELECT id, user_id, first_factor, remember, code_mac, wrong_codes, created_at, expires_at
     FROM second_steps WHERE cookie_hash = $1 AND used_at IS NULL AND dead_at IS NULL",
);

const FIND_ENABLED: Statement = Statement::new(
    "second.find_enabled",
    "SELECT id FROM people WHERE id = $1 AND disabled_at IS NULL",
);

const BURY: Statement = Statement::new(
    "second.bury",
    "UPDATE second_steps SET dead_at = $2
     WHERE id = $1 AND used_at IS NULL AND dead_at IS NULL",
);

const USE_UP: Statement = Statement::new(
    "second.use_up",
    "UPDATE second_steps SET used_at = $2
     WHERE id = $1 AND used_at IS NULL AND dead_at IS NULL AND expires_at > $2",
);

const COUNT_WRONG: Statement = Statement::new(
    "second.count_wrong",
    "UPDATE second_steps SET wrong_codes = wrong_codes + 1, is_known_device = $2
     WHERE id = $1 AND used_at IS NULL AND dead_at IS NULL RETURNING wrong_codes",
);

/// Index `second_steps_user`.
const SUM_WRONG: Statement = Statement::new(
    "second.sum_wrong",
    "SELECT CAST(COALESCE(SUM(wrong_codes), 0) AS BIGINT) FROM second_steps
     WHERE user_id = $1 AND is_known_device = $2 AND created_at > $3",
);

const COUNT_EVER: Statement = Statement::new(
    "second.count_ever",
    "UPDATE people SET wrong_seconds = wrong_seconds + 1 WHERE id = $1 RETURNING wrong_seconds",
);

const FIND_WRONG: Statement =
    Statement::new("second.find_wrong", "SELECT wrong_seconds FROM people WHERE id = $1");

const FORGET_WRONG: Statement =
    Statement::new("second.forget_wrong", "UPDATE people SET wrong_seconds = 0 WHERE id = $1");

pub(super) const STATEMENTS: &[Statement] = &[
    REPLACE_OLDER,
    INSERT,
    FIND_OPEN,
    FIND_ENABLED,
    BURY,
    USE_UP,
    COUNT_WRONG,
    SUM_WRONG,
    COUNT_EVER,
    FIND_WRONG,
    FORGET_WRONG,
];
