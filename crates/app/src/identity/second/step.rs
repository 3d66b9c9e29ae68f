//! The step between the first factor and the session, and the same codes as a fresh proof.

use domain::{
    ids::{SecondStepId, UserId},
    text::EmailAddress,
};
use store::{Row, Statement};

use super::{
    Typed, get_enrolled,
    guess::{Begun, Guess, book_at_door, book_in_session},
    mailed, use_up,
};
use crate::{
    DirectoryOp, Error,
    identity::{
        act::Act,
        get_address,
        lockout::Locked,
        marks::is_browser_of,
        policy::{CLOCK_SKEW_US, CODE_LIFE_US, MOST_GUESSES_OF_DEVICE, MOST_WRONG_CODES},
        provider::Which,
        session::{
            Method, NewSession, OpenSession, Origin, Second, Session, Strong, open_by,
            prove_session,
        },
        sign_in::Passed,
    },
    op::{optional_word, word},
};

/// What became of the second step.
pub enum SecondTried {
    /// Signed in.
    Opened(NewSession),
    /// It is shown, and the password has to be replaced before a session is opened: that of the person
    /// with this address.
    MustChange(EmailAddress),
    /// The code is wrong.
    Wrong {
        /// Tries left, at least one: in this step, or in this browser where it has fewer.
        left: i64,
    },
    /// It cannot be a code: no try was taken.
    NoCode,
    /// Too many were wrong before: it was not looked at.
    Locked(Locked),
    /// Too old, used, replaced, tried too often, or never begun.
    NotValid,
}

/// What became of a code as a fresh proof.
pub enum ProofTried {
    /// It was right: the session is a fresh one.
    Proven(NewSession),
    /// It is wrong.
    Wrong {
        /// Tries left in this login, at least one.
        left: i64,
    },
    /// It cannot be a code: no try was taken.
    NoCode,
    /// Too many were wrong before: it was not looked at.
    Locked(Locked),
}

/// What a browser is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Whose.
    pub user: UserId,
    /// What will do: a code of an app, or a passkey, or a recovery code instead; where there is neither, a
    /// code by mail.
    pub strong: Strong,
    /// Whether the second factor was shown, and a password has to be replaced now.
    pub is_shown: bool,
}

impl Waiting {
    /// Whether it is a code by mail.
    pub fn is_by_mail(&self) -> bool {
        !self.strong.has_any()
    }
}

/// What is to be known after the step of what came before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::identity) struct After {
    /// Which provider was the first factor, if one was.
    pub(in crate::identity) provider: Option<Which>,
    /// Whether the password, which was the first factor, has to be replaced.
    pub(in crate::identity) must_change: bool,
}

pub(super) struct Step {
    pub(super) id: SecondStepId,
    pub(super) user: UserId,
    first: Method,
    remember: bool,
    pub(super) code_mac: Option<[u8; 32]>,
    pub(super) is_known_device: bool,
    after: After,
    /// What was shown in it, where the password has to be replaced before it is used up.
    shown: Option<Second>,
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
            created_at: row.get(5)?,
            expires_at: row.get(6)?,
            is_known_device: row.get(7)?,
            shown: optional_word(row, 9)?,
            after: After { must_change: row.get(8)?, provider: Which::read(row, 10)? },
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
pub(in crate::identity) fn begin_step(
    op: &mut DirectoryOp,
    passed: &Passed,
    after: After,
    origin: &Origin,
) -> Result<(), Error> {
    let step = begin(op, passed, after, origin)?;
    if !get_enrolled(op, passed.user)?.has_strong() {
        mailed::send(op, &step)?;
    }
    Ok(())
}

fn begin(
    op: &mut DirectoryOp,
    passed: &Passed,
    after: After,
    origin: &Origin,
) -> Result<Step, Error> {
    let now = op.now_us();
    op.execute(&REPLACE_OLDER, &[passed.cookie_hash.into(), now.into()])?;
    let is_known_device = is_browser_of(op, passed.user, origin)?;
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
        is_known_device.into(),
        after.must_change.into(),
        after.provider.map(|which| which.id).into(),
        after.provider.and_then(|which| which.workspace).into(),
    ];
    op.execute(&INSERT, &values)?;
    Ok(Step {
        id,
        user: passed.user,
        first: passed.method,
        remember: passed.remember,
        code_mac: None,
        is_known_device,
        after,
        shown: None,
        created_at: now,
        expires_at,
    })
}

