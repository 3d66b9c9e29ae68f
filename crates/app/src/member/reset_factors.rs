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
    let names = op.names()?;
    let found = names.members.get(&member).filter(|found| found.removed_at.is_none());
    let found =
        found.filter(|_| op.may(Right::ReadMembers, Relation::Workspace)).ok_or(Error::NotFound)?;
    op.require(Right::ResetFactors, names.relation_of_members(op.me().member, member))?;
    proof::require(op, Grave::ResetFactors)?;
    Ok(ResetAsked { by: op.me().user, of: found.user })
}
