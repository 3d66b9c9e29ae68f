//! Confirm a request where no owner can be reached: a second operator does, and a day begins.

use domain::ids::{OperatorId, SupportId};
use store::Statement;

use super::{Operator, State, Support, find_support};
use crate::{
    Error, Op, Refusal,
    audit::{Event, Kind},
    field,
};

/// So long the owners have, after the second operator, to refuse it.
const NOTICE_US: i64 = 86_400 * 1_000_000;

/// Confirms it; nobody but an owner stops it from then on.
///
/// Errors: [`Error::NotFound`]; [`Refusal::SameOperator`]; [`Refusal::SupportDecided`] for one that
/// was not asked for without an owner, was confirmed, given or refused, or has lapsed before it could be
/// opened.
/// Audit: `support.confirmed`.
pub(crate) fn confirm_support(op: &mut Op, id: SupportId, by: &Operator) -> Result<Support, Error> {
    check_confirm(op, id, by.id)?;
    let now = op.now().as_microsecond();
    let sealed = op.seal(op.settings().text_key, field::SUPPORT_CONFIRMER, id, 1, &by.name)?;
    let opens_at = now + NOTICE_US;
    let values = [id.into(), now.into(), by.id.into(), sealed.into(), opens_at.into()];
    if op.execute(&CONFIRM, &values)? == 0 {
        return Err(Refusal::SupportDecided.into());
    }
    let event = Event::new(Kind::SupportConfirmed, "support", id)
        .by_operator(by.id)
        .text("operator", None, Some(&by.name))
        .fact("opens_at", None::<i64>, opens_at);
    op.record(event)?;
    find_support(op, id)
}

/// Whether it would be refused.
///
/// Errors: those of [`confirm_support`].
pub(crate) fn check_confirm(op: &mut Op, id: SupportId, by: OperatorId) -> Result<(), Error> {
    let support = find_support(op, id)?;
    if support.operator.id == by {
        return Err(Refusal::SameOperator.into());
    }
    let lapses_at = support.lapses_at.as_microsecond();
    let is_late = lapses_at <= op.now().as_microsecond() + NOTICE_US;
    if !support.without_owner || support.state(op.now()) != State::Asked || is_late {
        return Err(Refusal::SupportDecided.into());
    }
    Ok(())
}

const CONFIRM: Statement = Statement::new(
    "support.confirm",
    "UPDATE support_requests
     SET confirmed_at = $2, confirmer_id = $3, confirmer_sealed = $4, opens_at = $5
     WHERE id = $1 AND without_owner = 1 AND confirmed_at IS NULL AND granted_at IS NULL
       AND refused_at IS NULL AND lapses_at > $5 AND operator_id <> $3",
);

pub(super) const STATEMENTS: &[Statement] = &[CONFIRM];
