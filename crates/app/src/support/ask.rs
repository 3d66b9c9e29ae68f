//! Ask for support access: the operator's act, at the server.

use domain::{
    ids::SupportId,
    support::{Area, Areas},
    text::Name,
};
use store::{Statement, Value};

use super::{Operator, Support, find_support};
use crate::{
    Error, Op, Refusal,
    audit::{Event, Kind},
    field,
};

/// The most minutes that can be asked for.
pub const MOST_MINUTES: i64 = 60;

/// So long an owner, or a second operator, can decide.
const LAPSES_US: i64 = 7 * 86_400 * 1_000_000;

/// Requests of one workspace that wait, or are open, at a time.
const MOST_LIVE: i64 = 5;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct AskSupport {
    /// Who asks.
    pub operator: Operator,
    /// Why.
    pub reason: Name,
    /// Where that is written down.
    pub ticket: Name,
    /// What it is to reach.
    pub areas: Areas,
    /// For how long: 1 to [`MOST_MINUTES`].
    pub minutes: i64,
    /// Whether it is to change what it reaches.
    pub may_write: bool,
    /// Whether no owner can be reached.
    pub without_owner: bool,
}

/// Writes the request down. It gives nothing.
///
/// Errors: [`Error::Invalid`] for `minutes`, `areas` and `may_write`; [`Refusal::TooManySupport`].
/// Audit: `support.asked`.
pub(crate) fn ask_support(op: &mut Op, ask: &AskSupport) -> Result<Support, Error> {
    check_ask(op, ask)?;
    let id: SupportId = op.new_id();
    let values = values(op, id, ask)?;
    op.execute(&INSERT, &values)?;
    op.record(event(id, ask))?;
    find_support(op, id)
}

/// Whether it would be refused.
///
/// Errors: those of [`ask_support`].
pub(crate) fn check_ask(op: &mut Op, ask: &AskSupport) -> Result<(), Error> {
    check_fields(ask)?;
    let now = op.now().as_microsecond();
    if op.one(&COUNT_LIVE, &[now.into()])?.get::<i64>(0)? >= MOST_LIVE {
        return Err(Refusal::TooManySupport.into());
    }
    Ok(())
}

fn check_fields(ask: &AskSupport) -> Result<(), Error> {
    if !(1..=MOST_MINUTES).contains(&ask.minutes) {
        return Err(Error::invalid("minutes", "out_of_range", "Ask for 1 to 60 minutes."));
    }
    if ask.areas == Areas::default() {
        return Err(Error::invalid("areas", "empty", "Say what support is to reach."));
    }
    if ask.may_write && ask.without_owner {
        let message = "Without an owner, support only reads.";
        return Err(Error::invalid("may_write", "forbidden", message));
    }
    if ask.areas.has(Area::Export) && ask.without_owner {
        let message = "An export is an owner's to give.";
        return Err(Error::invalid("areas", "forbidden", message));
    }
    Ok(())
}

fn values(op: &Op, id: SupportId, ask: &AskSupport) -> Result<[Value; 12], Error> {
    let (key, now) = (op.settings().text_key, op.now().as_microsecond());
    let seal = |field, text: &str| op.seal(key, field, id, 1, text);
    Ok([
        id.into(),
        ask.operator.id.into(),
        seal(field::SUPPORT_OPERATOR, &ask.operator.name)?.into(),
        seal(field::SUPPORT_REASON, ask.reason.as_str())?.into(),
        seal(field::SUPPORT_TICKET, ask.ticket.as_str())?.into(),
        1_i64.into(),
        ask.areas.bits().into(),
        ask.minutes.into(),
        ask.may_write.into(),
        ask.without_owner.into(),
        now.into(),
        (now + LAPSES_US).into(),
    ])
}

fn event(id: SupportId, ask: &AskSupport) -> Event {
    Event::new(Kind::SupportAsked, "support", id)
        .by_operator(ask.operator.id)
        .text("operator", None, Some(&ask.operator.name))
        .text("reason", None, Some(ask.reason.as_str()))
        .text("ticket", None, Some(ask.ticket.as_str()))
        .fact("areas", None::<i64>, ask.areas.words().as_str())
        .fact("minutes", None::<i64>, ask.minutes)
        .fact("may_write", None::<i64>, ask.may_write)
        .fact("without_owner", None::<i64>, ask.without_owner)
}

/// Index `support_requests_live`.
const COUNT_LIVE: Statement = Statement::new(
    "support.count_live",
    "SELECT count(*) FROM support_requests
     WHERE refused_at IS NULL AND ended_at IS NULL
       AND (granted_at IS NULL AND lapses_at > $1 OR ends_at > $1)",
);

const INSERT: Statement = Statement::new(
    "support.insert",
    "INSERT INTO support_requests
         (id, operator_id, operator_sealed, reason_sealed, ticket_sealed, sealed_rev, areas, minutes,
          may_write, without_owner, asked_at, lapses_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
);

pub(super) const STATEMENTS: &[Statement] = &[COUNT_LIVE, INSERT];
