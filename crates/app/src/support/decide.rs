//! Give support access, or refuse it: an owner's act.

use domain::{
    ids::SupportId,
    permission::{Relation, Right},
};
use store::Statement;

use super::{Support, find_support};
use crate::{
    Error, Op, Refusal,
    actor::Via,
    audit::{Event, Kind},
    proof::{self, Grave},
};

/// What an owner gives: what was asked for, or less.
#[derive(Debug, Clone, Copy)]
pub struct GrantSupport {
    /// Which request.
    pub id: SupportId,
    /// For how long, from now on; as many minutes as were asked for, at most.
    pub minutes: i64,
    /// Whether it may change what it reaches, where that was asked for.
    pub may_write: bool,
}

/// Refuses to anybody but an owner who is signed in: a program answers for nobody's eyes.
fn require_owner(op: &Op) -> Result<(), Error> {
    op.require(Right::GrantSupport, Relation::Workspace)?;
    match op.me().via {
        Via::Session | Via::UnprovenSession => Ok(()),
        Via::Token(..) | Via::Support(..) | Via::System => Err(Error::Forbidden),
    }
}

/// Lets support in, until so many minutes from now.
///
/// Errors: [`Error::Forbidden`]; [`Error::NeedsProof`]; [`Error::NotFound`]; [`Error::Invalid`] for
/// `minutes`; [`Refusal::SupportDecided`]. Audit: `support.granted`.
pub fn grant_support(op: &mut Op, grant: GrantSupport) -> Result<Support, Error> {
    require_owner(op)?;
    let asked = find_support(op, grant.id)?;
    proof::require(op, Grave::GrantSupport)?;
    if !(1..=asked.minutes).contains(&grant.minutes) {
        let message = format!("Give 1 to {} minutes.", asked.minutes);
        return Err(Error::invalid("minutes", "out_of_range", message));
    }
    let may_write = asked.may_write && grant.may_write;
    let now = op.now().as_microsecond();
    let ends_at = now + grant.minutes * 60_000_000;
    let me = op.me().member;
    let values = [
        grant.id.into(),
        now.into(),
        me.into(),
        ends_at.into(),
        grant.minutes.into(),
        may_write.into(),
    ];
    if op.execute(&GRANT, &values)? == 0 {
        return Err(Refusal::SupportDecided.into());
    }
    let event = Event::new(Kind::SupportGranted, "support", grant.id)
        .fact("minutes", asked.minutes, grant.minutes)
        .fact("may_write", asked.may_write, may_write)
        .fact("ends_at", None::<i64>, ends_at);
    op.record(event)?;
    find_support(op, grant.id)
}

/// Refuses it, as long as it was not given: what was given is ended.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`]; [`Refusal::SupportDecided`].
/// Audit: `support.refused`.
pub fn refuse_support(op: &mut Op, id: SupportId) -> Result<Support, Error> {
    require_owner(op)?;
    find_support(op, id)?;
    let values = [id.into(), op.now().as_microsecond().into(), op.me().member.into()];
    if op.execute(&REFUSE, &values)? == 0 {
        return Err(Refusal::SupportDecided.into());
    }
    op.record(Event::new(Kind::SupportRefused, "support", id))?;
    find_support(op, id)
}

const GRANT: Statement = Statement::new(
    "support.grant",
    "UPDATE support_requests
     SET granted_at = $2, granted_by = $3, ends_at = $4, minutes = $5, may_write = $6
     WHERE id = $1 AND granted_at IS NULL AND refused_at IS NULL AND lapses_at > $2",
);

const REFUSE: Statement = Statement::new(
    "support.refuse",
    "UPDATE support_requests SET refused_at = $2, refused_by = $3
     WHERE id = $1 AND granted_at IS NULL AND refused_at IS NULL AND lapses_at > $2",
);

pub(super) const STATEMENTS: &[Statement] = &[GRANT, REFUSE];
