//! Join a workspace by an invitation's link.

use std::fmt;

use domain::{
    day::Zone,
    ids::{MemberId, RequestId, UserId, WorkspaceId},
    preference::{ClockFormat, Locale},
    text::Name,
};
use vault::KeyKind;

use super::{invite::read_token, kind, payload};
use crate::{
    Actor, App, Credential, Error, Refusal,
    app::to_the_end,
    identity::{
        Method, NewIntention, Origin, Passed, SignIn, add_membership, delete_intention,
        end_printed_sessions, enter, find_person, get_address, insert_intention, set_zone,
    },
    invitation::{InvitationFound, accept, look_at_invitation, record_acceptance},
    live::Change,
    member::end_managing,
    workspace::{Newcomer, insert_member, record_joining},
};

/// What a person says of themselves when they join.
#[derive(Clone)]
pub struct JoinWorkspace {
    /// What the link carries.
    pub token: String,
    /// Their name.
    pub name: Name,
    /// Where their days begin.
    pub zone: Zone,
    /// How their days are written.
    pub locale: Locale,
    /// The hash of the secret in the browser's login cookie
    /// ([`hash_secret`](crate::identity::hash_secret)): a second factor is asked for in that browser.
    pub cookie_hash: [u8; 32],
    /// Where they are.
    pub origin: Origin,
}

/// The token lets in whoever has it.
impl fmt::Debug for JoinWorkspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinWorkspace").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A person who has joined.
#[derive(Debug)]
pub struct Joined {
    /// Where.
    pub workspace: WorkspaceId,
    /// Their session, or the question for their second factor: the link proved that the mailbox is
    /// theirs.
    pub sign_in: SignIn,
}

impl App {
    /// What an invitation's link shows, without accepting it.
    ///
    /// Errors: [`Refusal::LinkNotValid`].
    pub async fn look_at_invitation_link(
        &self,
        request: RequestId,
        token: &str,
    ) -> Result<InvitationFound, Error> {
        let (workspace, hash) = read_token(token).ok_or(Refusal::LinkNotValid)?;
        self.look_at_invitation(request, workspace, hash).await
    }

    /// Makes the invited person a member and signs them in. Their weeks begin as the workspace's
    /// settings say for new members. Who is a member already stays what they are, and what they manage.
    ///
    /// Errors: [`Refusal::LinkNotValid`], also for somebody who is disabled; [`Error::Store`].
    /// Audit: `member.joined`; `invitation.accepted` for a member.
    pub async fn join(&self, request: RequestId, command: JoinWorkspace) -> Result<Joined, Error> {
        let app = self.clone();
        to_the_end(async move { app.join_now(request, command).await }).await
    }

    async fn join_now(&self, request: RequestId, command: JoinWorkspace) -> Result<Joined, Error> {
        let (workspace, hash) = read_token(&command.token).ok_or(Refusal::LinkNotValid)?;
        let invitation = self.look_at_invitation(request, workspace, hash).await?;
        let address = invitation.address.clone();
        let known = self.read_directory(request, move |op| find_person(op, &address)).await?;
        // Nothing is begun for who could not be signed in at its end.
        if known.is_some_and(|person| person.disabled_at.is_some()) {
            return Err(Refusal::LinkNotValid.into());
        }
        let user = self.find_or_create_person(request, invitation.address.clone()).await?;
        self.passed("join.person").await;
        let member: MemberId = self.new_id();
        self.ensure_keys(&[(KeyKind::Member, member.as_bytes())]).await?;
        self.passed("join.keys").await;
        let intention = self
            .write_directory(request, move |op| {
                let payload = payload(&[&member.to_string()]);
                let intention = NewIntention {
                    kind: kind::JOIN,
                    workspace,
                    user: Some(user),
                    payload: &payload,
                };
                insert_intention(op, &intention)
            })
            .await?;
        self.passed("join.intended").await;
        let (cookie_hash, origin) = (command.cookie_hash, command.origin);
        let (address, zone) = (invitation.address.clone(), command.zone.clone());
        let newcomer = Newcomer {
            user,
            member,
            name: command.name,
            address: invitation.address,
            zone: command.zone,
            week_start: invitation.week_start,
            locale: command.locale,
            clock_format: ClockFormat::H24,
        };
        let entered = self.enter_by_invitation(request, workspace, hash, newcomer).await;
        self.passed("join.entered").await;
        let entered = super::known(entered)?;
        let member = entered.as_ref().ok().copied();
        let sign_in = self
            .write_directory(request, move |op| {
                let Some(member) = member else {
                    delete_intention(op, intention)?;
                    return Ok(None);
                };
                add_membership(op, user, workspace, member)?;
                end_printed_sessions(op, user)?;
                set_zone(op, user, &zone)?;
                if get_address(op, user)?.normalised() != address.normalised() {
                    // It changed meanwhile: whoever reads that mailbox is nobody now, and the sweeper
                    // has the member follow.
                    return Ok(Some(SignIn::NotValid));
                }
                delete_intention(op, intention)?;
                let method = Method::Invitation;
                let passed = Passed { user, method, remember: false, cookie_hash };
                enter(op, passed, &origin).map(Some)
            })
            .await?;
        self.passed("join.finished").await;
        entered?;
        let sign_in = sign_in.ok_or_else(|| Error::bug("a member without a session"))?;
        Ok(Joined { workspace, sign_in })
    }

    /// The workspace's part: the invitation is used up and the member is there, or neither.
    pub(super) async fn enter_by_invitation(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        token_hash: [u8; 32],
        newcomer: Newcomer,
    ) -> Result<MemberId, Error> {
        let entered = self.cross_threshold(workspace, move |threshold| {
            let invitation = look_at_invitation(threshold, &token_hash)?;
            // Somebody who is here, by another address than they had when they were invited, stays what
            // they are: an invitation makes members, and changes none.
            if let Some(member) = threshold.active_member_of(newcomer.user)? {
                accept(threshold, invitation.id, member)?;
                let actor = Actor::new(Credential::System(member), request);
                threshold.enter(actor, |op| record_acceptance(op, invitation.id))?;
                return Ok(member);
            }
            let member = match threshold.member_of(newcomer.user)? {
                // Somebody who was here before comes back as who they were.
                Some(before) => {
                    threshold.let_in_again(before, &newcomer, invitation.role)?;
                    before
                }
                None => {
                    insert_member(threshold, &newcomer, invitation.role)?;
                    newcomer.member
                }
            };
            accept(threshold, invitation.id, member)?;
            let actor = Actor::new(Credential::System(member), request);
            threshold.enter(actor, |op| {
                record_joining(op, &Newcomer { member, ..newcomer.clone() }, invitation.role)?;
                // Who invites somebody gives them the role, and not what they managed once.
                end_managing(op, member)?;
                op.touch_names()
            })?;
            Ok(member)
        });
        let member = entered.await?;
        // Open pages of the others show who has come.
        self.live().send(Change::Workspace { workspace, member });
        Ok(member)
    }

    /// Whether a person is a member now, and as which.
    pub(super) async fn member_now(
        &self,
        workspace: WorkspaceId,
        user: UserId,
    ) -> Result<Option<MemberId>, Error> {
        let found =
            self.look_over_threshold(workspace, move |threshold| threshold.active_member_of(user));
        match found.await {
            Err(Error::NotFound) => Ok(None),
            outcome => outcome,
        }
    }
}
