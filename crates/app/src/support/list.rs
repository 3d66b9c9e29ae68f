//! Support access, as the workspace sees it.

use domain::{
    ids::{OperatorId, SupportId},
    permission::{Relation, Right},
    support::Area,
};
use jiff::Timestamp;
use store::{Row, Statement};

use super::{
    State, Support, find_support,
    row::{read, select_support},
};
use crate::{Error, Op, actor::Via, field};

/// The latest that are listed.
const MOST: i64 = 100;

/// What the banner says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSupport {
    /// Its id.
    pub id: SupportId,
    /// Who.
    pub operator: String,
    /// Until when it is open; none while it waits for an owner.
    pub ends_at: Option<Timestamp>,
    /// Whether it may change what it reaches.
    pub may_write: bool,
}

/// All support access that was asked for, the latest first; a hundred at most.
///
/// Errors: [`Error::Forbidden`] for who may not see the record.
pub fn list_support(op: &mut Op) -> Result<Vec<Support>, Error> {
    op.require(Right::ReadRecord, Relation::Workspace)?;
    let rows = op.query(&LIST, &[MOST.into()])?;
    rows.iter().map(|row| read(op, row)).collect()
}

/// One of them.
///
/// Errors: [`Error::Forbidden`] for who may not see the record; [`Error::NotFound`].
pub fn get_support(op: &mut Op, id: SupportId) -> Result<Support, Error> {
    op.require(Right::ReadRecord, Relation::Workspace)?;
    find_support(op, id)
}

/// What an owner has given this operator of this area, and is open: for a command at the server.
///
/// Errors: [`Error::Store`].
pub(crate) fn find_open_for(
    op: &mut Op,
    area: Area,
    who: OperatorId,
) -> Result<Option<Support>, Error> {
    let now = op.now();
    let rows = op.query(&LIST_LIVE, &[now.as_microsecond().into()])?;
    for row in rows {
        let support = find_support(op, row.get(0)?)?;
        let is_open = matches!(support.state(now), State::Open(_));
        if is_open && support.areas.has(area) && support.operator.id == who {
            return Ok(Some(support));
        }
    }
    Ok(None)
}

/// What stands above every page: to support what it has itself, to who may see the record what is open,
/// to owners also what waits for them. To anybody else nothing.
///
/// Errors: [`Error::Store`].
pub fn live_support(op: &mut Op) -> Result<Vec<LiveSupport>, Error> {
    if let Via::Support(mine, ..) = op.me().via {
        let support = find_support(op, mine)?;
        return Ok(live(&support, op.now()).into_iter().collect());
    }
    if !op.may(Right::ReadRecord, Relation::Workspace) {
        return Ok(Vec::new());
    }
    let decides = op.may(Right::GrantSupport, Relation::Workspace);
    let rows = op.query(&LIST_LIVE, &[op.now().as_microsecond().into()])?;
    let live = rows.iter().map(|row| in_banner(op, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(live.into_iter().filter(|one| decides || one.ends_at.is_some()).collect())
}

fn live(support: &Support, now: Timestamp) -> Option<LiveSupport> {
    let State::Open(ends_at) = support.state(now) else { return None };
    let Support { id, may_write, .. } = *support;
    let operator = support.operator.name.clone();
    Some(LiveSupport { id, operator, ends_at: Some(ends_at), may_write })
}

fn in_banner(op: &Op, row: &Row) -> Result<LiveSupport, Error> {
    let (id, sealed): (SupportId, Vec<u8>) = (row.get(0)?, row.get(1)?);
    Ok(LiveSupport {
        id,
        operator: op.open(field::SUPPORT_OPERATOR, id, row.get(2)?, &sealed)?,
        ends_at: crate::op::instant_or_none(row, 3)?,
        may_write: row.get(4)?,
    })
}

const LIST: Statement =
    Statement::new("support.list", select_support!("ORDER BY s.asked_at DESC, s.id DESC LIMIT $1"));

/// Index `support_requests_live`: a few rows, whatever was there before.
const LIST_LIVE: Statement = Statement::new(
    "support.list_live",
    "SELECT id, operator_sealed, sealed_rev, ends_at, may_write FROM support_requests
     WHERE refused_at IS NULL AND ended_at IS NULL
       AND (ends_at > $1 OR ends_at IS NULL AND lapses_at > $1)
     ORDER BY asked_at, id",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST, LIST_LIVE];
