//! Support access, as the workspace sees it.

use domain::{
    ids::{OperatorId, SupportId},
    permission::{Relation, Right},
    support::{Area, Areas},
};
use jiff::Timestamp;
use store::{Row, Statement};

use super::{
    State, Support, find_support,
    row::{read, select_support},
};
use crate::{Error, Me, Op, Refusal, actor::Via, field, op::instant_or_none};

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
    /// From when on it can be opened without an owner, where a second operator has confirmed it.
    pub opens_at: Option<Timestamp>,
    /// Whether it may change what it reaches.
    pub may_write: bool,
}

/// What a support session has itself, as each of its pages tells it.
#[derive(Debug, Clone)]
pub struct OwnSupport {
    /// What is open.
    pub live: LiveSupport,
    /// What it reaches.
    pub areas: Areas,
    /// Whether an owner gave it; else nobody refused it for a day.
    pub by_owner: bool,
    /// As whom it looks: how times are written there.
    pub me: Me,
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
    if matches!(op.me().via, Via::Support(..)) {
        return Ok(vec![own_support(op)?.live]);
    }
    if !op.may(Right::ReadRecord, Relation::Workspace) {
        return Ok(Vec::new());
    }
    let decides = op.may(Right::GrantSupport, Relation::Workspace);
    let rows = op.query(&LIST_LIVE, &[op.now().as_microsecond().into()])?;
    let live = rows.iter().map(|row| in_banner(op, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(live.into_iter().filter(|one| decides || one.ends_at.is_some()).collect())
}

/// What a support session has itself. It shows nothing of the workspace.
///
/// Errors: [`Refusal::SupportNotOpen`]; [`Error::Bug`] for who is no support.
pub(crate) fn own_support(op: &mut Op) -> Result<OwnSupport, Error> {
    let Via::Support(mine, ..) = op.me().via else {
        return Err(Error::bug("no support session"));
    };
    let support = find_support(op, mine)?;
    let State::Open(ends_at) = support.state(op.now()) else {
        return Err(Refusal::SupportNotOpen.into());
    };
    let Support { id, may_write, areas, granted, .. } = support;
    let operator = support.operator.name;
    let live = LiveSupport { id, operator, ends_at: Some(ends_at), opens_at: None, may_write };
    let by_owner = granted.is_some_and(|granted| granted.by.is_some());
    Ok(OwnSupport { live, areas, by_owner, me: op.me().clone() })
}

fn in_banner(op: &Op, row: &Row) -> Result<LiveSupport, Error> {
    let (id, sealed): (SupportId, Vec<u8>) = (row.get(0)?, row.get(1)?);
    Ok(LiveSupport {
        id,
        operator: op.open(field::SUPPORT_OPERATOR, id, row.get(2)?, &sealed)?,
        ends_at: instant_or_none(row, 3)?,
        may_write: row.get(4)?,
        opens_at: instant_or_none(row, 5)?,
    })
}

const LIST: Statement =
    Statement::new("support.list", select_support!("ORDER BY s.asked_at DESC, s.id DESC LIMIT $1"));

/// Index `support_requests_live`: a few rows, whatever was there before.
const LIST_LIVE: Statement = Statement::new(
    "support.list_live",
    "SELECT id, operator_sealed, sealed_rev, ends_at, may_write, opens_at FROM support_requests
     WHERE refused_at IS NULL AND ended_at IS NULL
       AND (ends_at > $1 OR ends_at IS NULL AND lapses_at > $1)
     ORDER BY asked_at, id",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST, LIST_LIVE];
