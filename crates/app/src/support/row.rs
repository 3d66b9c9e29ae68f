//! A row of support access.

use domain::{
    ids::{MemberId, SupportId},
    support::Areas,
};
use store::{Row, Statement};

use super::{Confirmed, Granted, Operator, Support};
use crate::{
    Error, Op, field,
    op::{instant, instant_or_none, optional_word},
};

/// The columns that [`read`] expects.
macro_rules! select_support {
    ($where:literal) => {
        concat!(
            "SELECT s.id, s.operator_id, s.operator_sealed, s.reason_sealed, s.ticket_sealed,
                    s.sealed_rev, s.areas, s.minutes, s.may_write, s.without_owner, s.asked_at,
                    s.lapses_at, s.confirmed_at, s.confirmer_sealed, s.opens_at, s.granted_at,
                    s.granted_by, s.ends_at, s.refused_at, s.refused_by, s.opened_at, s.ended_at,
                    s.ended_by,
                    (SELECT count(*) FROM support_views v WHERE v.support_id = s.id)
             FROM support_requests s ",
            $where
        )
    };
}
pub(super) use select_support;

pub(super) fn read(op: &Op, row: &Row) -> Result<Support, Error> {
    let (id, sealed_rev): (SupportId, i64) = (row.get(0)?, row.get(5)?);
    let open = |field, sealed: Vec<u8>| op.open(field, id, sealed_rev, &sealed);
    let confirmed = match (instant_or_none(row, 12)?, row.get::<Option<Vec<u8>>>(13)?) {
        (Some(at), Some(sealed)) => {
            let by = open(field::SUPPORT_CONFIRMER, sealed)?;
            Some(Confirmed { by, at, opens_at: instant(row, 14)? })
        }
        _ => None,
    };
    let by: Option<MemberId> = row.get(16)?;
    let granted = instant_or_none(row, 15)?
        .map(|at| Ok::<_, Error>(Granted { by, at, ends_at: instant(row, 17)? }))
        .transpose()?;
    Ok(Support {
        id,
        operator: Operator { id: row.get(1)?, name: open(field::SUPPORT_OPERATOR, row.get(2)?)? },
        reason: open(field::SUPPORT_REASON, row.get(3)?)?,
        ticket: open(field::SUPPORT_TICKET, row.get(4)?)?,
        areas: Areas::from_bits(row.get(6)?),
        minutes: row.get(7)?,
        may_write: row.get(8)?,
        without_owner: row.get(9)?,
        asked_at: instant(row, 10)?,
        lapses_at: instant(row, 11)?,
        confirmed,
        granted,
        refused: row.get::<Option<MemberId>>(19)?.zip(instant_or_none(row, 18)?),
        opened_at: instant_or_none(row, 20)?,
        ended: optional_word(row, 22)?.zip(instant_or_none(row, 21)?),
        seen: row.get(23)?,
    })
}

/// Support access, whoever asks; the caller has asked for the right to see it.
///
/// Errors: [`Error::NotFound`].
pub(crate) fn find_support(op: &mut Op, id: SupportId) -> Result<Support, Error> {
    let row = op.optional(&FIND, &[id.into()])?.ok_or(Error::NotFound)?;
    read(op, &row)
}

const FIND: Statement = Statement::new("support.find", select_support!("WHERE s.id = $1"));

pub(super) const STATEMENTS: &[Statement] = &[FIND];
