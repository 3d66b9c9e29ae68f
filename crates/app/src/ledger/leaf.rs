//! Rows as the canonical bytes of leaves. What the row is now, not what it was: whoever checks compares
//! its hash with the tree's.

use ledger::event::{Event, Id, Leaf};
use store::{Row, Statement};
use uuid::Uuid;

use super::signed;
use crate::{Error, Operation};

/// The leaves of a workspace's log from one place on, before another.
pub(super) fn events<P>(
    op: &mut Operation<P>,
    from: u64,
    before: u64,
) -> Result<Vec<Vec<u8>>, Error> {
    let rows = op.query(&LIST, &[signed(from)?.into(), signed(before)?.into()])?;
    rows.iter().map(|row| bytes(&event(row)?)).collect()
}

/// The leaf as its hash is of.
pub(super) fn bytes(leaf: &Leaf) -> Result<Vec<u8>, Error> {
    leaf.to_bytes().map_err(|error| Error::bug(format!("a leaf of the ledger: {error}")))
}

/// The first ten columns of an event.
pub(super) fn event(row: &Row) -> Result<Leaf, Error> {
    Ok(Leaf::Event(Event {
        id: id(row, 0)?,
        at: row.get(1)?,
        actor_kind: row.get(2)?,
        actor: id_or_none(row, 3)?,
        kind: row.get(4)?,
        object_kind: row.get(5)?,
        object: id(row, 6)?,
        subject: id_or_none(row, 7)?,
        request: id(row, 8)?,
        facts: row.get(9)?,
    }))
}

pub(super) fn id(row: &Row, index: usize) -> Result<Id, Error> {
    Ok(row.get::<Uuid>(index)?.into_bytes())
}

pub(super) fn id_or_none(row: &Row, index: usize) -> Result<Option<Id>, Error> {
    Ok(row.get::<Option<Uuid>>(index)?.map(Uuid::into_bytes))
}

/// By the primary keys.
const LIST: Statement = Statement::new(
    "ledger.list_events",
    "SELECT e.id, e.at, e.actor_kind, e.actor_id, e.kind, e.object_kind, e.object_id, e.subject_id,
            e.request_id, e.facts
     FROM ledger_leaves l JOIN events e ON e.id = l.event_id
     WHERE l.position >= $1 AND l.position < $2 ORDER BY l.position",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST];
