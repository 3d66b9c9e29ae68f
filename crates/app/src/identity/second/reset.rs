//! The way back of somebody who has lost every second factor: the operator, or an owner of all their
//! workspaces, announces that they will be taken away, and a day later they are.
//!
//! | step | operator or owner | person, and owners of their workspaces | directory |
//! |---|---|---|---|
//! | t0 | `timeproof recover ADDRESS` | | an open reset |
//! | t1 | | get a mail with a link that stops it | |
//! | t2 | | any of them may stop it | stopped, for good |
//! | t3, a day later | | the person is told | factors gone, all sessions ended, done |
//!
//! Whoever has taken an operator in gains nothing for a day, and everybody whom it touches hears of
//! it at once. There is one open reset of a person; stopped or done it never opens again, whatever
//! the clock does.

use std::collections::BTreeSet;

use domain::{
    ids::{FactorResetId, UserId},
    text::EmailAddress,
};
use jiff::Timestamp;
use store::Statement;

use super::{authenticator, get_enrolled, guess, recovery};
use crate::{
    DirectoryOp, Error, Refusal,
    identity::{
        act::Act,
        end_all_sessions, get_address, hash_secret, letters,
        outbox::{self, LetterKind},
        passkey,
        policy::RESET_NOTICE_US,
        secret::Drawn,
        session::Session,
    },
    op::instant,
};

/// A reset that was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenReset {
    /// When it takes force, unless somebody stops it.
    pub due_at: Timestamp,
    /// Whether it was announced just now; else one was open already, and nothing was changed.
    pub is_new: bool,
}

/// What a link to stop a reset shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetFound {
    /// Whose second factors it is about.
    pub address: EmailAddress,
    /// When it takes force.
    pub due_at: Timestamp,
}

/// Announces a reset to the person and to these owners, unless one is open; in the name of the operator
/// where nobody asked for it.
///
/// Errors: [`Refusal::NoSecondFactor`] for somebody without any second factor. Audit:
/// `factor_reset.announced`.
pub(crate) fn announce(
    op: &mut DirectoryOp,
    user: UserId,
    by: Option<UserId>,
    owners: &BTreeSet<UserId>,
    base_url: &str,
) -> Result<OpenReset, Error> {
    if !get_enrolled(op, user)?.has_any() {
        return Err(Refusal::NoSecondFactor.into());
    }
    let id: FactorResetId = op.new_id();
    let now = op.now_us();
    let values = [id.into(), user.into(), now.into(), (now + RESET_NOTICE_US).into()];
    let is_new = op.execute(&INSERT, &values)? > 0;
    let open = find_open_reset(op, user)?.ok_or_else(|| Error::bug("a reset is not there"))?;
    if !is_new {
        return Ok(open);
    }
    let address = get_address(op, user)?;
    let asked_by = by.map(|by| get_address(op, by)).transpose()?;
    for receiver in owners.iter().chain([&user]).copied().collect::<BTreeSet<_>>() {
        let to = match get_address(op, receiver) {
            // Whom the directory does not know cannot be told.
            Err(Error::NotFound) => continue,
            to => to?,
        };
        let token = Drawn::new(op);
        op.execute(&INSERT_LINK, &[token.hash.into(), id.into(), receiver.into()])?;
        let link = letters::reset_link(base_url, token.text.expose());
        let letter =
            letters::reset_announced(&to, &address, asked_by.as_ref(), open.due_at, &link)?;
        outbox::enqueue(op, LetterKind::FactorReset, &letter)?;
    }
    let mut facts = vec![("reset", id.uuid().into()), ("due_at", open.due_at.into())];
    if let Some(by) = by {
        facts.push(("asked_by", by.uuid().into()));
    }
    op.record_act(Act::ResetAnnounced, Some(user), &facts)?;
    Ok(OpenReset { is_new, ..open })
}

/// The open reset of a person, if there is one.
///
/// Errors: [`Error::Store`].
pub fn find_open_reset(op: &mut DirectoryOp, user: UserId) -> Result<Option<OpenReset>, Error> {
    let row = op.optional(&FIND_OPEN, &[user.into()])?;
    row.map(|row| Ok(OpenReset { due_at: instant(&row, 1)?, is_new: false })).transpose()
}

/// Looks at a link that stops a reset, without using it, as a GET does.
///
/// Errors: [`Error::Store`].
pub fn look_at_reset(op: &mut DirectoryOp, token: &str) -> Result<Option<ResetFound>, Error> {
    let Some(found) = find_by_link(op, token)? else { return Ok(None) };
    let address = get_address(op, found.user)?;
    Ok(Some(ResetFound { address, due_at: found.due_at }))
}

/// Stops a reset by the link that somebody was mailed.
///
/// Errors: [`Refusal::LinkNotValid`], also for one that was stopped or done before. Audit:
/// `factor_reset.stopped`.
pub fn stop_reset(op: &mut DirectoryOp, token: &str) -> Result<(), Error> {
    let found = find_by_link(op, token)?.ok_or(Refusal::LinkNotValid)?;
    stop(op, found.id, found.user, found.receiver)
}

