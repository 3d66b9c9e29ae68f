//! Say who may join by themselves: the workspace's rule, and what the directory keeps of it.

use domain::{
    ids::{UserId, WorkspaceId},
    joining::{JoinRule, MailDomain},
    permission::{Relation, Right},
};

use super::kind;
use crate::{
    Actor, App, Error,
    app::to_the_end,
    identity::{
        JoinPlaces, NewIntention, delete_intention, get_join_domains, insert_intention,
        list_shown_domains, put_join_domains,
    },
    joining::{ChangeJoinRule, ReadJoinRule, change_join_rule, check_join_rule, look_at_rule},
    member::list_owners,
};

impl App {
    /// Changes the rule about mail domains; in force for who joins from then on.
    ///
    /// Errors: [`Error::Forbidden`] for who is no owner; [`Error::NeedsProof`]; [`Error::Stale`];
    /// [`Error::Invalid`] for a domain at which no owner has shown a mailbox of theirs, and for a role
    /// that is not there or gives more than a member may; [`Error::Store`]. Audit: `join_rule.changed`;
    /// nothing when it is so already.
    pub async fn change_join_rule(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        change: ChangeJoinRule,
    ) -> Result<ReadJoinRule, Error> {
        let app = self.clone();
        to_the_end(async move { app.change_join_rule_now(actor, workspace, change).await }).await
    }

    async fn change_join_rule_now(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        change: ChangeJoinRule,
    ) -> Result<ReadJoinRule, Error> {
        let shown = self.shown_domains(actor, workspace).await?;
        let intention = self
            .write_directory(actor.request, move |op| {
                let new =
                    NewIntention { kind: kind::JOIN_RULE, workspace, user: None, payload: "" };
                insert_intention(op, &new)
            })
            .await?;
        self.passed("join_rule.intended").await;
        let written =
            self.write(actor, workspace, move |op| change_join_rule(op, &change, &shown)).await;
        self.passed("join_rule.written").await;
        let written = super::known(written)?;
        if written.is_ok() {
            self.settle_join_domains(workspace).await?;
        }
        self.write_directory(actor.request, move |op| delete_intention(op, intention)).await?;
        self.passed("join_rule.finished").await;
        written
    }

    /// What a change would make of the rule, without doing it: the rule as it is, and as it would be.
    ///
    /// Errors: as [`App::change_join_rule`], but [`Error::NeedsProof`].
    pub async fn look_at_join_rule(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        change: ChangeJoinRule,
    ) -> Result<(ReadJoinRule, JoinRule), Error> {
        let shown = self.shown_domains(actor, workspace).await?;
        self.read(actor, workspace, move |op| check_join_rule(op, &change, &shown)).await
    }

    /// The owners who have shown that a mailbox is theirs, with its domain.
    async fn shown_domains(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
    ) -> Result<Vec<(UserId, MailDomain)>, Error> {
        let owners = self.read(actor, workspace, |op| {
            op.require(Right::NarrowSignIn, Relation::Workspace)?;
            list_owners(op)
        });
        let owners = owners.await?;
        self.read_directory(actor.request, move |op| list_shown_domains(op, &owners)).await
    }

    /// Has the directory say what the workspace says of who may join.
    pub(super) async fn settle_join_domains(&self, workspace: WorkspaceId) -> Result<(), Error> {
        let mut rule = self.join_domains_now(workspace).await?;
        loop {
            let (domains, version) = rule.clone();
            self.write_directory(self.new_request(), move |op| {
                let places = JoinPlaces::of(op, &domains, version)?;
                if get_join_domains(op, workspace)? == places {
                    return Ok(());
                }
                put_join_domains(op, workspace, &places)
            })
            .await?;
            // It may have changed between the look and the write.
            let now = self.join_domains_now(workspace).await?;
            if now == rule {
                return Ok(());
            }
            rule = now;
        }
    }

    /// What a workspace says; nothing for one that is not there.
    async fn join_domains_now(
        &self,
        workspace: WorkspaceId,
    ) -> Result<(Vec<MailDomain>, i64), Error> {
        match self.look_over_threshold(workspace, look_at_rule).await {
            Err(Error::NotFound) => Ok((Vec::new(), 1)),
            found => found.map(|found| (found.rule.domains, found.version)),
        }
    }
}
