//! Remove a member, or leave: gone from the workspace, then from the directory.

use domain::ids::{MemberId, UserId, WorkspaceId};

use super::{kind, payload};
use crate::{
    Actor, App, Error, Op,
    app::to_the_end,
    identity::{NewIntention, delete_intention, insert_intention},
    live::Change,
    member::{Removal, leave_here, remove_member_here},
};

impl App {
    /// Removes a member. Their rights end with the workspace's transaction; their time stays.
    ///
    /// Errors: [`Error::NotFound`]; [`Error::Forbidden`]; [`crate::Refusal::LastOwner`];
    /// [`Error::Store`]. Audit: `member.removed`.
    pub async fn remove_member(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        member: MemberId,
    ) -> Result<(), Error> {
        let user = self
            .read(actor, workspace, move |op| {
                crate::member::get_member(op, member)?;
                let names = op.names()?;
                names.members.get(&member).map(|member| member.user).ok_or(Error::NotFound)
            })
            .await?;
        self.depart(actor, workspace, member, user, move |op| remove_member_here(op, member)).await
    }

    /// Leaves a workspace.
    ///
    /// Errors: as [`App::remove_member`].
    pub async fn leave(&self, actor: Actor, workspace: WorkspaceId) -> Result<(), Error> {
        let me = self.read(actor, workspace, |op| Ok((op.me().member, op.me().user)));
        let (member, user) = me.await?;
        self.depart(actor, workspace, member, user, leave_here).await
    }

    async fn depart(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        member: MemberId,
        user: UserId,
        go: impl Fn(&mut Op) -> Result<Removal, Error> + Send + 'static,
    ) -> Result<(), Error> {
        let app = self.clone();
        to_the_end(async move { app.depart_now(actor, workspace, member, user, go).await }).await
    }

    async fn depart_now(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        member: MemberId,
        user: UserId,
        go: impl Fn(&mut Op) -> Result<Removal, Error> + Send + 'static,
    ) -> Result<(), Error> {
        let intention = self
            .write_directory(actor.request, move |op| {
                let payload = payload(&[&member.to_string()]);
                let intention = NewIntention {
                    kind: kind::REMOVE,
                    workspace,
                    user: Some(user),
                    payload: &payload,
                };
                insert_intention(op, &intention)
            })
            .await?;
        self.passed("remove.intended").await;
        let gone = self.write(actor, workspace, move |op| go(op).map(drop)).await;
        self.passed("remove.gone").await;
        let gone = super::known(gone)?;
        if gone.is_ok() {
            // As the sweeper does it: they may have been invited and have joined again by now.
            self.settle_member(workspace, user).await?;
        }
        self.write_directory(actor.request, move |op| delete_intention(op, intention)).await?;
        // Open pages of theirs look again at once, and find that they may not.
        self.live().send(Change::Workspace { workspace, member });
        gone
    }
}