/// Stops the open reset of the person who is signed in; does nothing when there is none.
///
/// Errors: [`Error::Store`]. Audit: `factor_reset.stopped`.
pub fn stop_my_reset(op: &mut DirectoryOp, session: &Session) -> Result<(), Error> {
    match op.optional(&FIND_OPEN, &[session.user.into()])? {
        Some(row) => stop(op, row.get(0)?, session.user, session.user),
        None => Ok(()),
    }
}

fn stop(op: &mut DirectoryOp, id: FactorResetId, user: UserId, by: UserId) -> Result<(), Error> {
    if op.execute(&STOP, &[id.into(), op.now_us().into()])? == 0 {
        return Err(Refusal::LinkNotValid.into());
    }
    op.execute(&DELETE_LINKS, &[id.into()])?;
    let letter = letters::reset_stopped(&get_address(op, user)?)?;
    outbox::enqueue(op, LetterKind::FactorReset, &letter)?;
    let facts = [("reset", id.uuid().into()), ("by", by.uuid().into())];
    op.record_act(Act::ResetStopped, Some(user), &facts)
}

/// Carries out the resets whose day is over: the factors go, and all sessions end. Each is done once.
///
/// Errors: [`Error::Store`]. Audit: `factor_reset.done`, `session.ended`.
pub fn run_due_resets(op: &mut DirectoryOp) -> Result<(), Error> {
    let now = op.now_us();
    for row in op.query(&TAKE_DUE, &[now.into()])? {
        let (id, user): (FactorResetId, UserId) = (row.get(0)?, row.get(1)?);
        op.execute(&DELETE_LINKS, &[id.into()])?;
        authenticator::delete_all(op, user)?;
        passkey::delete_all(op, user)?;
        recovery::delete(op, user)?;
        guess::forget(op, user)?;
        op.execute(&FORGET_MAIL, &[user.into()])?;
        kill_steps(op, user)?;
        end_all_sessions(op, user)?;
        let letter = letters::reset_done(&get_address(op, user)?)?;
        outbox::enqueue(op, LetterKind::FactorReset, &letter)?;
        op.record_act(Act::ResetDone, Some(user), &[("reset", id.uuid().into())])?;
    }
    Ok(())
}

/// Ends what waits for a second factor of a person, in all browsers.
pub(in crate::identity) fn kill_steps(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    op.execute(&KILL_STEPS, &[user.into(), op.now_us().into()])?;
    Ok(())
}

struct Found {
    id: FactorResetId,
    user: UserId,
    due_at: Timestamp,
    receiver: UserId,
}

fn find_by_link(op: &mut DirectoryOp, token: &str) -> Result<Option<Found>, Error> {
    let Some(hash) = hash_secret(token) else { return Ok(None) };
    let row = op.optional(&FIND_BY_LINK, &[hash.into()])?;
    row.map(|row| {
        Ok(Found {
            id: row.get(0)?,
            user: row.get(1)?,
            due_at: instant(&row, 2)?,
            receiver: row.get(3)?,
        })
    })
    .transpose()
}

/// The index `factor_resets_one_open` allows one open reset of each person.
const INSERT: Statement = Statement::new(
    "reset.insert",
    "INSERT INTO factor_resets (id, user_id, created_at, due_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING",
);

const INSERT_LINK: Statement = Statement::new(
    "reset.insert_link",
    "INSERT INTO factor_reset_links (secret_hash, reset_id, user_id) VALUES ($1, $2, $3)",
);

/// Index `factor_resets_one_open`.
const FIND_OPEN: Statement = Statement::new(
    "reset.find_open",
    "SELECT id, due_at FROM factor_resets
     WHERE user_id = $1 AND stopped_at IS NULL AND done_at IS NULL",
);

const FIND_BY_LINK: Statement = Statement::new(
    "reset.find_by_link",
    "SELECT r.id, r.user_id, r.due_at, l.user_id
     FROM factor_reset_links l JOIN factor_resets r ON r.id = l.reset_id
     WHERE l.secret_hash = $1 AND r.stopped_at IS NULL AND r.done_at IS NULL",
);

const STOP: Statement = Statement::new(
    "reset.stop",
    "UPDATE factor_resets SET stopped_at = $2
     WHERE id = $1 AND stopped_at IS NULL AND done_at IS NULL",
);

const TAKE_DUE: Statement = Statement::new(
    "reset.take_due",
    "UPDATE factor_resets SET done_at = $1
     WHERE due_at <= $1 AND stopped_at IS NULL AND done_at IS NULL
     RETURNING id, user_id",
);

const DELETE_LINKS: Statement =
    Statement::new("reset.delete_links", "DELETE FROM factor_reset_links WHERE reset_id = $1");

const FORGET_MAIL: Statement =
    Statement::new("reset.forget_mail", "UPDATE people SET second_mail_at = NULL WHERE id = $1");

/// Index `second_steps_user`.
const KILL_STEPS: Statement = Statement::new(
    "reset.kill_steps",
    "UPDATE second_steps SET dead_at = $2
     WHERE user_id = $1 AND used_at IS NULL AND dead_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[
    INSERT,
    INSERT_LINK,
    FIND_OPEN,
    FIND_BY_LINK,
    STOP,
    TAKE_DUE,
    DELETE_LINKS,
    FORGET_MAIL,
    KILL_STEPS,
];