/// Uses up the step of a browser in which this person has shown the second factor and is to replace
/// their password; what was shown, and whether the browser is to be remembered.
pub(in crate::identity) fn take_shown(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
    user: UserId,
) -> Result<Option<(Second, bool)>, Error> {
    let Some((step, second)) = find_shown(op, cookie_hash, user)? else { return Ok(None) };
    let used = op.execute(&USE_UP, &[step.id.into(), op.now_us().into()])?;
    Ok((used == 1).then_some((second, step.remember)))
}

/// Whether there is such a step, which is not used up by the look.
pub(in crate::identity) fn has_shown(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
    user: UserId,
) -> Result<bool, Error> {
    Ok(find_shown(op, cookie_hash, user)?.is_some())
}

fn find_shown(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
    user: UserId,
) -> Result<Option<(Step, Second)>, Error> {
    let step =
        find_open(op, cookie_hash)?.filter(|step| step.user == user && step.after.must_change);
    Ok(step.and_then(|step| step.shown.map(|second| (step, second))))
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
    let strong = get_enrolled(op, step.user)?.strong();
    Ok(Some(Waiting { user: step.user, strong, is_shown: step.shown.is_some() }))
}

/// Tries what was typed at the second step, and opens the session when it is right, all in one
/// transaction.
///
/// What cannot be a code costs no try.
///
/// Errors: [`Error::Store`]; a wrong code is an answer, so that its count is kept.
/// Audit: `session.opened`; `recovery_code.used`; `login.failed` when the step died of it;
/// `second.locked`.
pub fn sign_in_with_second(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
    typed: &str,
    origin: &Origin,
) -> Result<SecondTried, Error> {
    let Some(step) = find_open(op, cookie_hash)? else {
        return Ok(SecondTried::NotValid);
    };
    if op.optional(&FIND_ENABLED, &[step.user.into()])?.is_none() {
        return Ok(SecondTried::NotValid);
    }
    if step.shown.is_some() {
        return get_address(op, step.user).map(SecondTried::MustChange);
    }
    let enrolled = get_enrolled(op, step.user)?;
    let Some(typed) = Typed::read(typed, enrolled) else {
        return Ok(SecondTried::NoCode);
    };
    let guess = match book_at_door(op, step.user, &typed, *cookie_hash, origin)? {
        Begun::Taken(guess) => guess,
        Begun::Locked(locked) => return Ok(SecondTried::Locked(locked)),
    };
    let right = match &typed {
        Typed::Mailed(code) => {
            mailed::is_code(op, &step, code.expose())?.then_some(Second::MailCode)
        }
        typed => use_up(op, step.user, typed, origin)?,
    };
    match right {
        Some(second) => {
            guess.was_right(op)?;
            pass(op, step, second, origin)
        }
        None => wrong(op, &step, &guess, origin),
    }
}

/// The second factor is shown: opens the session, or asks for another password first.
pub(super) fn pass(
    op: &mut DirectoryOp,
    step: Step,
    second: Second,
    origin: &Origin,
) -> Result<SecondTried, Error> {
    if step.after.must_change {
        op.execute(&NOTE_SHOWN, &[step.id.into(), second.as_str().into()])?;
        return get_address(op, step.user).map(SecondTried::MustChange);
    }
    let used = op.execute(&USE_UP, &[step.id.into(), op.now_us().into()])?;
    if used == 0 {
        return Ok(SecondTried::NotValid);
    }
    let Step { user, first: method, remember, after, .. } = step;
    let command = OpenSession { user, method, second: Some(second), remember };
    open_by(op, command, after.provider, origin).map(SecondTried::Opened)
}

