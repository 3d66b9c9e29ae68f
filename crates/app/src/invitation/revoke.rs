//! Take an invitation back.

use domain::{
    ids::InvitationId,
    permission::{Relation, Right},
};
use store::Statement;

use crate::{
    Error, Op,
    audit::{Event, Kind},
};

/// Takes an open invitation back; its link stops working.
///
/// Errors: [`Error::NotFound`] when it is not open; [`Error::Forbidden`]. Audit:
/// `invitation.revoked`.
pub fn revoke_invitation(op: &mut Op, id: InvitationId) -> Result<(), Error> {
    op.require(Right::InviteMembers, Relation::Workspace)?;
    let revoked = op.execute(&REVOKE, &[id.into(), op.now().as_microsecond().into()])?;
    if revoked == 0 {
        return Err(Error::NotFound);
    }
    op.record(Event::new(Kind::InvitationRevoked, "invitation", id).fact("open", true, false))
}

const REVOKE: Statement = Statement::new(
    "invitation.revoke",
    "UPDATE invitations SET revoked_at = $2, version = version + 1
     WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[REVOKE];
