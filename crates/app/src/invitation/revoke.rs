//! Take an invitation back.

use domain::{
    ids::{InvitationId, MemberId},
    permission::{Assignment, Relation, Right, Standing, may_assign},
};
use store::{Row, Statement};

use crate::{
    Error, Op,
    audit::{Event, Kind},
    op::word,
    proof::{self, Grave},
};

/// Takes an open invitation back; its link stops working. Asks for what sending it asks for: nobody takes
/// away what they may not give.
///
/// Errors: [`Error::NotFound`] when it is not open; [`Error::Forbidden`], also for who may not invite as
/// what it gives; [`Error::NeedsProof`]. Audit: `invitation.revoked`.
pub fn revoke_invitation(op: &mut Op, id: InvitationId) -> Result<(), Error> {
    op.require(Right::InviteMembers, Relation::Workspace)?;
    let row = op.optional(&FIND_OPEN, &[id.into()])?.ok_or(Error::NotFound)?;
    let given = op.names()?.standing(assignment(&row, 0)?);
    if !may_assign(op.me().standing, None, given) {
        return Err(Error::Forbidden);
    }
    proof::require(op, Grave::GiveRole { before: Some(given), after: given })?;
    revoke(op, id)
}

/// Role, role of the workspace's own and client, from this column on.
fn assignment(row: &Row, at: usize) -> Result<Assignment, Error> {
    Ok(Assignment { role: word(row, at)?, own: row.get(at + 1)?, client: row.get(at + 2)? })
}

/// Takes back the open invitations of a member that they may send no more; all of them where they are a
/// member no more.
pub(crate) fn revoke_sent_by(
    op: &mut Op,
    member: MemberId,
    standing: Option<Standing>,
) -> Result<(), Error> {
    for row in op.query(&LIST_SENT, &[member.into()])? {
        let given = op.names()?.standing(assignment(&row, 1)?);
        if !standing.is_some_and(|standing| may_assign(standing, None, given)) {
            revoke(op, row.get(0)?)?;
        }
    }
    Ok(())
}

/// Takes one back, whoever asks.
///
/// Errors: [`Error::NotFound`] when it is not open. Audit: `invitation.revoked`.
pub(super) fn revoke(op: &mut Op, id: InvitationId) -> Result<(), Error> {
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

const FIND_OPEN: Statement = Statement::new(
    "invitation.find_open",
    "SELECT role, role_id, client_id FROM invitations
     WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL",
);

/// Index `invitations_sent`.
const LIST_SENT: Statement = Statement::new(
    "invitation.list_sent",
    "SELECT id, role, role_id, client_id FROM invitations
     WHERE invited_by = $1 AND accepted_at IS NULL AND revoked_at IS NULL ORDER BY id",
);

pub(super) const STATEMENTS: &[Statement] = &[REVOKE, FIND_OPEN, LIST_SENT];
