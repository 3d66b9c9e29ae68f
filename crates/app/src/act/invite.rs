//! Invite a person: the invitation in the workspace, the mail in the directory's outbox.

use std::fmt;

use domain::{
    ids::{InvitationId, LetterId, WorkspaceId},
    permission::Assignment,
    text::{EmailAddress, Name},
};
use uuid::Uuid;

use super::{kind, payload};
use crate::{
    Actor, App, DirectoryOp, Error,
    app::to_the_end,
    identity::{
        LetterKind, NewIntention, delete_intention, enqueue_as, hash_secret, insert_intention,
        keyed_id, letters, take_back,
    },
    invitation::{
        Invitation, NewInvitation, get_invitation, get_written, insert_invitation,
        require_may_invite, revoke_invitation,
    },
    time_entry::Added,
};

/// A person to be invited.
#[derive(Clone)]
pub struct Invite {
    /// The invitation's id, where the caller chose it.
    pub id: Option<InvitationId>,
    /// Whom.
    pub address: EmailAddress,
    /// As what.
    pub role: Assignment,
    /// Where the server is reached, from the configuration.
    pub base_url: String,
    /// The request as sent, to recognise it when it is sent again; none from a page.
    pub request_body: Option<Vec<u8>>,
}

/// The body is what somebody typed.
impl fmt::Debug for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut command = f.debug_struct("Invite");
        command.field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

impl App {
    /// Invites a person by e-mail.
    ///
    /// Errors: [`Error::Forbidden`]; [`crate::Refusal::AlreadyInvited`]; [`Error::IdTaken`];
    /// [`Error::Store`]. Audit: `invitation.sent`.
    pub async fn invite(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        command: Invite,
    ) -> Result<Added<Invitation>, Error> {
        self.send_invitation(actor, workspace, command, None).await
    }

    /// Sends an open invitation again, with a new link and a new end; the link sent before stops
    /// working.
    ///
    /// Errors: [`Error::NotFound`] when it is not open; [`Error::Forbidden`]; [`Error::Store`].
    /// Audit: `invitation.revoked`, `invitation.sent`.
    pub async fn invite_again(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        id: InvitationId,
        base_url: String,
    ) -> Result<Invitation, Error> {
        let open = self.read(actor, workspace, move |op| get_invitation(op, id)).await?;
        let command = Invite {
            id: None,
            address: crate::input::address("email", &open.address)?,
            role: open.role,
            base_url,
            request_body: None,
        };
        let sent = self.send_invitation(actor, workspace, command, Some(id)).await?;
        Ok(sent.into_inner())
    }

    /// Writes an invitation, in the place of one that it revokes, and enqueues its mail.
    async fn send_invitation(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        command: Invite,
        replaces: Option<InvitationId>,
    ) -> Result<Added<Invitation>, Error> {
        let app = self.clone();
        to_the_end(
            async move { app.send_invitation_now(actor, workspace, command, replaces).await },
        )
        .await
    }

    async fn send_invitation_now(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        command: Invite,
        replaces: Option<InvitationId>,
    ) -> Result<Added<Invitation>, Error> {
        let id = command.id.unwrap_or_else(|| self.new_id());
        let secret = self.draw_secret();
        let token = format!("{}.{}", workspace.uuid().as_simple(), secret.expose());
        let token_hash =
            hash_secret(secret.expose()).ok_or_else(|| Error::bug("a drawn secret"))?;
        let letter = LetterOf {
            invitation: id,
            replaces,
            address: command.address.clone(),
            token,
            token_hash,
            base_url: command.base_url.clone(),
        };
        let (inviter, name) = self.inviter(actor, workspace, command.role).await?;
        let text = letter.payload(&inviter, &name);
        let intention = self
            .write_directory(actor.request, move |op| {
                let intention =
                    NewIntention { kind: kind::INVITE, workspace, user: None, payload: &text };
                insert_intention(op, &intention)
            })
            .await?;
        self.passed("invite.intended").await;
        let body = command.request_body;
        let written = self
            .write(actor, workspace, move |op| {
                let body = body.as_deref().map(|body| op.body_mac("createInvitation", body));
                let new = NewInvitation {
                    id,
                    address: command.address.clone(),
                    role: command.role,
                    token_hash,
                    body: body.transpose()?,
                };
                if let Some(old) = replaces {
                    revoke_invitation(op, old)?;
                }
                let added = insert_invitation(op, &new)?;
                Ok((matches!(added, Added::New(_)), get_written(op, id)?))
            })
            .await;
        self.passed("invite.written").await;
        let written = super::known(written)?;
        // A refusal leaves nothing to mail.
        let is_new = matches!(written, Ok((true, _)));
        self.write_directory(actor.request, move |op| {
            if is_new {
                letter.enqueue(op, &inviter, &name)?;
            }
            delete_intention(op, intention)
        })
        .await?;
        self.passed("invite.finished").await;
        let (is_new, invitation) = written?;
        Ok(if is_new { Added::New(invitation) } else { Added::Before(invitation) })
    }

