//! The way back of somebody who has lost every second factor: the operator, or an owner of all their
//! workspaces, announces that they will be taken away, and a day later they are.
//!
//! | step | operator or owner | person, and owners of their workspaces | directory |
//! |---|---|---|---|
//! | t0 | `timeproof recover ADDRESS` | | an open reset |
//! | t1 | | get a mail with a link that stops it | |
//! | t2 | | any of them may stop it | stopped, for good |
//! | t3, a day later ([`due_reset`](super::due_reset)) | | the person is told | factors gone, all sessions and marks of known browsers ended, done |
//!
//! Whoever has taken an operator in gains nothing for a day, and everybody whom it touches hears of
//! it at once. There is one open reset of a person; stopped, dropped or done it never opens again, whatever
//! the clock does. Stopped, it is an answer: no owner asks again for a week. The operator may, at once, and
//! also takes one over that an owner has asked for.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ids::{FactorResetId, UserId},
    text::EmailAddress,
};
use jiff::{SignedDuration, Timestamp};
use store::Statement;

use super::get_enrolled;
use crate::{
    DirectoryOp, Error, Refusal,
    identity::{
        act::Act,
        get_address, hash_secret, letters,
        notice::{Happening, ResetStep, tell},
        outbox::{self, LetterKind},
        person::get_zone,
        policy::{CLOCK_SKEW_US, RESET_NOTICE_US, RESET_REST_US},
        secret::Drawn,
        session::{Origin, Session},
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
/// Errors: [`Refusal::NoSecondFactor`] for somebody without any second factor;
/// [`Refusal::ResetWasStopped`] for an owner, within a week after one was stopped. Audit:
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
    match by {
        Some(by) => refuse_after_stop(op, user, by)?,
        None => take_over(op, user)?,
    }
    let id: FactorResetId = op.new_id();
    let now = op.now_us();
    let values = [id.into(), user.into(), now.into(), (now + RESET_NOTICE_US).into(), by.into()];
    let is_new = op.execute(&INSERT, &values)? > 0;
    let open = find_open_reset(op, user)?.ok_or_else(|| Error::bug("a reset is not there"))?;
    if is_new {
        tell_all(op, (id, user, open.due_at), by, owners, base_url)?;
        record_announced(op, id, user, open.due_at, by)?;
    }
    Ok(OpenReset { is_new, ..open })
}

/// Mails the person and each owner a link of their own that stops it.
fn tell_all(
    op: &mut DirectoryOp,
    (id, user, due_at): (FactorResetId, UserId, Timestamp),
    by: Option<UserId>,
    owners: &BTreeSet<UserId>,
    base_url: &str,
) -> Result<(), Error> {
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
        let letter = letters::reset_announced(&to, &address, asked_by.as_ref(), due_at, &link)?;
        outbox::enqueue(op, LetterKind::FactorReset, &letter)?;
    }
    Ok(())
}

fn record_announced(
    op: &mut DirectoryOp,
    id: FactorResetId,
    user: UserId,
    due_at: Timestamp,
    by: Option<UserId>,
) -> Result<(), Error> {
    let mut facts = vec![("reset", id.uuid().into()), ("due_at", due_at.into())];
    if let Some(by) = by {
        facts.push(("asked_by", by.uuid().into()));
    }
    op.record_act(Act::ResetAnnounced, Some(user), &facts)
}

/// What an owner has asked for is the operator's from now on: it hangs on no owner any more.
fn take_over(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    match op.optional(&TAKE_OVER, &[user.into()])? {
        Some(row) => record_announced(op, row.get(0)?, user, instant(&row, 1)?, None),
        None => Ok(()),
    }
}

/// Transactions of the directory are serializable: who stops one and who announces one at once do so one
/// after the other.
fn refuse_after_stop(op: &mut DirectoryOp, user: UserId, by: UserId) -> Result<(), Error> {
    let now = op.now_us();
    // What was stopped later than now was stopped by a clock that was ahead.
    let values = [user.into(), (now - RESET_REST_US).into(), (now + CLOCK_SKEW_US).into()];
    let Some(row) = op.optional(&FIND_STOPPED, &values)? else { return Ok(()) };
    let rest = SignedDuration::from_micros(RESET_REST_US);
    let until = instant(&row, 0)?.checked_add(rest);
    let until = until.map_err(|_| Error::bug("instant out of range"))?;
    let until = letters::moment(until, &get_zone(op, by)?);
    Err(Refusal::ResetWasStopped { until }.into())
}

/// The open reset of a person, if there is one.
///
/// Errors: [`Error::Store`].
pub fn find_open_reset(op: &mut DirectoryOp, user: UserId) -> Result<Option<OpenReset>, Error> {
    let row = op.optional(&FIND_OPEN, &[user.into()])?;
    row.map(|row| Ok(OpenReset { due_at: instant(&row, 1)?, is_new: false })).transpose()
}

