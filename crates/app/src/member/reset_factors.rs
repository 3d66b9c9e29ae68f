//! Ask for a reset of somebody's second factors: who may. The act is in `act/reset_factors.rs`.

use domain::{
    ids::{MemberId, UserId},
    permission::{Relation, Right},
};

use crate::{
    Error, Op,
    proof::{self, Grave},
};

/// Who asks for a reset, and of whose second factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResetAsked {
    /// The owner who asks.
    pub(crate) by: UserId,
    /// The person.
    pub(crate) of: UserId,
}

/// Lets an owner ask for a reset of a member's second factors. Their own are not taken away so: whoever
/// sits before an owner's browser would need no second factor any more.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::NeedsProof`].
pub(crate) fn require_reset(op: &mut Op, member: MemberId) -> Result<ResetAsked, Error> {
    let asked = require_stop(op, member)?;
    proof::require(op, Grave::ResetFactors)?;
    Ok(asked)
}

/// Lets an owner stop one: who may ask for it may. It needs no fresh proof, as the link in the letter needs
/// none, since it takes nothing away.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub(crate) fn require_stop(op: &mut Op, member: MemberId) -> Result<ResetAsked, Error> {
    let names = op.names()?;
    let found = names.members.get(&member).filter(|found| found.removed_at.is_none());
    let found =
        found.filter(|_| op.may(Right::ReadMembers, Relation::Workspace)).ok_or(Error::NotFound)?;
    op.require(Right::ResetFactors, names.relation_of_members(op.me().member, member))?;
    Ok(ResetAsked { by: op.me().user, of: found.user })
}

/// The members of whose resets the one who asks is told: whom they may ask one for.
///
/// Errors: [`Error::Store`].
pub(crate) fn list_resettable(op: &mut Op) -> Result<Vec<(MemberId, UserId)>, Error> {
    if !op.may(Right::ReadMembers, Relation::Workspace) {
        return Ok(Vec::new());
    }
    let (names, me) = (op.names()?, op.me().member);
    let there = names.members.iter().filter(|(_, found)| found.removed_at.is_none());
    let may = |id| op.may(Right::ResetFactors, names.relation_of_members(me, id));
    Ok(there.filter(|(id, _)| may(**id)).map(|(id, found)| (*id, found.user)).collect())
}
