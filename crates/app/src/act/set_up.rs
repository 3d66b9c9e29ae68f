//! Set a workspace up: found it, and let its first owner open it.

use domain::{
    day::Zone,
    ids::{IntentionId, MemberId, RequestId, UserId, WorkspaceId},
    period::WeekStart,
    preference::{ClockFormat, Currency, Locale},
    text::{EmailAddress, Name},
};

use vault::{decode_base64url, encode_base64url};

use super::{kind, payload};
use crate::{
    App, DirectoryOp, Error, Refusal,
    app::to_the_end,
    identity::{
        Method, NewIntention, NewSession, OpenSession, Origin, Purpose, add_membership,
        consume_link_hash, delete_intention, delete_workspace, get_enrolled, hash_secret,
        insert_intention, insert_workspace, is_disabled, keep_intention, list_memberships,
        look_at_one_time_link, mark_workspace_ready, open_session, set_zone,
    },
    workspace::{FoundWorkspace, Newcomer},
};

/// A workspace to be set up.
#[derive(Debug, Clone)]
pub struct SetUpWorkspace {
    /// Its name.
    pub name: Name,
    /// The first owner's name.
    pub owner_name: Name,
    /// The first owner's address.
    pub owner_address: EmailAddress,
    /// For the owner and new members.
    pub zone: Zone,
    /// For the owner and new members.
    pub week_start: WeekStart,
    /// How the owner's days are written.
    pub locale: Locale,
    /// ISO 4217.
    pub currency: Currency,
    /// Where the owner is.
    pub origin: Origin,
}

/// A workspace that was set up.
pub struct SetUp {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its owner.
    pub owner: UserId,
    /// The owner's session. None for somebody who belongs to another workspace already: the link
    /// proves that they may have a workspace, not who they are.
    pub session: Option<NewSession>,
}

impl App {
    /// Sets a workspace up by a set-up link, and signs its first owner in. The link is used up in
    /// the last step, with everything else, so that it still works when the act was cut short. When
    /// somebody else was faster with it, nothing stays of what was made.
    ///
    /// Errors: [`Refusal::LinkNotValid`]; [`Error::Invalid`] for `email` of somebody who is disabled;
    /// [`Error::Store`]. Audit: `workspace.created`, `member.joined`, and the directory's own events.
    pub async fn set_up_by_link(
        &self,
        request: RequestId,
        link: String,
        command: SetUpWorkspace,
    ) -> Result<SetUp, Error> {
        let app = self.clone();
        to_the_end(async move { app.set_up_now(request, link, command).await }).await
    }

    async fn set_up_now(
        &self,
        request: RequestId,
        link: String,
        command: SetUpWorkspace,
    ) -> Result<SetUp, Error> {
        let hash = hash_secret(&link).ok_or(Refusal::LinkNotValid)?;
        let looked =
            self.read_directory(request, move |op| look_at_one_time_link(op, &link)).await?;
        if looked != Some(Purpose::Setup) {
            return Err(Refusal::LinkNotValid.into());
        }
        let (origin, zone) = (command.origin.clone(), command.zone.clone());
        let begun = self.begin_set_up(request, Some(hash), command).await?;
        let finished = self
            .write_directory(request, move |op| {
                use_up(op, &hash)?;
                refuse_disabled(op, begun.user)?;
                let method = Method::PrintedLink;
                let asks_more = get_enrolled(op, begun.user)?.is_asked_after(method);
                let is_new = list_memberships(op, begun.user)?.is_empty() && !asks_more;
                finish(op, &begun)?;
                let user = begun.user;
                if is_new {
                    set_zone(op, user, &zone)?;
                }
                let open = OpenSession { user, method, second: None, remember: false };
                is_new.then(|| open_session(op, open, &origin)).transpose()
            })
            .await;
        let finished = super::known(finished)?;
        self.passed("set_up.finished").await;
        match finished {
            Ok(session) => Ok(SetUp { workspace: begun.workspace, owner: begun.user, session }),
            Err(refused) => {
                self.undo_set_up(request, begun.workspace, begun.intention).await?;
                Err(refused)
            }
        }
    }

