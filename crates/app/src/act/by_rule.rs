//! Join a workspace by one's mail domain, without an invitation: what may be joined, and by whom.
//!
//! The directory finds the workspaces, each workspace's own rule decides, and the directory says of its
//! owners which mailboxes are theirs. All of it is asked again where somebody comes in.

use std::fmt;

use domain::{
    day::Zone,
    ids::{LetterId, RequestId, UserId, WorkspaceId},
    joining::MailDomain,
    period::WeekStart,
    permission::Assignment,
    preference::Locale,
    text::{EmailAddress, Name},
};

use super::join::{By, Invitee, Newcoming};
use crate::{
    Actor, App, Credential, DirectoryOp, Error, Refusal,
    app::to_the_end,
    identity::{
        JoinPlace, LetterKind, Session, enqueue_as, find_offer, find_own_places, find_places,
        get_address, hash_secret, keyed_id, letters, list_shown_domains,
    },
    joining::{ByRule, Tidings, find_tidings, look_at_rule},
};

/// A workspace that somebody may join by themselves.
#[derive(Debug, Clone)]
pub struct Joinable {
    /// Which.
    pub workspace: WorkspaceId,
    /// Its name.
    pub name: String,
    /// As what.
    pub role: Assignment,
    /// It in words: a role of the workspace's own by its name.
    pub role_name: String,
    /// Where days begin for new members.
    pub zone: Zone,
    /// When weeks begin for new members.
    pub week_start: WeekStart,
    by: ByRule,
}

/// What somebody who is signed in says of themselves when they join by their mail domain.
#[derive(Clone)]
pub struct JoinByRule {
    /// Where.
    pub workspace: WorkspaceId,
    /// Their name.
    pub name: Name,
    /// Where their days begin.
    pub zone: Zone,
    /// How their days are written.
    pub locale: Locale,
}

/// The name is the person's.
impl fmt::Debug for JoinByRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinByRule").field("workspace", &self.workspace).finish_non_exhaustive()
    }
}

impl Joinable {
    /// As an invitation shows it.
    pub(super) fn into_invitee(self, address: EmailAddress, link: Option<[u8; 32]>) -> Invitee {
        Invitee {
            workspace: self.name,
            address,
            role: self.role,
            role_name: self.role_name,
            zone: self.zone,
            week_start: self.week_start,
            place: self.workspace,
            by: By::Rule { rule: self.by, link },
        }
    }
}

impl App {
    /// The workspaces that the link of an offer lets join, the oldest first, with the address it was
    /// mailed to; none where no such link works, or not any more.
    ///
    /// Errors: [`Error::Store`].
    pub async fn list_offered(
        &self,
        request: RequestId,
        token: &str,
    ) -> Result<Vec<Joinable>, Error> {
        let Some(hash) = hash_secret(token) else { return Ok(Vec::new()) };
        match self.find_offered(request, hash).await? {
            Some((address, places)) => self.list_joinable(request, &address, places).await,
            None => Ok(Vec::new()),
        }
    }

    /// The workspaces that somebody who is signed in may join by the address they sign in with, the
    /// oldest first.
    ///
    /// Errors: [`Error::Store`].
    pub async fn list_joinable_by(
        &self,
        request: RequestId,
        session: Session,
    ) -> Result<Vec<Joinable>, Error> {
        let (address, places) = self.own_places(request, session).await?;
        self.list_joinable(request, &address, places).await
    }

    /// One of these workspaces, as an invitation to it would be shown.
    ///
    /// Errors: [`Error::NotFound`] for all others.
    pub async fn look_at_joinable(
        &self,
        request: RequestId,
        session: Session,
        workspace: WorkspaceId,
    ) -> Result<Invitee, Error> {
        let (address, places) = self.own_places(request, session).await?;
        let place = places.into_iter().find(|place| place.workspace == workspace);
        let found = self.find_joinable(request, &address, place.ok_or(Error::NotFound)?).await?;
        Ok(found.ok_or(Error::NotFound)?.into_invitee(address, None))
    }

    /// Makes somebody who is signed in a member by the address they sign in with.
    ///
    /// Errors: [`Error::NotFound`] for a workspace that they may not join; [`Refusal::NoJoining`] where
    /// that ended in this moment; [`Refusal::TooManyJoined`]; [`Error::Store`]. Audit: `member.joined`.
    pub async fn join_by_rule(
        &self,
        request: RequestId,
        session: Session,
        command: JoinByRule,
    ) -> Result<(), Error> {
        let app = self.clone();
        to_the_end(async move { app.join_by_rule_now(request, session, command).await }).await
    }

    async fn join_by_rule_now(
        &self,
        request: RequestId,
        session: Session,
        command: JoinByRule,
    ) -> Result<(), Error> {
        let invitee = self.look_at_joinable(request, session, command.workspace).await?;
        let JoinByRule { name, zone, locale, .. } = command;
        let coming = Newcoming { user: session.user, name, zone, locale, enters: None };
        self.come_in(request, invitee, coming).await.map(drop)
    }

