//! Write an invitation.

use domain::{
    ids::{ClientId, InvitationId, RoleId},
    permission::{Assignment, Relation, Right, may_assign},
    text::EmailAddress,
};
use store::Statement;
use vault::KeyKind;

use super::revoke::revoke;
use crate::{
    Error, Op, Refusal, audit,
    audit::{Event, Fact, Kind},
    field,
    member::checked_standing,
    proof::{self, Grave},
    time_entry::Added,
};

/// How long an invitation can be accepted.
const LIFE_US: i64 = 14 * 86_400 * 1_000_000;

/// An invitation about to be written.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom.
    pub address: EmailAddress,
    /// As what.
    pub role: Assignment,
    /// The hash of the secret in its link.
    pub token_hash: [u8; 32],
    /// A keyed hash of the request, to recognise it when it is sent again.
    pub body: Option<[u8; 32]>,
}

/// Inserts an invitation; [`Added::Before`] when the same request made it before. Nothing is mailed:
/// the whole act is [`crate::App::invite`].
///
/// Errors: [`Error::Forbidden`]; [`Refusal::AlreadyInvited`] for a member's address or an open
/// invitation's; [`Error::IdTaken`]. Audit: `invitation.sent`, and `invitation.revoked` for one of
/// the same address that has expired.
pub fn insert_invitation(op: &mut Op, new: &NewInvitation) -> Result<Added<InvitationId>, Error> {
    require_may_invite(op, new.role)?;
    if op.optional(&EXISTS, &[new.id.into()])?.is_some() {
        let is_same = new.body.is_some() && audit::body_of(op, "invitation", new.id)? == new.body;
        return if is_same { Ok(Added::Before(new.id)) } else { Err(Error::IdTaken) };
    }
    let names = op.names()?;
    let is_member = names.members.values().any(|member| {
        member.removed_at.is_none()
            && EmailAddress::parse(&member.address)
                .is_ok_and(|address| address.normalised() == new.address.normalised())
    });
    if is_member {
        return Err(Refusal::AlreadyInvited.into());
    }
    let now = op.now().as_microsecond();
    let index = address_index(op, &new.address)?;
    // One of theirs that has expired makes way: it gives nothing any more.
    if let Some(row) = op.optional(&FIND_EXPIRED, &[index.into(), now.into()])? {
        revoke(op, row.get(0)?)?;
    }
    let key = op.settings().text_key;
    let sealed = op.seal(key, field::INVITATION_ADDRESS, new.id, 1, new.address.as_str())?;
    let inserted = op.execute(
        &INSERT,
        &[
            new.id.into(),
            new.role.role.as_str().into(),
            sealed.into(),
            index.into(),
            new.token_hash.into(),
            op.me().member.into(),
            now.into(),
            (now + LIFE_US).into(),
            new.role.own.into(),
            new.role.client.into(),
        ],
    )?;
    if inserted == 0 {
        return Err(Refusal::AlreadyInvited.into());
    }
    let event = Event::new(Kind::InvitationSent, "invitation", new.id)
        .fact("role", Fact::None, new.role.role.as_str())
        .fact("own_role", Fact::None, new.role.own.map(RoleId::uuid))
        .fact("client", Fact::None, new.role.client.map(ClientId::uuid))
        .fact("invited_by", Fact::None, op.me().member.uuid())
        .fact("expires_at", Fact::None, now + LIFE_US)
        .text("address", None, Some(new.address.as_str()))
        .made_from(new.body);
    op.record(event)?;
    Ok(Added::New(new.id))
}

/// Refuses who may not invite somebody as this.
///
/// Errors: [`Error::Forbidden`]; [`Error::NeedsProof`]; [`Error::Invalid`].
pub(crate) fn require_may_invite(op: &mut Op, role: Assignment) -> Result<(), Error> {
    op.require(Right::InviteMembers, Relation::Workspace)?;
    let standing = checked_standing(op, role)?;
    if !may_assign(op.me().standing, None, standing) {
        return Err(Error::Forbidden);
    }
    proof::require(op, Grave::GiveRole { before: None, after: standing })
}

/// The workspace's own blind index of an address: another key than the directory's, so that one
/// person cannot be followed from workspace to workspace.
fn address_index(op: &Op, address: &EmailAddress) -> Result<[u8; 32], Error> {
    let key = op.vault().key_for(KeyKind::WorkspaceAddresses, op.workspace().as_bytes());
    let key = key.ok_or_else(|| Error::key_missing(KeyKind::WorkspaceAddresses))?;
    Ok(op.vault().mac_key(key)?.mac("address", address.normalised().as_bytes()))
}

const EXISTS: Statement =
    Statement::new("invitation.exists", "SELECT id FROM invitations WHERE id = $1");

/// Index `invitations_one_open`: one at most.
const FIND_EXPIRED: Statement = Statement::new(
    "invitation.find_expired",
    "SELECT id FROM invitations
     WHERE address_index = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at <= $2",
);

/// The index `invitations_one_open` refuses a second open invitation of an address.
const INSERT: Statement = Statement::new(
    "invitation.insert",
    "INSERT INTO invitations (id, role, address_sealed, address_index, sealed_rev, token_hash,
                              invited_by, created_at, expires_at, version, role_id, client_id)
     VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, 1, $9, $10) ON CONFLICT DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[EXISTS, FIND_EXPIRED, INSERT];