    /// Sets a workspace up without a link: for the demo, the operator's commands and tests.
    ///
    /// Errors: [`Error::Invalid`] for `email` of somebody who is disabled; [`Error::Store`]. Audit: as
    /// [`App::set_up_by_link`].
    pub async fn set_up_workspace(
        &self,
        request: RequestId,
        command: SetUpWorkspace,
    ) -> Result<(WorkspaceId, UserId, MemberId), Error> {
        let zone = command.zone.clone();
        let begun = self.begin_set_up(request, None, command).await?;
        let ids = (begun.workspace, begun.user, begun.member);
        self.write_directory(request, move |op| {
            set_zone(op, begun.user, &zone)?;
            finish(op, &begun)
        })
        .await?;
        Ok(ids)
    }

    /// Keys, intention, workspace: all but the directory's last step.
    async fn begin_set_up(
        &self,
        request: RequestId,
        link: Option<[u8; 32]>,
        command: SetUpWorkspace,
    ) -> Result<Begun, Error> {
        let address = command.owner_address.clone();
        let user = self.find_or_create_person(request, address).await?;
        self.passed("set_up.person").await;
        let workspace: WorkspaceId = self.new_id();
        let member: MemberId = self.new_id();
        let intention = self.intend_set_up(request, link, workspace, user, member).await?;
        self.passed("set_up.intended").await;
        let owner = Newcomer {
            user,
            member,
            name: command.owner_name,
            address: command.owner_address,
            zone: command.zone.clone(),
            week_start: command.week_start,
            locale: command.locale,
            clock_format: ClockFormat::H24,
        };
        let found = FoundWorkspace {
            id: workspace,
            name: command.name,
            zone: command.zone,
            week_start: command.week_start,
            currency: command.currency,
            owner,
        };
        self.found_workspace(request, found).await?;
        self.passed("set_up.founded").await;
        Ok(Begun { intention, workspace, user, member })
    }

    /// Notes in the directory that a workspace is being made, and by which link.
    async fn intend_set_up(
        &self,
        request: RequestId,
        link: Option<[u8; 32]>,
        workspace: WorkspaceId,
        user: UserId,
        member: MemberId,
    ) -> Result<IntentionId, Error> {
        self.write_directory(request, move |op| {
            // Nothing is begun for who could not come in at its end.
            refuse_disabled(op, user)?;
            insert_workspace(op, workspace)?;
            let link = link.map(|hash| encode_base64url(&hash)).unwrap_or_default();
            let payload = payload(&[&member.to_string(), &link]);
            let intention =
                NewIntention { kind: kind::SET_UP, workspace, user: Some(user), payload: &payload };
            insert_intention(op, &intention)
        })
        .await
    }
}

impl App {
    /// Leaves nothing of a workspace that its owner was not told of. Does nothing when somebody else
    /// has settled the act meanwhile.
    pub(super) async fn undo_set_up(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        intention: IntentionId,
    ) -> Result<(), Error> {
        let is_ours = self.write_directory(request, move |op| keep_intention(op, intention));
        if !is_ours.await? {
            return Ok(());
        }
        self.store().drop_workspace(workspace).await?;
        self.write_directory(request, move |op| {
            delete_workspace(op, workspace)?;
            delete_intention(op, intention)
        })
        .await
    }
}

/// The link that an intention of a set-up names; none when it was made without one.
pub(super) fn read_link(text: &str) -> Result<Option<[u8; 32]>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let bytes = decode_base64url(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(Some).ok_or_else(|| Error::bug("an intention of another shape"))
}

/// Uses a set-up link up.
///
/// Errors: [`Refusal::LinkNotValid`].
pub(super) fn use_up(op: &mut DirectoryOp, link: &[u8; 32]) -> Result<(), Error> {
    match consume_link_hash(op, link)? {
        Some(Purpose::Setup) => Ok(()),
        _ => Err(Refusal::LinkNotValid.into()),
    }
}

/// Refuses a first owner who cannot sign in.
///
/// Errors: [`Error::Invalid`] for `email`.
pub(super) fn refuse_disabled(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    if !is_disabled(op, user)? {
        return Ok(());
    }
    let message = "Somebody with this address is kept from signing in here, and could not enter the \
                   workspace. Give another address, or ask whoever gave you the link.";
    Err(Error::invalid("email", "forbidden", message))
}

#[derive(Clone, Copy)]
struct Begun {
    intention: IntentionId,
    workspace: WorkspaceId,
    user: UserId,
    member: MemberId,
}

fn finish(op: &mut DirectoryOp, begun: &Begun) -> Result<(), Error> {
    mark_workspace_ready(op, begun.workspace)?;
    add_membership(op, begun.user, begun.workspace, begun.member)?;
    delete_intention(op, begun.intention)
}
