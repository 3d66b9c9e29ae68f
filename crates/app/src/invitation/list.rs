//! Open invitations.

use domain::{
    ids::{InvitationId, MemberId},
    permission::{Assignment, Relation, Right},
};
use jiff::Timestamp;
use store::{Row, Statement};

use crate::{
    Error, Op, field,
    op::{instant, word},
};

/// An invitation.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is invited.
    pub address: String,
    /// As what.
    pub role: Assignment,
    /// Who invited them.
    pub invited_by: MemberId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// Raised by every change.
    pub version: i64,
}

/// Invitations that can be accepted, newest first.
///
/// Errors: [`Error::Forbidden`].
pub fn list_invitations(op: &mut Op) -> Result<Vec<Invitation>, Error> {
    op.require(Right::InviteMembers, Relation::Workspace)?;
    let now = op.now().as_microsecond();
    let rows = op.query(&LIST, &[now.into()])?;
    rows.iter().map(|row| read(op, row)).collect()
}

/// An invitation that can be accepted.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub fn get_invitation(op: &mut Op, id: InvitationId) -> Result<Invitation, Error> {
    let open = list_invitations(op)?;
    open.into_iter().find(|invitation| invitation.id == id).ok_or(Error::NotFound)
}

/// An invitation that was written, whatever has become of it.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`].
pub(crate) fn get_written(op: &mut Op, id: InvitationId) -> Result<Invitation, Error> {
    op.require(Right::InviteMembers, Relation::Workspace)?;
    let row = op.optional(&FIND, &[id.into()])?.ok_or(Error::NotFound)?;
    read(op, &row)
}

fn read(op: &Op, row: &Row) -> Result<Invitation, Error> {
    let id: InvitationId = row.get(0)?;
    let sealed: Vec<u8> = row.get(2)?;
    Ok(Invitation {
        id,
        role: Assignment { role: word(row, 1)?, own: row.get(8)?, client: row.get(9)? },
        address: op.open(field::INVITATION_ADDRESS, id, row.get(3)?, &sealed)?,
        invited_by: row.get(4)?,
        created_at: instant(row, 5)?,
        expires_at: instant(row, 6)?,
        version: row.get(7)?,
    })
}

const FIND: Statement = Statement::new(
    "invitation.find_written",
    "SELECT id, role, address_sealed, sealed_rev, invited_by, created_at, expires_at, version,
            role_id, client_id
     FROM invitations WHERE id = $1",
);

const LIST: Statement = Statement::new(
    "invitation.list",
    "SELECT id, role, address_sealed, sealed_rev, invited_by, created_at, expires_at, version,
            role_id, client_id
     FROM invitations
     WHERE accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $1
     ORDER BY created_at DESC, id DESC",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, LIST];