    /// The names of who invites, and whereto; for who may.
    async fn inviter(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        role: Assignment,
    ) -> Result<(Name, Name), Error> {
        self.read(actor, workspace, move |op| {
            require_may_invite(op, role)?;
            let names = op.names()?;
            let me = names.members.get(&op.me().member).ok_or(Error::NotFound)?;
            let name = |text| crate::input::name("name", text);
            Ok((name(&me.name)?, name(&names.workspace)?))
        })
        .await
    }
}

/// What the invitation's mail is made of, so that the sweeper can send it too.
pub(super) struct LetterOf {
    invitation: InvitationId,
    /// The invitation in whose place it comes.
    replaces: Option<InvitationId>,
    address: EmailAddress,
    /// Workspace and secret, as the link carries them.
    token: String,
    pub(super) token_hash: [u8; 32],
    base_url: String,
}

impl LetterOf {
    fn payload(&self, inviter: &Name, workspace: &Name) -> String {
        let address = self.address.as_str();
        let (invitation, token, base_url) =
            (self.invitation.to_string(), &self.token, &self.base_url);
        let replaces = self.replaces.map(|id| id.to_string()).unwrap_or_default();
        let (inviter, workspace) = (inviter.as_str(), workspace.as_str());
        payload(&[&invitation, &replaces, address, token, base_url, inviter, workspace])
    }

    /// Reads what [`Self::payload`] wrote.
    pub(super) fn read(text: &str) -> Result<(Self, Name, Name), Error> {
        let [invitation, replaces, address, token, base_url, inviter, workspace] =
            super::fields(text)?;
        let (_, secret) = read_token(token).ok_or_else(|| Error::bug("an intention's token"))?;
        let letter = Self {
            invitation: super::parse(invitation)?,
            replaces: Some(replaces).filter(|id| !id.is_empty()).map(super::parse).transpose()?,
            address: crate::input::address("email", address)?,
            token: token.to_owned(),
            token_hash: secret,
            base_url: base_url.to_owned(),
        };
        let name = |text| crate::input::name("name", text);
        Ok((letter, name(inviter)?, name(workspace)?))
    }

    /// Puts the letter into the outbox, and takes back that of the invitation it replaces when it
    /// was not sent yet: its link no longer works.
    pub(super) fn enqueue(
        &self,
        op: &mut DirectoryOp,
        inviter: &Name,
        workspace: &Name,
    ) -> Result<(), Error> {
        let letter =
            letters::invitation(&self.address, inviter, workspace, &self.base_url, &self.token)?;
        let (place, _) =
            read_token(&self.token).ok_or_else(|| Error::bug("an invitation's token"))?;
        if let Some(older) = self.replaces {
            let older = letter_id(op, place, older)?;
            take_back(op, older)?;
        }
        let id = letter_id(op, place, self.invitation)?;
        enqueue_as(op, id, LetterKind::Invitation, &letter)
    }
}

/// The id of an invitation's letter. Clients choose the ids of invitations, each workspace for itself,
/// so that the letter's is made from both.
fn letter_id(
    op: &mut DirectoryOp,
    workspace: WorkspaceId,
    invitation: InvitationId,
) -> Result<LetterId, Error> {
    let ids = [workspace.as_bytes(), invitation.as_bytes()].concat();
    keyed_id(op, "invitation-letter", &ids)
}

/// The workspace and the hash of the secret that an invitation's link carries.
pub(super) fn read_token(token: &str) -> Option<(WorkspaceId, [u8; 32])> {
    let (workspace, secret) = token.split_once('.')?;
    let workspace = Uuid::try_parse(workspace).ok()?;
    Some((WorkspaceId::from_uuid(workspace), hash_secret(secret)?))
}
