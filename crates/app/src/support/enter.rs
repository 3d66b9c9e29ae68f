//! Come in as support: a link that is printed at the server opens a session once.

use domain::{ids::SupportId, support::Areas};
use jiff::Timestamp;
use store::Statement;
use vault::Secret;

use super::{Operator, State, Support, find_support};
use crate::{
    Error, Op, Refusal,
    audit::{Event, Kind},
    identity::{Drawn, policy::CLOCK_SKEW_US},
    op::instant,
};

/// A link works for this long.
const LINK_LIFE_US: i64 = 10 * 60 * 1_000_000;

/// A session that was opened.
pub(crate) struct EnteredSupport {
    pub(crate) id: SupportId,
    pub(crate) secret: Secret<String>,
    pub(crate) areas: Areas,
    pub(crate) ends_at: Timestamp,
}

/// Makes a link, for the operator who asked. An older one stops working. Where two operators have asked
/// and nobody refused it for a day, its minutes begin now, once the owners are told of that.
///
/// Errors: [`Error::NotFound`], also for another operator; [`Refusal::SupportNotOpen`].
/// Audit: `support.link_made`; `support.granted` where its minutes begin.
pub(crate) fn make_link(
    op: &mut Op,
    id: SupportId,
    who: &Operator,
    is_told: bool,
) -> Result<(Secret<String>, Support), Error> {
    let support = find_support(op, id)?;
    if support.operator.id != who.id {
        return Err(Error::NotFound);
    }
    let ends_at = match support.state(op.now()) {
        State::Open(ends_at) => ends_at.as_microsecond(),
        State::Ready if is_told => begin_without_owner(op, &support)?,
        _ => return Err(Refusal::SupportNotOpen.into()),
    };
    let (drawn, now) = (Drawn::new(op), op.now().as_microsecond());
    let works_until = ends_at.min(now + LINK_LIFE_US);
    let values = [id.into(), drawn.hash.into(), now.into(), works_until.into()];
    if op.execute(&KEEP_LINK, &values)? == 0 {
        return Err(Refusal::SupportNotOpen.into());
    }
    let event = Event::new(Kind::SupportLinkMade, "support", id).by_operator(who.id);
    op.record(event.text("operator", None, Some(&who.name)))?;
    Ok((drawn.text, find_support(op, id)?))
}

fn begin_without_owner(op: &mut Op, support: &Support) -> Result<i64, Error> {
    let now = op.now().as_microsecond();
    let ends_at = now + support.minutes * 60_000_000;
    if op.execute(&BEGIN, &[support.id.into(), now.into(), ends_at.into()])? == 0 {
        return Err(Refusal::SupportNotOpen.into());
    }
    let event = Event::new(Kind::SupportGranted, "support", support.id)
        .by_support(support.id)
        .fact("without_owner", None::<i64>, true)
        .fact("ends_at", None::<i64>, ends_at);
    op.record(event)?;
    Ok(ends_at)
}

/// Uses a link up; the session it opens takes the place of one that was open.
///
/// Errors: [`Refusal::LinkNotValid`]. Audit: `support.opened`.
pub(crate) fn enter_support(op: &mut Op, link: &[u8; 32]) -> Result<EnteredSupport, Error> {
    let (drawn, now) = (Drawn::new(op), op.now().as_microsecond());
    let values = [(*link).into(), drawn.hash.into(), now.into(), (now + CLOCK_SKEW_US).into()];
    let row = op.optional(&ENTER, &values)?.ok_or(Refusal::LinkNotValid)?;
    let (id, ends_at): (SupportId, _) = (row.get(0)?, instant(&row, 1)?);
    op.record(Event::new(Kind::SupportOpened, "support", id).by_support(id))?;
    let areas = Areas::from_bits(row.get(2)?);
    Ok(EnteredSupport { id, secret: drawn.text, areas, ends_at })
}

const BEGIN: Statement = Statement::new(
    "support.begin",
    "UPDATE support_requests SET granted_at = $2, ends_at = $3
     WHERE id = $1 AND granted_at IS NULL AND refused_at IS NULL AND opens_at <= $2
       AND lapses_at > $2",
);

const KEEP_LINK: Statement = Statement::new(
    "support.keep_link",
    "UPDATE support_requests SET link_hash = $2, link_made_at = $3, link_ends_at = $4
     WHERE id = $1 AND granted_at IS NOT NULL AND ended_at IS NULL AND ends_at > $3",
);

/// The unique index of `link_hash`. What was made or used in the future was so before the clock was set
/// back.
const ENTER: Statement = Statement::new(
    "support.enter",
    "UPDATE support_requests
     SET link_hash = NULL, secret_hash = $2, opened_at = COALESCE(opened_at, $3),
         used_at = CASE WHEN used_at > $3 THEN used_at ELSE $3 END
     WHERE link_hash = $1 AND link_ends_at > $3 AND link_made_at <= $4 AND ended_at IS NULL
       AND ends_at > $3 AND granted_at <= $4 AND (used_at IS NULL OR used_at <= $4)
     RETURNING id, ends_at, areas",
);

pub(super) const STATEMENTS: &[Statement] = &[BEGIN, KEEP_LINK, ENTER];
