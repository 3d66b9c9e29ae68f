//! Join a workspace: by an invitation's link, or by one's mail domain.

use std::fmt;

use domain::{
    day::Zone,
    ids::{IntentionId, MemberId, RequestId, UserId, WorkspaceId},
    period::WeekStart,
    permission::Assignment,
    preference::{ClockFormat, Locale},
    text::{EmailAddress, Name},
};
use vault::KeyKind;

use super::{by_rule::tell, invite::read_token, kind, payload};
use crate::{
    Actor, App, Credential, Error, Refusal,
    app::to_the_end,
    identity::{
        Method, NewIntention, Origin, Passed, SignIn, add_membership, delete_intention,
        end_printed_sessions, enter, find_person, get_address, insert_intention, set_zone,
        use_up_offer,
    },
    invitation::{accept, look_at_invitation, record_acceptance},
    joining::{ByRule, Tidings, enter_by_rule, find_tidings},
    live::Change,
    member::end_managing,
    op::Threshold,
    workspace::{Newcomer, insert_member, record_joining, record_joining_by_rule},
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
pub struct Joined {
    /// Where.
    pub workspace: WorkspaceId,
    /// Their session, or the question for their second factor: the link proved that the mailbox is
    /// theirs. None where an invitation came to who was known before: they sign in as ever, since the
    /// link is good for two weeks, and to their account belongs more than this workspace.
    pub sign_in: Option<SignIn>,
}

/// What a link to join shows before it is used.
#[derive(Debug, Clone)]
pub struct Invitee {
    /// The workspace's name.
    pub workspace: String,
    /// Who is let in.
    pub address: EmailAddress,
    /// As what.
    pub role: Assignment,
    /// It in words: a role of the workspace's own by its name.
    pub role_name: String,
    /// Where days begin for new members.
    pub zone: Zone,
    /// When weeks begin for new members.
    pub week_start: WeekStart,
    pub(super) place: WorkspaceId,
    pub(super) by: By,
}

impl Invitee {
    /// Whether nobody invited them: they may join by the domain of their address.
    pub fn is_by_rule(&self) -> bool {
        matches!(self.by, By::Rule { .. })
    }
}

/// By what somebody is let in.
#[derive(Clone)]
pub(super) enum By {
    /// The invitation whose link has this hash.
    Invitation([u8; 32]),
    /// The rule about mail domains, by the link that has this hash, or by a session.
    Rule { rule: ByRule, link: Option<[u8; 32]> },
}

/// The hash of a link is nobody's business.
impl fmt::Debug for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Invitation(_)) { "Invitation" } else { "Rule" })
    }
}

/// Somebody known to the directory, on their way into a workspace.
pub(super) struct Newcoming {
    pub(super) user: UserId,
    pub(super) name: Name,
    pub(super) zone: Zone,
    pub(super) locale: Locale,
    /// In which browser they are signed in then; none where they are already.
    pub(super) enters: Option<([u8; 32], Origin)>,
}

/// What the workspace's part of an act has made.
pub(super) struct Entered {
    member: MemberId,
    tidings: Option<Tidings>,
}

impl App {
    /// What a link to join shows, without using it: that of an invitation, or one that was mailed to who
    /// may join by their mail domain.
    ///
    /// Errors: [`Refusal::LinkNotValid`]; [`Refusal::NoJoining`].
    pub async fn look_at_join_link(
        &self,
        request: RequestId,
        token: &str,
    ) -> Result<Invitee, Error> {
        let (workspace, hash) = read_token(token).ok_or(Refusal::LinkNotValid)?;
        match self.look_at_invitation(request, workspace, hash).await {
            Err(Error::Refused(Refusal::LinkNotValid)) => {
                self.look_at_offer(request, workspace, hash).await
            }
            found => found.map(|invitation| Invitee {
                workspace: invitation.workspace,
                address: invitation.address,
                role: invitation.role,
                role_name: invitation.role_name,
                zone: invitation.zone,
                week_start: invitation.week_start,
                place: workspace,
                by: By::Invitation(hash),
            }),
        }
    }

    /// Makes the person to whom the link was mailed a member, and signs them in where they are new. Their weeks begin as the
    /// workspace's settings say for new members. Who is a member already stays what they are, and what
    /// they manage.
    ///
    /// Errors: [`Refusal::LinkNotValid`], also for somebody who is disabled; [`Refusal::NoJoining`];
    /// [`Refusal::TooManyJoined`]; [`Error::Store`]. Audit: `member.joined`, where they were none;
    /// `invitation.accepted`.
    pub async fn join(&self, request: RequestId, command: JoinWorkspace) -> Result<Joined, Error> {
        let app = self.clone();
        to_the_end(async move { app.join_now(request, command).await }).await
    }

    async fn join_now(&self, request: RequestId, command: JoinWorkspace) -> Result<Joined, Error> {
        let invitee = self.look_at_join_link(request, &command.token).await?;
        let (workspace, address) = (invitee.place, invitee.address.clone());
        let known = self.read_directory(request, move |op| find_person(op, &address)).await?;
        // Nothing is begun for who could not be signed in at its end.
        if known.is_some_and(|person| person.disabled_at.is_some()) {
            return Err(Refusal::LinkNotValid.into());
        }
        let user = self.find_or_create_person(request, invitee.address.clone()).await?;
        self.passed("join.person").await;
        let JoinWorkspace { name, zone, locale, cookie_hash, origin, .. } = command;
        let is_own_to_begin = known.is_none() || invitee.is_by_rule();
        let enters = is_own_to_begin.then_some((cookie_hash, origin));
        let coming = Newcoming { user, name, zone, locale, enters };
        let sign_in = self.come_in(request, invitee, coming).await?;
        Ok(Joined { workspace, sign_in })
    }