/// Goes on with the step that waits in a browser, by a second factor that was shown to somebody else.
pub(in crate::identity) fn pass_step(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
    second: Second,
    origin: &Origin,
) -> Result<SecondTried, Error> {
    let Some(step) = find_open(op, cookie_hash)? else { return Ok(SecondTried::NotValid) };
    if op.optional(&FIND_ENABLED, &[step.user.into()])?.is_none() {
        return Ok(SecondTried::NotValid);
    }
    pass(op, step, second, origin)
}

/// Counts a wrong code on the step too; the fifth kills it.
fn wrong(
    op: &mut DirectoryOp,
    step: &Step,
    guess: &Guess,
    origin: &Origin,
) -> Result<SecondTried, Error> {
    op.note_refusal("second_code.wrong", Some(step.user));
    guess.was_wrong(op, origin)?;
    let Some(row) = op.optional(&COUNT_WRONG, &[step.id.into()])? else {
        return Ok(SecondTried::NotValid);
    };
    let wrong: i64 = row.get(0)?;
    if wrong < MOST_WRONG_CODES {
        return Ok(match guess.left_of(MOST_WRONG_CODES - wrong) {
            Ok(left) => SecondTried::Wrong { left },
            Err(locked) => SecondTried::Locked(locked),
        });
    }
    op.execute(&BURY, &[step.id.into(), op.now_us().into()])?;
    let facts = [("second_step", true.into()), ("wrong_codes", wrong.into())];
    op.record_act(Act::LoginFailed, Some(step.user), &facts)?;
    Ok(SecondTried::NotValid)
}

/// Tries a code of the app, or a recovery code, of somebody who is signed in, and makes their session
/// a fresh one when it is right.
///
/// Errors: [`Error::SignedOut`] when the session has ended. Audit: `session.proven`;
/// `recovery_code.used`; `second.locked` after too many wrong codes.
pub fn prove_with_code(
    op: &mut DirectoryOp,
    session: &Session,
    typed: &str,
    origin: &Origin,
) -> Result<ProofTried, Error> {
    let enrolled = get_enrolled(op, session.user)?;
    let typed = Typed::read(typed, enrolled).filter(|_| enrolled.has_strong());
    let Some(typed) = typed else { return Ok(ProofTried::NoCode) };
    let guess = match book_in_session(op, session, &typed)? {
        Begun::Taken(guess) => guess,
        Begun::Locked(locked) => return Ok(ProofTried::Locked(locked)),
    };
    if let Some(second) = use_up(op, session.user, &typed, origin)? {
        guess.was_right(op)?;
        let proven = prove_session(op, session.id, session.user, second, origin);
        return proven.map(ProofTried::Proven);
    }
    guess.was_wrong(op, origin)?;
    Ok(match guess.left_of(MOST_GUESSES_OF_DEVICE) {
        Ok(left) => ProofTried::Wrong { left },
        Err(locked) => ProofTried::Locked(locked),
    })
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
          mails, is_known_device, wrong_codes, must_change, provider_id, provider_workspace_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, 0, $9, $10, $11)",
);

/// The unique index `second_steps_one_open`: one row at most.
const FIND_OPEN: Statement = Statement::new(
    "second.find_open",
    "SELECT id, user_id, first_factor, remember, code_mac, created_at, expires_at,
            is_known_device, must_change, shown, provider_id, provider_workspace_id
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
    "UPDATE second_steps SET wrong_codes = wrong_codes + 1
     WHERE id = $1 AND used_at IS NULL AND dead_at IS NULL RETURNING wrong_codes",
);

const NOTE_SHOWN: Statement = Statement::new(
    "second.note_shown",
    "UPDATE second_steps SET shown = $2
     WHERE id = $1 AND used_at IS NULL AND dead_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] =
    &[REPLACE_OLDER, INSERT, FIND_OPEN, FIND_ENABLED, BURY, USE_UP, COUNT_WRONG, NOTE_SHOWN];
