//! Run-books: for a few hours, commands reach workspaces, with a name, a reason and a ticket.

use domain::{
    ids::{OperatorId, RunBookId},
    text::Name,
};
use jiff::Timestamp;
use store::{Row, Statement};

use super::Operator;
use crate::{
    DirectoryOp, Error, field,
    identity::{Act, policy::CLOCK_SKEW_US},
    op::instant,
};

/// A run-book closes by itself after so many hours.
pub const RUN_BOOK_HOURS: i64 = 4;

/// A run-book to be opened.
#[derive(Debug, Clone)]
pub struct OpenRunBook {
    /// Who opens it.
    pub operator: Operator,
    /// Why.
    pub reason: Name,
    /// Where that is written down.
    pub ticket: Name,
}

/// A run-book that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunBook {
    /// Its id.
    pub id: RunBookId,
    /// Who opened it.
    pub operator: Operator,
    /// Why.
    pub reason: String,
    /// Where that is written down.
    pub ticket: String,
    /// When it closes by itself.
    pub closes_at: Timestamp,
}

/// Opens one, in the place of any that is open.
///
/// Errors: [`Error::Store`]. Audit: `run_book.opened`; `run_book.closed` for the others.
pub fn open_run_book(op: &mut DirectoryOp, open: &OpenRunBook) -> Result<RunBook, Error> {
    close_run_book(op)?;
    let id: RunBookId = op.new_id();
    let (key, now) = (op.instance()?.text, op.now_us());
    let closes_at = now + RUN_BOOK_HOURS * 3_600_000_000;
    let reason = op.seal(key, field::RUN_BOOK_REASON, id, 1, open.reason.as_str())?;
    let ticket = op.seal(key, field::RUN_BOOK_TICKET, id, 1, open.ticket.as_str())?;
    let values = [
        id.into(),
        open.operator.id.into(),
        reason.into(),
        ticket.into(),
        1_i64.into(),
        now.into(),
        closes_at.into(),
    ];
    op.execute(&INSERT, &values)?;
    let facts = [("run_book", id.uuid().into()), ("operator", open.operator.id.uuid().into())];
    op.record_act(Act::RunBookOpened, None, &facts)?;
    find_run_book(op)?.ok_or_else(|| Error::bug("a run-book is not there"))
}

/// Closes what is open; whether something was.
///
/// Errors: [`Error::Store`]. Audit: `run_book.closed`.
pub fn close_run_book(op: &mut DirectoryOp) -> Result<bool, Error> {
    let now = op.now_us();
    let rows = op.query(&CLOSE, &[now.into()])?;
    for row in &rows {
        let id: RunBookId = row.get(0)?;
        op.record_act(Act::RunBookClosed, None, &[("run_book", id.uuid().into())])?;
    }
    Ok(!rows.is_empty())
}

/// The one that is open now.
///
/// Errors: [`Error::Store`].
pub fn find_run_book(op: &mut DirectoryOp) -> Result<Option<RunBook>, Error> {
    let now = op.now_us();
    let row = op.optional(&FIND, &[now.into(), (now + CLOCK_SKEW_US).into()])?;
    row.as_ref().map(|row| read(op, row)).transpose()
}

fn read(op: &DirectoryOp, row: &Row) -> Result<RunBook, Error> {
    let (id, rev): (RunBookId, i64) = (row.get(0)?, row.get(3)?);
    let open = |field, sealed: Vec<u8>| op.open(field, id, rev, &sealed);
    let (by, name): (OperatorId, Vec<u8>) = (row.get(5)?, row.get(6)?);
    Ok(RunBook {
        id,
        reason: open(field::RUN_BOOK_REASON, row.get(1)?)?,
        ticket: open(field::RUN_BOOK_TICKET, row.get(2)?)?,
        closes_at: instant(row, 4)?,
        operator: Operator { id: by, name: op.open(field::OPERATOR_NAME, by, row.get(7)?, &name)? },
    })
}

const INSERT: Statement = Statement::new(
    "run_book.insert",
    "INSERT INTO run_books
         (id, operator_id, reason_sealed, ticket_sealed, sealed_rev, opened_at, closes_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);

/// Index `run_books_open`.
const CLOSE: Statement = Statement::new(
    "run_book.close",
    "UPDATE run_books SET closed_at = $1 WHERE closed_at IS NULL AND closes_at > $1 RETURNING id",
);

/// Index `run_books_open`. What was opened in the future was opened before the clock was set back; who was
/// removed opens nothing any more.
const FIND: Statement = Statement::new(
    "run_book.find",
    "SELECT b.id, b.reason_sealed, b.ticket_sealed, b.sealed_rev, b.closes_at, b.operator_id,
            o.name_sealed, o.sealed_rev
     FROM run_books b JOIN operators o ON o.id = b.operator_id
     WHERE b.closed_at IS NULL AND b.closes_at > $1 AND b.opened_at <= $2
       AND o.removed_at IS NULL
     ORDER BY b.opened_at DESC LIMIT 1",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT, CLOSE, FIND];
