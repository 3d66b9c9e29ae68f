//! End support access: an owner does, who looks does, an operator does, or its time.

use domain::{
    ids::SupportId,
    permission::{Relation, Right},
};
use store::Statement;

use super::{Ended, Operator, State, find_support};
use crate::{
    Error, Op,
    actor::Via,
    audit::{Event, Kind},
};

/// Ends it at once; does nothing for what is over.
///
/// Errors: [`Error::Forbidden`] for who is neither an owner nor this support; [`Error::NotFound`].
/// Audit: `support.ended`.
pub fn end_support(op: &mut Op, id: SupportId) -> Result<(), Error> {
    let by = match op.me().via {
        Via::Support(mine, ..) if mine == id => Ended::Support,
        Via::Support(..) => return Err(Error::NotFound),
        _ => {
            op.require(Right::GrantSupport, Relation::Workspace)?;
            Ended::Owner
        }
    };
    if is_unsaid(op, id)? {
        let by = if is_open(op, id)? { by } else { Ended::Time };
        end(op, id, by)?;
        op.record(event(id, by))?;
    }
    Ok(())
}

/// The same at the server, by any operator.
///
/// Errors: [`Error::NotFound`]. Audit: `support.ended`.
pub(crate) fn end_as_operator(op: &mut Op, id: SupportId, who: &Operator) -> Result<bool, Error> {
    let is_open = is_open(op, id)?;
    if is_open {
        end(op, id, Ended::Operator)?;
        let event = event(id, Ended::Operator).by_operator(who.id);
        op.record(event.text("operator", None, Some(&who.name)))?;
    }
    Ok(is_open)
}

/// Whether it was given, and nothing says yet that it is over.
fn is_unsaid(op: &mut Op, id: SupportId) -> Result<bool, Error> {
    let support = find_support(op, id)?;
    Ok(support.granted.is_some() && support.ended.is_none())
}

fn is_open(op: &mut Op, id: SupportId) -> Result<bool, Error> {
    Ok(matches!(find_support(op, id)?.state(op.now()), State::Open(_)))
}

/// Whether the time of some is over, and nothing says so yet.
///
/// Errors: [`Error::Store`].
pub(crate) fn has_expired(op: &mut Op) -> Result<bool, Error> {
    let now = op.now().as_microsecond();
    Ok(op.optional(&FIND_EXPIRED, &[now.into()])?.is_some())
}

/// Writes down that the time of some is over. It let nobody in any more already.
///
/// Errors: [`Error::Store`]. Audit: `support.ended`.
pub(crate) fn expire_support(op: &mut Op) -> Result<usize, Error> {
    let now = op.now().as_microsecond();
    let rows = op.query(&LIST_EXPIRED, &[now.into()])?;
    for row in &rows {
        let id: SupportId = row.get(0)?;
        end(op, id, Ended::Time)?;
        op.record(event(id, Ended::Time).by_support(id))?;
    }
    Ok(rows.len())
}

fn event(id: SupportId, by: Ended) -> Event {
    Event::new(Kind::SupportEnded, "support", id).fact("ended_by", None::<i64>, by.as_str())
}

fn end(op: &mut Op, id: SupportId, by: Ended) -> Result<(), Error> {
    let now = op.now().as_microsecond();
    op.execute(&END, &[id.into(), now.into(), by.as_str().into()])?;
    Ok(())
}

const END: Statement = Statement::new(
    "support.end",
    "UPDATE support_requests SET ended_at = $2, ended_by = $3
     WHERE id = $1 AND granted_at IS NOT NULL AND ended_at IS NULL",
);

/// Index `support_requests_live`.
const FIND_EXPIRED: Statement = Statement::new(
    "support.find_expired",
    "SELECT id FROM support_requests
     WHERE refused_at IS NULL AND ended_at IS NULL AND ends_at <= $1 LIMIT 1",
);

/// Index `support_requests_live`.
const LIST_EXPIRED: Statement = Statement::new(
    "support.list_expired",
    "SELECT id FROM support_requests
     WHERE refused_at IS NULL AND ended_at IS NULL AND ends_at <= $1 ORDER BY asked_at, id",
);

pub(super) const STATEMENTS: &[Statement] = &[END, FIND_EXPIRED, LIST_EXPIRED];