    async fn own_places(
        &self,
        request: RequestId,
        session: Session,
    ) -> Result<(EmailAddress, Vec<JoinPlace>), Error> {
        self.read_directory(request, move |op| {
            Ok((get_address(op, session.user)?, find_own_places(op, &session)?))
        })
        .await
    }

    /// What an invitation's page shows of a link that was mailed to who may join.
    ///
    /// Errors: [`Refusal::LinkNotValid`] where there is no such link; [`Refusal::NoJoining`] where it
    /// lets nobody in there any more.
    pub(super) async fn look_at_offer(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        hash: [u8; 32],
    ) -> Result<Invitee, Error> {
        let offered = self.find_offered(request, hash).await?;
        let (address, places) = offered.ok_or(Refusal::LinkNotValid)?;
        let place = places.into_iter().find(|place| place.workspace == workspace);
        let place = place.ok_or(Refusal::NoJoining)?;
        let found = self.find_joinable(request, &address, place).await?;
        Ok(found.ok_or(Refusal::NoJoining)?.into_invitee(address, Some(hash)))
    }

    /// What the directory has of an offer: those of its workspaces whose rule is the one of that time.
    async fn find_offered(
        &self,
        request: RequestId,
        hash: [u8; 32],
    ) -> Result<Option<(EmailAddress, Vec<JoinPlace>)>, Error> {
        self.read_directory(request, move |op| {
            let Some(offer) = find_offer(op, &hash)? else { return Ok(None) };
            let mut places = find_places(op, &offer.address)?;
            places.retain(|place| offer.places.contains(place));
            Ok(Some((offer.address, places)))
        })
        .await
    }

    async fn list_joinable(
        &self,
        request: RequestId,
        address: &EmailAddress,
        places: Vec<JoinPlace>,
    ) -> Result<Vec<Joinable>, Error> {
        let mut joinable = Vec::new();
        for place in places {
            joinable.extend(self.find_joinable(request, address, place).await?);
        }
        Ok(joinable)
    }

    /// What the workspace itself says, and the directory of its owners. Where the two do not say the
    /// same of the rule, as after a copy was put back, the directory learns it now.
    async fn find_joinable(
        &self,
        request: RequestId,
        address: &EmailAddress,
        place: JoinPlace,
    ) -> Result<Option<Joinable>, Error> {
        let JoinPlace { workspace, version } = place;
        let found = match self.look_over_threshold(workspace, look_at_rule).await {
            Err(Error::NotFound) => return Ok(None),
            found => found?,
        };
        if found.version != version {
            self.settle_join_domains(workspace).await?;
            return Ok(None);
        }
        if !found.lets_in(address) {
            return Ok(None);
        }
        let owners = self.owners_at(request, found.owners, MailDomain::of(address)).await?;
        Ok((!owners.is_empty()).then_some(Joinable {
            workspace,
            name: found.workspace,
            role: found.rule.role,
            role_name: found.role_name,
            zone: found.zone,
            week_start: found.week_start,
            by: ByRule { version, owners },
        }))
    }

    /// Those of these people who may sign in, and have shown that their mailbox is at this domain.
    async fn owners_at(
        &self,
        request: RequestId,
        owners: Vec<UserId>,
        domain: MailDomain,
    ) -> Result<Vec<UserId>, Error> {
        let shown = self.read_directory(request, move |op| list_shown_domains(op, &owners)).await?;
        let at = shown.into_iter().filter(|(_, theirs)| *theirs == domain);
        Ok(at.map(|(owner, _)| owner).collect())
    }

    /// What is to be told of a person who is a member by the rule.
    pub(super) async fn tidings_now(
        &self,
        workspace: WorkspaceId,
        user: UserId,
    ) -> Result<Option<Tidings>, Error> {
        let Some(member) = self.member_now(workspace, user).await? else { return Ok(None) };
        let actor = Actor::new(Credential::System(member), self.new_request());
        match self.read(actor, workspace, find_tidings).await {
            // Removed in this moment, by somebody who saw them.
            Err(Error::NotFound) => Ok(None),
            found => found,
        }
    }
}

/// Writes to everybody who is to hear of it. Done again, it writes nothing.
pub(super) fn tell(
    op: &mut DirectoryOp,
    workspace: WorkspaceId,
    tidings: &Tidings,
) -> Result<(), Error> {
    for reader in &tidings.readers {
        let to = match get_address(op, *reader) {
            // Whom the directory does not know cannot be told.
            Err(Error::NotFound) => continue,
            to => to?,
        };
        let Tidings { name, address, workspace: place, is_last, member, .. } = tidings;
        let letter = letters::member_joined(&to, (name, address), place, *is_last)?;
        let ids = [workspace.as_bytes(), member.as_bytes(), reader.as_bytes()].concat();
        let id: LetterId = keyed_id(op, "joined-letter", &ids)?;
        enqueue_as(op, id, LetterKind::Joined, &letter)?;
    }
    Ok(())
}
