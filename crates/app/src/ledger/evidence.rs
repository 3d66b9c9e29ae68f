//! A workspace's log as an export takes it along: every leaf in the order of the log, with the words that
//! its commitments are of, the events that are no leaves yet, the newest head, and the key to check it by.

use domain::{
    ids::EventId,
    permission::{Relation, Right},
};
use store::{Row, Statement, Value};

use super::{head, leaf, signed};
use crate::{
    Error, Op,
    audit::{Words, open_words},
};

/// Leaves that are read at once.
const PAGE: usize = 1_000;

/// A leaf, or an event that is to be one.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The canonical bytes.
    pub leaf: Vec<u8>,
    /// The words of its texts, but for those whose key is destroyed.
    pub words: Vec<Words>,
    /// Whether it is no leaf yet.
    pub is_pending: bool,
}

/// What a log is checked by.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The newest head.
    pub checkpoint: String,
    /// The keys whose signatures on it are to be believed, a line each.
    pub keys: Vec<String>,
}

/// Hands every leaf to `visit`, then every event that waits for its place, over one consistent state; what
/// they are checked by, if the log has begun.
///
/// Errors: [`Error::Forbidden`]; what `visit` returns.
pub fn export_ledger(
    op: &mut Op,
    visit: &mut dyn FnMut(Exported) -> Result<(), Error>,
) -> Result<Option<Signed>, Error> {
    op.require(Right::ExportWorkspace, Relation::Workspace)?;
    let mut next = 0;
    loop {
        let rows = op.query(&LIST_LEAVES, &[signed(next)?.into(), limit()?])?;
        rows.iter().try_for_each(|row| visit(exported(op, row, false)?))?;
        next += u64::try_from(rows.len()).map_err(|_| Error::bug("a count"))?;
        if rows.len() < PAGE {
            break;
        }
    }
    let mut after = 0;
    loop {
        let rows = op.query(&LIST_WAITING, &[after.into(), limit()?])?;
        rows.iter().try_for_each(|row| visit(exported(op, row, true)?))?;
        match rows.last() {
            Some(row) if rows.len() == PAGE => after = row.get::<i64>(11)?,
            _ => break,
        }
    }
    let Some(last) = head::last(op)? else { return Ok(None) };
    let origin = head::origin(op)?.ok_or_else(|| Error::bug("a head of a log without a name"))?;
    let key = head::signer(op, &origin)?.verifier().to_string();
    Ok(Some(Signed { checkpoint: last.note, keys: vec![key] }))
}

fn exported(op: &Op, row: &Row, is_pending: bool) -> Result<Exported, Error> {
    let id = EventId::from_uuid(row.get(0)?);
    let words = open_words(op, id, row.get(10)?)?;
    Ok(Exported { leaf: leaf::bytes(&leaf::event(row)?)?, words, is_pending })
}

fn limit() -> Result<Value, Error> {
    Ok(i64::try_from(PAGE).map_err(|_| Error::bug("rows of a page"))?.into())
}

/// By the primary keys.
const LIST_LEAVES: Statement = Statement::new(
    "ledger.export_leaves",
    "SELECT e.id, e.at, e.actor_kind, e.actor_id, e.kind, e.object_kind, e.object_id, e.subject_id,
            e.request_id, e.facts, e.texts_sealed
     FROM ledger_leaves l JOIN events e ON e.id = l.event_id
     WHERE l.position >= $1 ORDER BY l.position LIMIT $2",
);

/// By the primary keys.
const LIST_WAITING: Statement = Statement::new(
    "ledger.export_waiting",
    "SELECT e.id, e.at, e.actor_kind, e.actor_id, e.kind, e.object_kind, e.object_id, e.subject_id,
            e.request_id, e.facts, e.texts_sealed, w.number
     FROM ledger_waiting w JOIN events e ON e.id = w.event_id
     WHERE w.number > $1 ORDER BY w.number LIMIT $2",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST_LEAVES, LIST_WAITING];