/// All open resets: when each takes force, by person.
///
/// Errors: [`Error::Store`].
pub(crate) fn list_open_resets(op: &mut DirectoryOp) -> Result<BTreeMap<UserId, Timestamp>, Error> {
    let rows = op.query(&LIST_OPEN, &[])?;
    rows.iter().map(|row| Ok((row.get(0)?, instant(row, 1)?))).collect()
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
pub fn stop_reset(op: &mut DirectoryOp, token: &str, origin: &Origin) -> Result<(), Error> {
    let found = find_by_link(op, token)?.ok_or(Refusal::LinkNotValid)?;
    stop(op, (found.id, found.user), found.receiver, origin)
}

/// Stops the open reset of the person who is signed in; does nothing when there is none.
///
/// Errors: [`Error::Store`]. Audit: `factor_reset.stopped`.
pub fn stop_my_reset(
    op: &mut DirectoryOp,
    session: &Session,
    origin: &Origin,
) -> Result<(), Error> {
    stop_reset_of(op, session.user, session.user, origin)
}

/// Stops the open reset of a person, in the name of somebody who may; does nothing when there is none.
///
/// Errors: [`Error::Store`]. Audit: `factor_reset.stopped`.
pub(crate) fn stop_reset_of(
    op: &mut DirectoryOp,
    user: UserId,
    by: UserId,
    origin: &Origin,
) -> Result<(), Error> {
    match op.optional(&FIND_OPEN, &[user.into()])? {
        Some(row) => stop(op, (row.get(0)?, user), by, origin),
        None => Ok(()),
    }
}

fn stop(
    op: &mut DirectoryOp,
    (id, user): (FactorResetId, UserId),
    by: UserId,
    origin: &Origin,
) -> Result<(), Error> {
    if op.execute(&STOP, &[id.into(), op.now_us().into()])? == 0 {
        return Err(Refusal::LinkNotValid.into());
    }
    delete_links(op, id)?;
    tell(op, user, &Happening::Reset(ResetStep::Stopped), origin)?;
    let facts = [("reset", id.uuid().into()), ("by", by.uuid().into())];
    op.record_act(Act::ResetStopped, Some(user), &facts)
}

/// The links that stop a reset work no longer.
pub(super) fn delete_links(op: &mut DirectoryOp, id: FactorResetId) -> Result<(), Error> {
    op.execute(&DELETE_LINKS, &[id.into()]).map(drop)
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
    "INSERT INTO factor_resets (id, user_id, created_at, due_at, asked_by)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
);

/// Index `factor_resets_one_open`.
const TAKE_OVER: Statement = Statement::new(
    "reset.take_over",
    "UPDATE factor_resets SET asked_by = NULL
     WHERE user_id = $1 AND asked_by IS NOT NULL
       AND stopped_at IS NULL AND done_at IS NULL AND dropped_at IS NULL
     RETURNING id, due_at",
);

/// Index `factor_resets_stopped`; nothing while one is open, which is told instead.
const FIND_STOPPED: Statement = Statement::new(
    "reset.find_stopped",
    "SELECT stopped_at FROM factor_resets
     WHERE user_id = $1 AND stopped_at > $2 AND stopped_at <= $3
       AND NOT EXISTS (SELECT 1 FROM factor_resets o
                       WHERE o.user_id = $1 AND o.stopped_at IS NULL AND o.done_at IS NULL
                         AND o.dropped_at IS NULL)
     ORDER BY stopped_at DESC LIMIT 1",
);

const INSERT_LINK: Statement = Statement::new(
    "reset.insert_link",
    "INSERT INTO factor_reset_links (secret_hash, reset_id, user_id) VALUES ($1, $2, $3)",
);

/// Index `factor_resets_one_open`.
const FIND_OPEN: Statement = Statement::new(
    "reset.find_open",
    "SELECT id, due_at FROM factor_resets
     WHERE user_id = $1 AND stopped_at IS NULL AND done_at IS NULL AND dropped_at IS NULL",
);

/// Index `factor_resets_one_open`: there are few at a time.
const LIST_OPEN: Statement = Statement::new(
    "reset.list_open",
    "SELECT user_id, due_at FROM factor_resets
     WHERE stopped_at IS NULL AND done_at IS NULL AND dropped_at IS NULL",
);

const FIND_BY_LINK: Statement = Statement::new(
    "reset.find_by_link",
    "SELECT r.id, r.user_id, r.due_at, l.user_id
     FROM factor_reset_links l JOIN factor_resets r ON r.id = l.reset_id
     WHERE l.secret_hash = $1 AND r.stopped_at IS NULL AND r.done_at IS NULL
       AND r.dropped_at IS NULL",
);

const STOP: Statement = Statement::new(
    "reset.stop",
    "UPDATE factor_resets SET stopped_at = $2
     WHERE id = $1 AND stopped_at IS NULL AND done_at IS NULL AND dropped_at IS NULL",
);

const DELETE_LINKS: Statement =
    Statement::new("reset.delete_links", "DELETE FROM factor_reset_links WHERE reset_id = $1");

/// Index `second_steps_user`.
const KILL_STEPS: Statement = Statement::new(
    "reset.kill_steps",
    "UPDATE second_steps SET dead_at = $2
     WHERE user_id = $1 AND used_at IS NULL AND dead_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[
    INSERT,
    TAKE_OVER,
    FIND_STOPPED,
    INSERT_LINK,
    FIND_OPEN,
    LIST_OPEN,
    FIND_BY_LINK,
    STOP,
    DELETE_LINKS,
    KILL_STEPS,
];
