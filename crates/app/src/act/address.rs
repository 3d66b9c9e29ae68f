//! Change the address one signs in with: the person's in the directory, then each member's in their
//! workspaces.
//!
//! The directory says which address a person has, so the act is done with its transaction, which writes
//! an intention for each workspace. What of those stops is finished by the sweeper. Where a change is taken
//! back, the API tokens that were made since it was asked for are revoked by the same intention.

use domain::ids::{IntentionId, RequestId, UserId, WorkspaceId};

use crate::{
    Actor, App, Credential, Error, Op,
    app::to_the_end,
    identity::{
        Confirm, Origin, Session,
        address::{CarriedOut, Moved, carry_out, stop},
        delete_intention, get_address,
    },
    live::Change,
    member::readdress_here,
    token,
};

/// What became of a code or a link that makes a new address one's own.
pub enum AddressChanged {
    /// It is theirs.
    Done,
    /// The code is wrong.
    Wrong {
        /// Tries left, at least one.
        left: i64,
    },
    /// The link belongs to another session: the code is to be typed where it was asked for.
    OtherBrowser,
    /// Too old, used, replaced, stopped, tried too often, or never made.
    NotValid,
    /// Somebody else has the address by now.
    Taken,
}

impl App {
    /// Makes a new address the person's, by what its mailbox got.
    ///
    /// Errors: [`Error::Store`]; a wrong code is an answer, so that its count is kept. Audit:
    /// `address.changed`; `member.changed` in each workspace.
    pub async fn confirm_address(
        &self,
        request: RequestId,
        session: Session,
        by: Confirm,
        origin: Origin,
    ) -> Result<AddressChanged, Error> {
        let app = self.clone();
        to_the_end(async move {
            let carried = app
                .write_directory(request, move |op| carry_out(op, &session, &by, &origin))
                .await?;
            Ok(match carried {
                CarriedOut::Done(moved) => {
                    app.passed("address.changed").await;
                    app.readdress_all(request, moved).await;
                    AddressChanged::Done
                }
                CarriedOut::Wrong(left) => AddressChanged::Wrong { left },
                CarriedOut::OtherBrowser => AddressChanged::OtherBrowser,
                CarriedOut::NotValid => AddressChanged::NotValid,
                CarriedOut::Taken => AddressChanged::Taken,
            })
        })
        .await
    }

    /// Stops a change of address, or takes it back, by the link that the mailbox before got.
    ///
    /// What was never carried out is only withdrawn.
    ///
    /// Errors: [`crate::Refusal::LinkNotValid`]; [`Error::Store`]. Audit: `address.stopped`; where it was
    /// carried out those of what goes with it, `session.ended`, and in each workspace `member.changed` and
    /// `token.revoked`.
    pub async fn stop_address_change(
        &self,
        request: RequestId,
        token: String,
        origin: Origin,
    ) -> Result<(), Error> {
        let app = self.clone();
        to_the_end(async move {
            let moved = app.write_directory(request, move |op| stop(op, &token, &origin)).await?;
            app.passed("address.stopped").await;
            app.readdress_all(request, moved).await;
            Ok(())
        })
        .await
    }

    /// Has the workspaces follow. The act is done: what cannot be reached now is the sweeper's.
    async fn readdress_all(&self, request: RequestId, moved: Moved) {
        let (user, since) = (moved.user, moved.tokens_since);
        for (intention, workspace) in moved.intentions {
            if let Err(error) = self.readdress(request, intention, (workspace, user), since).await {
                let request_id = request;
                tracing::warn!(%request_id, %workspace, %error, "a workspace has not followed yet");
            }
            self.passed("address.followed").await;
        }
    }

    async fn readdress(
        &self,
        request: RequestId,
        intention: IntentionId,
        (workspace, user): (WorkspaceId, UserId),
        tokens_since: Option<i64>,
    ) -> Result<(), Error> {
        if let Some(since) = tokens_since {
            self.revoke_tokens_since(workspace, user, since).await?;
        }
        self.settle_address(workspace, user).await?;
        self.write_directory(request, move |op| delete_intention(op, intention)).await
    }

    /// Revokes the API tokens that a person made in a workspace at or after an instant, in microseconds.
    pub(super) async fn revoke_tokens_since(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        since: i64,
    ) -> Result<(), Error> {
        // Who is here no more has no tokens.
        let Some(member) = self.member_now(workspace, user).await? else { return Ok(()) };
        let actor = Actor::new(Credential::System(member), self.new_request());
        let revoke = move |op: &mut Op| token::revoke_made_since(op, member, since);
        match self.write(actor, workspace, revoke).await {
            Err(Error::NotFound) => Ok(()),
            revoked => revoked,
        }
    }

    /// Has a workspace say what the directory says of a person's address.
    pub(super) async fn settle_address(
        &self,
        workspace: WorkspaceId,
        user: UserId,
    ) -> Result<(), Error> {
        let request = self.new_request();
        let mut address = self.read_directory(request, move |op| get_address(op, user)).await?;
        loop {
            let Some(member) = self.member_now(workspace, user).await? else { return Ok(()) };
            let actor = Actor::new(Credential::System(member), request);
            let put = address.clone();
            match self.write(actor, workspace, move |op| readdress_here(op, &put)).await {
                // Removed in this moment: then it is no business of that workspace.
                Ok(()) | Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
            self.live().send(Change::Workspace { workspace, member });
            // It may have changed again between the look and the write.
            let now = self.read_directory(request, move |op| get_address(op, user)).await?;
            if now == address {
                return Ok(());
            }
            address = now;
        }
    }
}
