//! Take an invitation back.

use domain::{
    ids::{InvitationId, MemberId},
    permission::{Assignment, Relation, Right, Standing, may_assign},
};
use store::Statement;

use crate::{
    Error, Op,
    audit::{Event, Kind},
    op::word,
};

/// Takes an open invitation back; its link stops working.
///
/// Errors: [`Error::NotFound`] when it is not open; [`Error::Forbidden`]. Audit:
/// `invitation.revoked`.
pub fn revoke_invitation(op: &mut Op, id: InvitationId) -> Result<(), Error> {
    op.require(Right::InviteMembers, Relation::Workspace)?;
    revoke(op, id)
}

/// Takes back the open invitations of a member that they may send no more; all of them where they are a
/// member no more.
pub(crate) fn revoke_sent_by(
    op: &mut Op,
    member: MemberId,
    standing: Option<Standing>,
) -> Result<(), Error> {
    for row in op.query(&LIST_SENT, &[member.into()])? {
        let role = Assignment { role: word(&row, 1)?, own: row.get(2)?, client: row.get(3)? };
        let given = op.names()?.standing(role);
        if !standing.is_some_and(|standing| may_assign(standing, None, given)) {
            revoke(op, row.get(0)?)?;
        }
    }
    Ok(())
}

fn revoke(op: &mut Op, id: InvitationId) -> Result<(), Error> {
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

/// Index `invitations_sent`.
const LIST_SENT: Statement = Statement::new(
    "invitation.list_sent",
    "SELECT id, role, role_id, client_id FROM invitations
     WHERE invited_by = $1 AND accepted_at IS NULL AND revoked_at IS NULL ORDER BY id",
);

pub(super) const STATEMENTS: &[Statement] = &[REVOKE, LIST_SENT];
