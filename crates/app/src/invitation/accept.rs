//! Look at an invitation by its link, and accept it.

use domain::{
    day::Zone,
    ids::{InvitationId, MemberId, RequestId, RoleId, WorkspaceId},
    period::WeekStart,
    permission::{Assignment, Grants, Role, Standing, may_assign},
    text::EmailAddress,
};
use store::{Row, Statement};

use crate::{
    App, Error, Op, Refusal,
    audit::{Event, Fact, Kind},
    field,
    op::{Threshold, word, zone},
};

/// What an invitation's link shows before it is accepted.
#[derive(Debug, Clone)]
pub struct InvitationFound {
    /// Its id.
    pub id: InvitationId,
    /// The workspace's name.
    pub workspace: String,
    /// Who is invited.
    pub address: EmailAddress,
    /// As what.
    pub role: Assignment,
    /// It in words: a role of the workspace's own by its name.
    pub role_name: String,
    /// Where days begin for new members.
    pub zone: Zone,
    /// When weeks begin for new members.
    pub week_start: WeekStart,
}

impl App {
    /// Looks at an invitation without accepting it: what a GET of its link shows.
    ///
    /// Errors: [`Refusal::LinkNotValid`], also for a workspace that is not there.
    pub async fn look_at_invitation(
        &self,
        _request: RequestId,
        workspace: WorkspaceId,
        token_hash: [u8; 32],
    ) -> Result<InvitationFound, Error> {
        let found = self.look_over_threshold(workspace, move |threshold| {
            look_at_invitation(threshold, &token_hash)
        });
        match found.await {
            Err(Error::NotFound) => Err(Refusal::LinkNotValid.into()),
            outcome => outcome,
        }
    }
}

/// Finds an open invitation by its link.
pub(crate) fn look_at_invitation(
    threshold: &mut Threshold,
    token_hash: &[u8; 32],
) -> Result<InvitationFound, Error> {
    let now = threshold.now().as_microsecond();
    let values = [(*token_hash).into(), now.into()];
    let row = threshold.optional(&FIND, &values)?.ok_or(Refusal::LinkNotValid)?;
    if !is_given_still(&row)? {
        return Err(Refusal::LinkNotValid.into());
    }
    let id: InvitationId = row.get(0)?;
    let address: Vec<u8> = row.get(2)?;
    let address = threshold.open(field::INVITATION_ADDRESS, id, row.get(3)?, &address)?;
    let (workspace, name) = (threshold.workspace(), row.get::<Vec<u8>>(4)?);
    let name = threshold.open(field::WORKSPACE_NAME, workspace, row.get(5)?, &name)?;
    let role: Role = word(&row, 1)?;
    let own: Option<RoleId> = row.get(8)?;
    let role_name = match (own, row.get::<Option<Vec<u8>>>(10)?) {
        (Some(id), Some(name)) => threshold.open(field::ROLE_NAME, id, row.get(11)?, &name)?,
        _ => role.as_str().to_owned(),
    };
    Ok(InvitationFound {
        id,
        role_name,
        workspace: name,
        address: EmailAddress::parse(&address).map_err(|_| Error::bug("a stored address"))?,
        role: Assignment { role, own, client: row.get(9)? },
        zone: zone(&row, 6)?,
        week_start: word(&row, 7)?,
    })
}

/// Whether the one who sent it is still here, and may still give what it gives: an invitation is no power
/// that outlives theirs.
fn is_given_still(row: &Row) -> Result<bool, Error> {
    let standing = |role, rights| -> Result<Standing, Error> {
        let grants = row.get::<Option<i64>>(rights)?.map_or(Grants::default(), Grants::from_bits);
        Ok(Standing::new(word(row, role)?, grants))
    };
    let is_here = row.get::<Option<i64>>(13)?.is_none();
    Ok(is_here && may_assign(standing(14, 15)?, None, standing(1, 12)?))
}

/// Marks an open invitation as accepted by a member.
///
/// Errors: [`Refusal::LinkNotValid`] when somebody else was first, or it was revoked.
pub(crate) fn accept(
    threshold: &mut Threshold,
    id: InvitationId,
    member: MemberId,
) -> Result<(), Error> {
    let now = threshold.now().as_microsecond();
    let accepted = threshold.execute(&ACCEPT, &[id.into(), now.into(), member.into()])?;
    if accepted == 1 { Ok(()) } else { Err(Refusal::LinkNotValid.into()) }
}

/// Records that a member accepted one: by joining, or though it made them nothing new.
///
/// Errors: [`Error::Store`]. Audit: `invitation.accepted`.
pub(crate) fn record_acceptance(
    op: &mut Op,
    id: InvitationId,
    member: MemberId,
) -> Result<(), Error> {
    let event = Event::new(Kind::InvitationAccepted, "invitation", id)
        .fact("open", true, false)
        .fact("accepted_by", Fact::None, member.uuid());
    op.record(event)
}

/// Whether the workspace has this invitation, still open.
pub(crate) fn is_open(threshold: &mut Threshold, token_hash: &[u8; 32]) -> Result<bool, Error> {
    let now = threshold.now().as_microsecond();
    Ok(threshold.optional(&FIND, &[(*token_hash).into(), now.into()])?.is_some())
}

const FIND: Statement = Statement::new(
    "invitation.find",
    "SELECT i.id, i.role, i.address_sealed, i.sealed_rev, w.name_sealed, w.sealed_rev,
            w.zone, w.week_start, i.role_id, i.client_id, r.name_sealed, r.sealed_rev,
            r.rights, b.removed_at, b.role, o.rights
     FROM invitations i CROSS JOIN workspace w JOIN members b ON b.id = i.invited_by
          LEFT JOIN roles r ON r.id = i.role_id LEFT JOIN roles o ON o.id = b.role_id
     WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL
       AND i.expires_at > $2",
);

const ACCEPT: Statement = Statement::new(
    "invitation.accept",
    "UPDATE invitations SET accepted_at = $2, accepted_by = $3, version = version + 1
     WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, ACCEPT];