    /// Makes somebody a member, and signs them in where they are not.
    pub(super) async fn come_in(
        &self,
        request: RequestId,
        invitee: Invitee,
        coming: Newcoming,
    ) -> Result<Option<SignIn>, Error> {
        let (workspace, user) = (invitee.place, coming.user);
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
        let newcomer = Newcomer {
            user,
            member,
            name: coming.name,
            address: invitee.address.clone(),
            zone: coming.zone.clone(),
            week_start: invitee.week_start,
            locale: coming.locale,
            clock_format: ClockFormat::H24,
        };
        let entered = self.enter_by(request, workspace, invitee.by.clone(), newcomer).await;
        self.passed("join.entered").await;
        let ending = Ending {
            intention,
            workspace,
            user,
            zone: coming.zone,
            invitee,
            enters: coming.enters,
            entered: super::known(entered)?,
        };
        let (sign_in, entered) = self.end_joining(request, ending).await?;
        self.passed("join.finished").await;
        entered.map(|()| sign_in)
    }

    /// What the directory owes, once it is known what became of the workspace's part.
    async fn end_joining(
        &self,
        request: RequestId,
        ending: Ending,
    ) -> Result<(Option<SignIn>, Result<(), Error>), Error> {
        let Ending { intention, workspace, user, zone, invitee, enters, entered } = ending;
        let (entered, outcome) = match entered {
            Ok(entered) => (Some(entered), Ok(())),
            Err(error) => (None, Err(error)),
        };
        let sign_in = self.write_directory(request, move |op| {
            let Some(Entered { member, tidings }) = &entered else {
                delete_intention(op, intention)?;
                return Ok(None);
            };
            add_membership(op, user, workspace, *member)?;
            end_printed_sessions(op, user)?;
            // Who holds an invitation has not shown that an account which is there is theirs.
            if enters.is_some() || invitee.is_by_rule() {
                set_zone(op, user, &zone)?;
            }
            if let By::Rule { link: Some(link), .. } = &invitee.by {
                use_up_offer(op, link)?;
            }
            if get_address(op, user)?.normalised() != invitee.address.normalised() {
                // It changed meanwhile: whoever reads that mailbox is nobody now, and the sweeper
                // has the member follow.
                return Ok(Some(SignIn::NotValid));
            }
            tidings.iter().try_for_each(|tidings| tell(op, workspace, tidings))?;
            delete_intention(op, intention)?;
            let Some((cookie_hash, origin)) = &enters else { return Ok(None) };
            let (method, cookie_hash) = (Method::Invitation, *cookie_hash);
            enter(op, Passed { user, method, remember: false, cookie_hash }, origin).map(Some)
        });
        Ok((sign_in.await?, outcome))
    }

    /// The workspace's part: what lets in is used up and the member is there, or neither.
    pub(super) async fn enter_by(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        by: By,
        newcomer: Newcomer,
    ) -> Result<Entered, Error> {
        let entered = self.cross_threshold(workspace, move |threshold| match &by {
            By::Invitation(hash) => enter_by_invitation(threshold, request, hash, &newcomer),
            By::Rule { rule, .. } => enter_by_the_rule(threshold, request, rule, &newcomer),
        });
        let entered = entered.await?;
        // Open pages of the others show who has come.
        self.live().send(Change::Workspace { workspace, member: entered.member });
        Ok(entered)
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

/// An act whose part in the workspace is over.
struct Ending {
    intention: IntentionId,
    workspace: WorkspaceId,
    user: UserId,
    zone: Zone,
    invitee: Invitee,
    enters: Option<([u8; 32], Origin)>,
    entered: Result<Entered, Error>,
}

fn enter_by_invitation(
    threshold: &mut Threshold,
    request: RequestId,
    token_hash: &[u8; 32],
    newcomer: &Newcomer,
) -> Result<Entered, Error> {
    let invitation = look_at_invitation(threshold, token_hash)?;
    // Somebody who is here, by another address than they had when they were invited, stays what they
    // are: an invitation makes members, and changes none.
    if let Some(member) = threshold.active_member_of(newcomer.user)? {
        accept(threshold, invitation.id, member)?;
        let actor = Actor::new(Credential::System(member), request);
        threshold.enter(actor, |op| record_acceptance(op, invitation.id, member))?;
        return Ok(Entered { member, tidings: None });
    }
    let member = match threshold.member_of(newcomer.user)? {
        // Somebody who was here before comes back as who they were.
        Some(before) => {
            threshold.let_in_again(before, newcomer, invitation.role)?;
            before
        }
        None => {
            insert_member(threshold, newcomer, invitation.role)?;
            newcomer.member
        }
    };
    accept(threshold, invitation.id, member)?;
    let actor = Actor::new(Credential::System(member), request);
    threshold.enter(actor, |op| {
        record_joining(op, &Newcomer { member, ..newcomer.clone() }, invitation.role)?;
        record_acceptance(op, invitation.id, member)?;
        // Who invites somebody gives them the role, and not what they managed once.
        end_managing(op, member)?;
        op.touch_names()
    })?;
    Ok(Entered { member, tidings: None })
}

fn enter_by_the_rule(
    threshold: &mut Threshold,
    request: RequestId,
    rule: &ByRule,
    newcomer: &Newcomer,
) -> Result<Entered, Error> {
    let role = enter_by_rule(threshold, rule, newcomer)?;
    let member = newcomer.member;
    let actor = Actor::new(Credential::System(member), request);
    let tidings = threshold.enter(actor, |op| {
        record_joining_by_rule(op, newcomer, role)?;
        op.touch_names()?;
        find_tidings(op)
    })?;
    Ok(Entered { member, tidings })
}
