//! Claim letters that are due, and say what became of them.

use domain::ids::LetterId;
use store::{Row, Statement};

use super::{Letter, LetterKind, blank::is_blank};
use crate::{
    DirectoryOp, Error, field,
    identity::policy::{LETTER_FIRST_WAIT_US, LETTER_LEASE_US, LETTER_LONGEST_WAIT_US},
    op::word,
    security,
};

/// A letter to be sent by whoever claimed it.
#[derive(Debug, Clone)]
pub struct ClaimedLetter {
    /// Which.
    pub id: LetterId,
    /// What it is about.
    pub kind: LetterKind,
    /// The letter.
    pub letter: Letter,
    /// How often it has failed.
    pub failures: i64,
}

/// What [`claim_due_letters`] has claimed.
#[derive(Debug, Default)]
pub struct Claimed {
    /// To be sent.
    pub letters: Vec<ClaimedLetter>,
    /// Letters to nobody, that were pretended: to be marked as sent after as much work as is possible.
    pub pretended: Vec<ClaimedLetter>,
}

/// Why a letter was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It may work later.
    Temporary,
    /// The mail server will never take it.
    Permanent,
}

/// Claims up to `most` letters that are due, oldest first, the pretended ones among them. They are claimed again in two minutes
/// unless [`mark_sent`] or [`mark_failed`] is called.
///
/// Errors: [`Error::Store`].
pub fn claim_due_letters(op: &mut DirectoryOp, most: i64) -> Result<Claimed, Error> {
    let now = op.now_us();
    op.execute(&GIVE_UP_LATE, &[now.into()])?;
    let rows = op.query(&LIST_DUE, &[now.into(), most.into()])?;
    let mut claimed = Claimed::default();
    for row in &rows {
        let id: LetterId = row.get(0)?;
        op.execute(&CLAIM, &[id.into(), (now + LETTER_LEASE_US).into()])?;
        match read(op, row) {
            Ok(letter) if is_blank(&letter.letter) => claimed.pretended.push(letter),
            Ok(letter) => claimed.letters.push(letter),
            // One letter that cannot be opened must not keep all the others from being sent.
            Err(error) => {
                tracing::error!(target: security::TARGET, letter = %id, %error, "a letter cannot be opened");
                mark_failed(op, id, Failure::Temporary)?;
            }
        }
    }
    Ok(claimed)
}

/// Whether [`claim_due_letters`] would find anything to do: a look that writes nothing.
///
/// Errors: [`Error::Store`].
pub fn has_due_letters(op: &mut DirectoryOp) -> Result<bool, Error> {
    Ok(op.optional(&FIND_DUE, &[op.now_us().into()])?.is_some())
}

/// A letter has been sent.
///
/// Errors: [`Error::Store`].
pub fn mark_sent(op: &mut DirectoryOp, id: LetterId) -> Result<(), Error> {
    op.execute(&MARK_SENT, &[id.into(), op.now_us().into()])?;
    Ok(())
}

/// A letter has not been sent: it is tried again after 10 s, 20 s, … up to an hour, until it is a
/// day old (a code: ten minutes).
///
/// Errors: [`Error::Store`].
pub fn mark_failed(op: &mut DirectoryOp, id: LetterId, failure: Failure) -> Result<(), Error> {
    let Some(row) = op.optional(&FIND_FAILURES, &[id.into()])? else {
        return Ok(());
    };
    let (failures, give_up_at): (i64, i64) = (row.get(0)?, row.get(1)?);
    let now = op.now_us();
    let next_try_at = now + wait_us(failures);
    let is_over = failure == Failure::Permanent || next_try_at >= give_up_at;
    let values =
        [id.into(), (failures + 1).into(), next_try_at.into(), is_over.then_some(now).into()];
    op.execute(&MARK_FAILED, &values)?;
    Ok(())
}

/// The wait after so many earlier failures.
fn wait_us(failures: i64) -> i64 {
    let doublings = u32::try_from(failures.clamp(0, 30)).unwrap_or(30);
    LETTER_FIRST_WAIT_US.saturating_mul(1_i64 << doublings).min(LETTER_LONGEST_WAIT_US)
}

/// The letter of a row.
fn read(op: &DirectoryOp, row: &Row) -> Result<ClaimedLetter, Error> {
    let id: LetterId = row.get(0)?;
    let sealed: Vec<u8> = row.get(2)?;
    let text = op.open(field::LETTER, id, row.get(3)?, &sealed)?;
    let letter = Letter::from_text(&text)?;
    Ok(ClaimedLetter { id, kind: word(row, 1)?, letter, failures: row.get(4)? })
}

/// Index `outbox_due`.
const LIST_DUE: Statement = Statement::new(
    "outbox.list_due",
    "SELECT id, kind, letter_sealed, sealed_rev, attempts FROM outbox
     WHERE sent_at IS NULL AND given_up_at IS NULL AND next_try_at <= $1
     ORDER BY next_try_at, id LIMIT $2",
);

/// Index `outbox_due`.
const FIND_DUE: Statement = Statement::new(
    "outbox.find_due",
    "SELECT id FROM outbox
     WHERE sent_at IS NULL AND given_up_at IS NULL AND next_try_at <= $1 LIMIT 1",
);

/// Index `outbox_due`.
const GIVE_UP_LATE: Statement = Statement::new(
    "outbox.give_up_late",
    "UPDATE outbox SET given_up_at = $1
     WHERE sent_at IS NULL AND given_up_at IS NULL AND next_try_at <= $1 AND give_up_at <= $1",
);

const CLAIM: Statement =
    Statement::new("outbox.claim", "UPDATE outbox SET next_try_at = $2 WHERE id = $1");

const MARK_SENT: Statement = Statement::new(
    "outbox.mark_sent",
    "UPDATE outbox SET sent_at = $2 WHERE id = $1 AND sent_at IS NULL",
);

const FIND_FAILURES: Statement = Statement::new(
    "outbox.find_failures",
    "SELECT attempts, give_up_at FROM outbox
     WHERE id = $1 AND sent_at IS NULL AND given_up_at IS NULL",
);

const MARK_FAILED: Statement = Statement::new(
    "outbox.mark_failed",
    "UPDATE outbox SET attempts = $2, next_try_at = $3, given_up_at = $4 WHERE id = $1",
);

pub(super) const STATEMENTS: &[Statement] =
    &[LIST_DUE, FIND_DUE, GIVE_UP_LATE, CLAIM, MARK_SENT, FIND_FAILURES, MARK_FAILED];
