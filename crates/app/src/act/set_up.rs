//! Set a workspace up: found it, and let its first owner open it.

use domain::{
    day::Zone,
    ids::{IntentionId, MemberId, RequestId, UserId, WorkspaceId},
    period::WeekStart,
    preference::{ClockFormat, Currency, Locale},
    text::{EmailAddress, Name},
};

use super::{kind, payload};
use crate::{
    App, DirectoryOp, Error, Refusal,
    identity::{
        Method, NewIntention, NewSession, OpenSession, Purpose, add_membership, consume_link,
        delete_intention, insert_intention, insert_workspace, look_at_one_time_link,
        mark_workspace_ready, open_session,
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
}

/// A workspace that was set up.
#[derive(Debug)]
pub struct SetUp {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The first owner's session.
    pub session: NewSession,
}

impl App {
    /// Sets a workspace up by a set-up link, and signs its first owner in. The link is used up in
    /// the last step, with everything else, so that it still works when the act was cut short.
    ///
    /// Errors: [`Refusal::LinkNotValid`]; [`Error::Store`]. Audit: `workspace.created`,
    /// `member.joined`, and the directory's own events.
    pub async fn set_up_by_link(
        &self,
        request: RequestId,
        link: String,
        command: SetUpWorkspace,
    ) -> Result<SetUp, Error> {
        let token = link.clone();
        let looked =
            self.read_directory(request, move |op| look_at_one_time_link(op, &token)).await?;
        if looked != Some(Purpose::Setup) {
            return Err(Refusal::LinkNotValid.into());
        }
        let begun = self.begin_set_up(request, command).await?;
        let (user, workspace) = (begun.user, begun.workspace);
        let session = self
            .write_directory(request, move |op| {
                if consume_link(op, &link)? != Purpose::Setup {
                    return Err(Refusal::LinkNotValid.into());
                }
                finish(op, &begun)?;
                open_session(op, OpenSession { user, method: Method::PrintedLink, remember: false })
            })
            .await?;
        self.passed("set_up.finished").await;
        Ok(SetUp { workspace, session })
    }

    /// Sets a workspace up without a link: for the demo, the operator's commands and tests.
    ///
    /// Errors: [`Error::Store`]. Audit: as [`App::set_up_by_link`].
    pub async fn set_up_workspace(
        &self,
        request: RequestId,
        command: SetUpWorkspace,
    ) -> Result<(WorkspaceId, UserId, MemberId), Error> {
        let begun = self.begin_set_up(request, command).await?;
        let ids = (begun.workspace, begun.user, begun.member);
        self.write_directory(request, move |op| finish(op, &begun)).await?;
        Ok(ids)
    }

    /// Keys, intention, workspace: all but the directory's last step.
    async fn begin_set_up(
        &self,
        request: RequestId,
        command: SetUpWorkspace,
    ) -> Result<Begun, Error> {
        let address = command.owner_address.clone();
        let user = self.find_or_create_person(request, address).await?;
        self.passed("set_up.person").await;
        let workspace: WorkspaceId = self.new_id();
        let member: MemberId = self.new_id();
        let intention = self.intend_set_up(request, workspace, user, member).await?;
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

    /// Notes in the directory that a workspace is being made.
    pub(super) async fn intend_set_up(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        user: UserId,
        member: MemberId,
    ) -> Result<IntentionId, Error> {
        self.write_directory(request, move |op| {
            insert_workspace(op, workspace)?;
            let payload = payload(&[&member.to_string()]);
            let intention =
                NewIntention { kind: kind::SET_UP, workspace, user: Some(user), payload: &payload };
            insert_intention(op, &intention)
        })
        .await
    }
}

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
